"""A private copy of PostGIS from the packages of the machine's own system, without root and with the system untouched.

It is shared: root's by everybody on the machine, an account's by all its homes of gridmap.
"""

import os
import shutil
import tempfile
from pathlib import Path

from gridmap.core.errors import N_, Message
from gridmap.core.progress import Progress
from gridmap.postgres.apt_packages import COMPLETE_FILE, AptClient
from gridmap.postgres.error_hints import SET_DATABASE_URL, error_with_hint
from gridmap.postgres.subprocesses import ProgramError, file_lock

NO_APT = N_("no PostGIS on this machine, and no apt to fetch it with")
NO_PROGRAMS = N_(
    "the data are of PostgreSQL {version}, which this machine has no programs for, nor apt to fetch them with"
)
SHARED_FOLDER = Path("/var/lib/gridmap")


def copy_folders() -> tuple[Path, ...]:
    """Folders that hold copies: the one this account may write to first, then the one root shares with everybody."""
    shared = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return (SHARED_FOLDER,) if os.geteuid() == 0 else (Path(shared) / "gridmap", SHARED_FOLDER)


def list_copies() -> dict[int, Path]:
    """Complete copies by version, newest first."""
    found = [path.parent for place in reversed(copy_folders()) for path in place.glob(f"postgis-*/{COMPLETE_FILE}")]
    named = ((path.name.removeprefix("postgis-"), path) for path in found)
    by_version = {int(version): path for version, path in named if version.isdigit()}
    return dict(sorted(by_version.items(), reverse=True))


def ensure_copy(version: int | None, progress: Progress) -> Path:
    """Folder of a complete copy, fetched when there is none; two at once wait for each other.

    Parameters
    ----------
    version : int, optional
        Major version of PostgreSQL; else the newest that the machine's sources offer.
    progress : Progress
        Told of every step.

    Raises
    ------
    BadInput
        If the machine has no apt, its sources cannot be reached, or they offer no such version.
    """
    place = _writable_folder()
    with file_lock(place / "postgis.lock"):
        ready = list_copies()
        if ready and (version is None or version in ready):
            return ready[version or max(ready)]
        return _fetch_copy(place, version, progress)


def renew_copy(version: int, progress: Progress) -> Path:
    """Folder of a copy fetched now, in the place of the one there is; servers that run go on with what they have open.

    Parameters
    ----------
    version : int
        Major version of PostgreSQL.
    progress : Progress
        Told of every step.

    Raises
    ------
    BadInput
        If it cannot be fetched; the old copy stays then.
    """
    place = _writable_folder()
    with file_lock(place / "postgis.lock"):
        return _fetch_copy(place, version, progress)


def ensure_package(package: str) -> Path:
    """Folder of a private copy of one package without what it depends on, for programs that stand on their own.

    Parameters
    ----------
    package : str
        Its name in the machine's package sources.

    Raises
    ------
    ProgramError
        If the machine has no apt, or its sources do not offer the package.
    """
    place = _writable_folder()
    copy = place / package
    with file_lock(place / f"{package}.lock"), tempfile.TemporaryDirectory(prefix="gridmap-apt-", dir=place) as state:
        if not copy.exists():
            packages, part = AptClient(Path(state)), Path(state) / "part"
            part.mkdir()
            packages.fetch([package], part)
            part.chmod(0o755)
            part.rename(copy)
    return copy


def _writable_folder() -> Path:
    place = copy_folders()[0]
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        place.chmod(0o755)
    return place


def _fetch_copy(folder: Path, version: int | None, progress: Progress) -> Path:
    missing = [name for name in ("apt-get", "apt-cache", "dpkg-deb", "tar") if not shutil.which(name)]
    if missing:
        problem = Message(NO_PROGRAMS, {"version": version}) if version else Message(NO_APT)
        raise error_with_hint(problem, advice=Message(SET_DATABASE_URL))
    state = folder / "postgis.apt"
    shutil.rmtree(state, ignore_errors=True)  # of one that was interrupted
    try:
        return AptClient(state).install(folder, version, progress)
    except ProgramError as error:
        raise error_with_hint(Message(N_("PostGIS could not be fetched with apt")), error.output) from error
    finally:
        shutil.rmtree(state, ignore_errors=True)
