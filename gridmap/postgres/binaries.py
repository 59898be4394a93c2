"""Programs of PostgreSQL with PostGIS: the machine's own, else a private copy."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

from gridmap.core.progress import Progress
from gridmap.postgres import private_install
from gridmap.postgres.error_hints import MIN_POSTGRES_VERSION
from gridmap.postgres.subprocesses import ProgramError, run

SYSTEM_ROOT = Path("/")
PG_DUMP_PATTERN = "usr/lib/postgresql/[0-9]*/bin/pg_dump"


@dataclass(frozen=True)
class Binaries:
    """Programs of one major version, with the environment variables that they need."""

    folder: Path
    version: int
    environment: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, program: str) -> Path:
        return self.folder / program


def find_binaries(version: int | None, progress: Progress) -> Binaries:
    """Return the programs to run.

    Parameters
    ----------
    version : int, optional
        Major version of the data; by default the newest version with PostGIS.
    progress : Progress
        Receives the steps when a private copy has to be fetched.

    Raises
    ------
    InvalidInput
        If there are no programs and none can be fetched.
    """
    suitable = (
        binaries
        for binaries in list_binaries()
        if binaries.version >= MIN_POSTGRES_VERSION and version in (None, binaries.version)
    )
    return next(suitable, None) or _private_binaries(private_install.ensure_copy(version, progress))


def list_binaries() -> Iterator[Binaries]:
    """Yield the installed programs: the machine's, newest first, then those of ``pg_config``, then private copies."""
    folders = SYSTEM_ROOT.glob("usr/lib/postgresql/[0-9]*/bin")
    for folder in sorted(folders, key=lambda path: -int(path.parent.name)):
        extensions = SYSTEM_ROOT / "usr/share/postgresql" / folder.parent.name / "extension"
        if (extensions / "postgis.control").exists() and (folder / "initdb").exists():
            yield Binaries(folder, int(folder.parent.name))
    yield from _pg_config_binaries()
    yield from (_private_binaries(copy) for copy in private_install.list_copies().values())


def find_client_binaries(version: int) -> Binaries | None:
    """Return the oldest programs, with or without PostGIS, that support a server of a version."""
    installed = (Binaries(file.parent, int(file.parts[-3])) for file in SYSTEM_ROOT.glob(PG_DUMP_PATTERN))
    return min(
        (binaries for binaries in (*list_binaries(), *installed) if binaries.version >= version),
        key=attrgetter("version"),
        default=None,
    )


def _pg_config_binaries() -> Iterator[Binaries]:
    """Yield the programs of ``pg_config``, for servers that were built or installed elsewhere."""
    if not shutil.which("pg_config"):
        return
    try:
        folder, share = (Path(run("pg_config", option).strip()) for option in ("--bindir", "--sharedir"))
        version = re.search(r"\d+", run("pg_config", "--version"))
    except ProgramError:
        return
    if version and (share / "extension" / "postgis.control").exists() and (folder / "initdb").exists():
        yield Binaries(folder, int(version[0]))


def _private_binaries(copy: Path) -> Binaries:
    """Return the programs of a private copy, with the environment variables for its libraries."""
    folder = next(copy.glob("usr/lib/postgresql/*/bin"))
    libraries = [*copy.glob("usr/lib/*-linux-*"), *copy.glob("lib/*-linux-*")]
    environment = {"LD_LIBRARY_PATH": ":".join(map(str, libraries)), "PROJ_DATA": str(copy / "usr" / "share" / "proj")}
    return Binaries(folder, int(folder.parent.name), environment)
