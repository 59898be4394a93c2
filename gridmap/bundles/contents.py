"""Contents of a bundle: the project, wheels, scripts of pages, and Debian packages."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.postgres.apt_packages import AptClient
from gridmap.postgres.private_install import BUNDLED_DEBS, CADDY_PACKAGE, copy_name
from gridmap.postgres.subprocesses import ProgramError

WHEELS, MODULES = "bundle/wheels", "static/vendor/node_modules"
NOT_SET_UP = N_("{folder} is missing: run scripts/setup first, in a checkout of git")


def list_project_files(root: Path) -> dict[str, Path]:
    """Return the files that git tracks, and the third-party scripts of pages, by their path.

    Raises
    ------
    InvalidInput
        If the folder is no checkout that has been set up.
    """
    if not (root / MODULES).is_dir() or not (root / ".git").exists():
        raise InvalidInput([InputFault(Message(NOT_SET_UP, {"folder": root / MODULES}))])
    tracked = [name for name in _run_git(root, "ls-files", "-z").split("\0") if name and (root / name).is_file()]
    return {name: root / name for name in [*tracked, *_list_modules(root)]}


def _list_modules(root: Path) -> Iterator[str]:
    """Yield the files of npm's packages, without the links to their programs."""
    for path in (root / MODULES).rglob("*"):
        if path.is_file() and not path.is_symlink() and ".bin" not in path.parts:
            yield str(path.relative_to(root))


def describe_release(root: Path) -> dict[str, str]:
    """Return the name of the bundle of a checkout, the version, and the time of its revision.

    A revision with local changes says so in its name.
    """
    seconds = int(_run_git(root, "log", "-1", "--format=%ct"))
    created = datetime.fromtimestamp(seconds, UTC)
    revision = _run_git(root, "describe", "--always", "--dirty=.changed", "--exclude=*").strip()
    release = version("gridmap")
    return {
        "name": f"gridmap-{release}-{created:%Y%m%d}-{revision}",
        "version": release,
        "created": created.isoformat(),
        "seconds": str(seconds),
    }


def _run_git(root: Path, *arguments: str) -> str:
    git = ["git", "-C", str(root), *arguments]
    return subprocess.run(git, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our arguments


def download_wheels(lock: Path, folder: Path) -> dict[str, Path]:
    """Download the wheels of a lock file, each compared with its hash there, and return them by their path."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download"]
    options = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--dest", str(folder)]
    result = subprocess.run([*pip, *options, "-r", str(lock)], check=False, capture_output=True, text=True)  # noqa: S603 - our arguments
    if result.returncode:
        raise ProgramError("pip", result.stderr)
    return _by_path(folder, WHEELS)


def download_debs(folder: Path) -> dict[str, Path]:
    """Download the Debian packages of PostGIS and Caddy; apt checks the signatures of its sources."""
    folder.mkdir()
    server, proxy = AptClient(folder / "server"), AptClient(folder / "proxy")
    number, archives = server.download_server(None)
    found = {f"{BUNDLED_DEBS}/{copy_name(number)}/{archive.name}": archive for archive in archives}
    caddy = proxy.download([CADDY_PACKAGE])
    return found | {f"{BUNDLED_DEBS}/{CADDY_PACKAGE}/{archive.name}": archive for archive in caddy}


def _by_path(folder: Path, prefix: str) -> dict[str, Path]:
    return {f"{prefix}/{path.name}": path for path in sorted(folder.iterdir())}
