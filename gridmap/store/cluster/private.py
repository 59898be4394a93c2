"""A private copy of PostGIS from the packages of the machine's own system, without root and with the system untouched.

It is shared: root's by everybody on the machine, an account's by all its homes of gridmap.
"""

import os
import shutil
import tempfile
from pathlib import Path

from gridmap.core.errors import N_, Message
from gridmap.core.progress import Progress
from gridmap.store.cluster.packages import COMPLETE, Packages
from gridmap.store.cluster.programs import Failed, locked
from gridmap.store.cluster.refusals import GIVE_ONE, refusal

NO_APT = N_("no PostGIS on this machine, and no apt to fetch it with")
NO_PROGRAMS = N_(
    "the data are of PostgreSQL {version}, which this machine has no programs for, nor apt to fetch them with"
)
SERVER_WIDE = Path("/var/lib/gridmap")


def places() -> tuple[Path, ...]:
    """Folders that hold copies: the one this account may write to first, then the one root shares with everybody."""
    shared = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return (SERVER_WIDE,) if os.geteuid() == 0 else (Path(shared) / "gridmap", SERVER_WIDE)


def copies() -> dict[int, Path]:
    """Complete copies by version, newest first."""
    found = [path.parent for place in reversed(places()) for path in place.glob(f"postgis-*/{COMPLETE}")]
    named = ((path.name.removeprefix("postgis-"), path) for path in found)
    by_version = {int(version): path for version, path in named if version.isdigit()}
    return dict(sorted(by_version.items(), reverse=True))


def unpacked(version: int | None, progress: Progress) -> Path:
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
    place = _own_place()
    with locked(place / "postgis.lock"):
        ready = copies()
        if ready and (version is None or version in ready):
            return ready[version or max(ready)]
        return _fetched(place, version, progress)


def renewed(version: int, progress: Progress) -> Path:
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
    place = _own_place()
    with locked(place / "postgis.lock"):
        return _fetched(place, version, progress)


def single(package: str) -> Path:
    """Folder of a private copy of one package without what it depends on, for programs that stand on their own.

    Parameters
    ----------
    package : str
        Its name in the machine's package sources.

    Raises
    ------
    Failed
        If the machine has no apt, or its sources do not offer the package.
    """
    place = _own_place()
    copy = place / package
    with locked(place / f"{package}.lock"), tempfile.TemporaryDirectory(prefix="gridmap-apt-", dir=place) as state:
        if not copy.exists():
            packages, part = Packages(Path(state)), Path(state) / "part"
            part.mkdir()
            packages.fetch([package], part)
            part.chmod(0o755)
            part.rename(copy)
    return copy


def _own_place() -> Path:
    place = places()[0]
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        place.chmod(0o755)
    return place


def _fetched(place: Path, version: int | None, progress: Progress) -> Path:
    missing = [name for name in ("apt-get", "apt-cache", "dpkg-deb", "tar") if not shutil.which(name)]
    if missing:
        problem = Message(NO_PROGRAMS, {"version": version}) if version else Message(NO_APT)
        raise refusal(problem, advice=Message(GIVE_ONE))
    state = place / "postgis.apt"
    shutil.rmtree(state, ignore_errors=True)  # of one that was interrupted
    try:
        return Packages(state).unpack(place, version, progress)
    except Failed as error:
        raise refusal(Message(N_("PostGIS could not be fetched with apt")), error.words) from error
    finally:
        shutil.rmtree(state, ignore_errors=True)
