"""Which PostgreSQL with PostGIS to run: the machine's own, else a private copy."""

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
    """Programs of one major version, and what their surroundings must say for them to run."""

    folder: Path
    version: int
    environment: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, program: str) -> Path:
        return self.folder / program


def find_binaries(version: int | None, progress: Progress) -> Binaries:
    """The programs to run.

    Parameters
    ----------
    version : int, optional
        Major version that the data was made with; else the newest that has PostGIS.
    progress : Progress
        Told of the steps when a private copy has to be fetched.

    Raises
    ------
    BadInput
        If there are none and none can be fetched.
    """
    found = next(
        (one for one in list_binaries() if one.version >= MIN_POSTGRES_VERSION and version in (None, one.version)), None
    )
    return found or _private_binaries(private_install.ensure_copy(version, progress))


def list_binaries() -> Iterator[Binaries]:
    """Programs that are there already: the machine's newest first, then those ``pg_config`` names, then copies."""
    folders = SYSTEM_ROOT.glob("usr/lib/postgresql/[0-9]*/bin")
    for folder in sorted(folders, key=lambda path: -int(path.parent.name)):
        extensions = SYSTEM_ROOT / "usr/share/postgresql" / folder.parent.name / "extension"
        if (extensions / "postgis.control").exists() and (folder / "initdb").exists():
            yield Binaries(folder, int(folder.parent.name))
    yield from _pg_config_binaries()
    yield from (_private_binaries(copy) for copy in private_install.list_copies().values())


def find_client_binaries(version: int) -> Binaries | None:
    """Programs, with PostGIS or without, that can speak to a server of a version: the oldest of them."""
    installed = (Binaries(file.parent, int(file.parts[-3])) for file in SYSTEM_ROOT.glob(PG_DUMP_PATTERN))
    return min(
        (one for one in (*list_binaries(), *installed) if one.version >= version),
        key=attrgetter("version"),
        default=None,
    )


def _pg_config_binaries() -> Iterator[Binaries]:
    """What ``pg_config`` on the path knows, for servers that were built or installed elsewhere."""
    if not shutil.which("pg_config"):
        return
    try:
        folder, share = (Path(run("pg_config", ask).strip()) for ask in ("--bindir", "--sharedir"))
        version = re.search(r"\d+", run("pg_config", "--version"))
    except ProgramError:
        return
    if version and (share / "extension" / "postgis.control").exists() and (folder / "initdb").exists():
        yield Binaries(folder, int(version[0]))


def _private_binaries(copy: Path) -> Binaries:
    """Programs of a private copy; only they are told where its libraries are."""
    folder = next(copy.glob("usr/lib/postgresql/*/bin"))
    libraries = [*copy.glob("usr/lib/*-linux-*"), *copy.glob("lib/*-linux-*")]
    environment = {"LD_LIBRARY_PATH": ":".join(map(str, libraries)), "PROJ_DATA": str(copy / "usr" / "share" / "proj")}
    return Binaries(folder, int(folder.parent.name), environment)
