"""Private copy of PostGIS from the bundle or the machine's package sources, without root or changes to the system.

Root's copy is shared by all accounts of the machine, an account's copy by all its homes of gridmap.
"""

import os
import shutil
import tempfile
from pathlib import Path

from gridmap import config
from gridmap.core.errors import N_, Message
from gridmap.core.progress import Progress
from gridmap.postgres.apt_packages import COMPLETE_FILE, AptClient, build_copy, extract_archives
from gridmap.postgres.error_hints import SET_DATABASE_URL, error_with_hint
from gridmap.postgres.subprocesses import ProgramError, file_lock
from gridmap.system_accounts import SHARED_FOLDER

NO_APT = N_("this machine has neither PostGIS nor apt to fetch it with")
NO_PROGRAMS = N_(
    "the data are of PostgreSQL {version}; this machine has neither its programs nor apt to fetch them with"
)
BUNDLED_DEBS = "bundle/debs"
"""Folder of the packages in an installation from a bundle, whose signature has been checked."""
CADDY_PACKAGE = "caddy"
UNPACKING_POSTGIS = N_("Unpacking PostGIS from the bundle")


def copy_folders() -> tuple[Path, ...]:
    """Return the folders of copies: first the one this account can write to, then root's, which is shared."""
    shared = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return (SHARED_FOLDER,) if os.geteuid() == 0 else (Path(shared) / "gridmap", SHARED_FOLDER)


def list_copies() -> dict[int, Path]:
    """Return complete copies by version, newest first."""
    copies = [path.parent for folder in reversed(copy_folders()) for path in folder.glob(f"postgis-*/{COMPLETE_FILE}")]
    named = ((path.name.removeprefix("postgis-"), path) for path in copies)
    by_version = {int(version): path for version, path in named if version.isdigit()}
    return dict(sorted(by_version.items(), reverse=True))


def ensure_copy(version: int | None, progress: Progress) -> Path:
    """Return the folder of a complete copy, which is fetched if there is none; concurrent calls wait for each other.

    Parameters
    ----------
    version : int, optional
        Major version of PostgreSQL; by default the newest one of the machine's sources.
    progress : Progress
        Receives every step.

    Raises
    ------
    InvalidInput
        If the machine has no apt, its sources cannot be reached, or they offer no such version.
    """
    folder = _writable_folder()
    with file_lock(folder / "postgis.lock"):
        copies = list_copies()
        if copies and (version is None or version in copies):
            return copies[version or max(copies)]
        return _fetch_copy(folder, version, progress)


def renew_copy(version: int, progress: Progress) -> Path:
    """Replace a copy by a newly fetched one and return its folder; running servers keep their open files.

    Parameters
    ----------
    version : int
        Major version of PostgreSQL.
    progress : Progress
        Receives every step.

    Raises
    ------
    InvalidInput
        If it cannot be fetched; the old copy stays then.
    """
    folder = _writable_folder()
    with file_lock(folder / "postgis.lock"):
        return _fetch_copy(folder, version, progress)


def ensure_package(package: str) -> Path:
    """Return the folder of a private copy of one package, without its dependencies.

    Parameters
    ----------
    package : str
        Name in the machine's package sources.

    Raises
    ------
    ProgramError
        If the machine has no apt, or its sources do not offer the package.
    """
    folder = _writable_folder()
    copy = folder / package
    with (
        file_lock(folder / f"{package}.lock"),
        tempfile.TemporaryDirectory(prefix="gridmap-apt-", dir=folder) as work_folder,
    ):
        if not copy.exists():
            part = Path(work_folder) / "part"
            part.mkdir()
            archives = bundled_archives(package) or AptClient(Path(work_folder) / "apt").download([package])
            extract_archives(archives, part)
            part.chmod(0o755)
            part.rename(copy)
    return copy


def copy_name(version: int) -> str:
    """Return the name of the folder with a copy of PostGIS.

    >>> copy_name(15)
    'postgis-15'
    """
    return f"postgis-{version}"


def bundled_archives(name: str) -> list[Path]:
    """Return the archives of a package, or of a copy of PostGIS, in the bundle of this installation."""
    return sorted((config.PACKAGE_DIR.parent / BUNDLED_DEBS / name).glob("*.deb"))


def bundled_version() -> int | None:
    """Return the major version of PostgreSQL in the bundle of this installation, or None."""
    names = (
        path.name.removeprefix("postgis-") for path in (config.PACKAGE_DIR.parent / BUNDLED_DEBS).glob("postgis-*")
    )
    return max((int(name) for name in names if name.isdigit()), default=None)


def _writable_folder() -> Path:
    folder = copy_folders()[0]
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        folder.chmod(0o755)
    return folder


def _fetch_copy(folder: Path, version: int | None, progress: Progress) -> Path:
    """Build a copy from the bundle, if it has the version, else from the machine's package sources."""
    bundled = bundled_version()
    if bundled is not None and version in (None, bundled):
        return _unpack_copy(folder, bundled, progress)
    return _download_copy(folder, version, progress)


def _unpack_copy(folder: Path, version: int, progress: Progress) -> Path:
    progress(Message(UNPACKING_POSTGIS), 0, 1)
    try:
        copy = build_copy(folder / copy_name(version), bundled_archives(copy_name(version)))
    except (ProgramError, OSError) as error:
        raise error_with_hint(Message(N_("PostGIS could not be unpacked from the bundle")), str(error)) from error
    progress(Message(UNPACKING_POSTGIS), 1, 1)
    return copy


def _download_copy(folder: Path, version: int | None, progress: Progress) -> Path:
    missing = [name for name in ("apt-get", "apt-cache", "dpkg-deb", "tar") if not shutil.which(name)]
    if missing:
        problem = Message(NO_PROGRAMS, {"version": version}) if version else Message(NO_APT)
        raise error_with_hint(problem, advice=Message(SET_DATABASE_URL))
    work_folder = folder / "postgis.apt"
    shutil.rmtree(work_folder, ignore_errors=True)  # of an interrupted fetch
    try:
        return AptClient(work_folder).install(folder, version, progress)
    except ProgramError as error:
        raise error_with_hint(Message(N_("PostGIS could not be fetched with apt")), error.output) from error
    finally:
        shutil.rmtree(work_folder, ignore_errors=True)
