"""A private copy of PostGIS from the packages of the machine's own system, without root and with the system untouched.

apt works on a state and cache of its own, with an empty list of installed packages: so the closure of dependencies is
complete whatever the machine has. Sources, keys and signatures are the machine's.
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmap.core.errors import N_, Message
from gridmap.core.progress import Progress
from gridmap.store.cluster.programs import Failed, run
from gridmap.store.cluster.refusals import GIVE_ONE, refusal

FETCHING = N_("Fetching PostGIS from the machine's package sources")
SERVER_WIDE = Path("/var/lib/gridmap")
COMPLETE = "complete"  # written last: a copy without it was interrupted
NEEDED = re.compile(r"lib|zlib|proj-data$")
USELESS = re.compile(
    r"lib(gdal|llvm|sfcgal|perl|c6|c-bin|gcc-s)"
)  # rasters, compiled queries, solids, Perl; the C library is the machine's
LEFT_OUT = (
    "./usr/share/doc",
    "./usr/share/man",
    "./usr/share/locale",
    "./usr/share/lintian",
    "./usr/lib/postgresql/*/lib/bitcode",
)
SETTINGS = """
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
Dir::State "{state}";
Dir::State::lists "{state}/lists";
Dir::State::status "{state}/status";
Dir::Cache "{state}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Log "{state}";
Debug::NoLocking "true";
APT::Sandbox::User "";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb-src::Sources::DefaultEnabled "false";
Acquire::Retries "3";
"""


def places() -> tuple[Path, ...]:
    """Folders that hold copies: the one this account may write to first, then the one root shares with everybody."""
    shared = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return (SERVER_WIDE,) if os.geteuid() == 0 else (Path(shared) / "gridmap", SERVER_WIDE)


def copies() -> dict[int, Path]:
    """Complete copies by version, newest first."""
    found = [path.parent for place in reversed(places()) for path in place.glob(f"postgis-*/{COMPLETE}")]
    by_version = {int(path.name.partition("-")[2]): path for path in found}
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
    with _locked(place / "postgis.lock"):
        ready = copies()
        if ready and (version is None or version in ready):
            return ready[version or max(ready)]
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
    with _locked(place / f"{package}.lock"), tempfile.TemporaryDirectory(prefix="gridmap-apt-", dir=place) as state:
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


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fetched(place: Path, version: int | None, progress: Progress) -> Path:
    missing = [name for name in ("apt-get", "apt-cache", "dpkg-deb", "tar") if not shutil.which(name)]
    if missing:
        raise refusal(Message(N_("no PostGIS on this machine, and no apt to fetch it with")), advice=Message(GIVE_ONE))
    with tempfile.TemporaryDirectory(prefix="gridmap-apt-", dir=place) as state:
        try:
            return Packages(Path(state)).unpack(place, version, progress)
        except Failed as error:
            raise refusal(Message(N_("PostGIS could not be fetched with apt")), error.words) from error


class Packages:
    """The machine's package sources, seen through a state of our own."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.environment = {"APT_CONFIG": str(state / "apt.conf")}
        for folder in ("lists/partial", "cache/archives/partial", "conf"):
            (state / folder).mkdir(parents=True)
        (state / "status").touch()
        self._configure()

    def _configure(self) -> None:
        """The machine's settings, then ours: apt reads its own last, so they are copied in before ours."""
        for file in Path("/etc/apt/apt.conf.d").glob("*"):
            if file.is_file() and os.access(file, os.R_OK):
                shutil.copy(file, self.state / "conf" / file.name)
        main = Path("/etc/apt/apt.conf")
        if main.is_file():
            shutil.copy(main, self.state / "conf" / "zz-main")
        (self.state / "conf" / "zzz-gridmap").write_text(SETTINGS.format(state=self.state))
        (self.state / "apt.conf").write_text(f'Dir::Etc::parts "{self.state}/conf";\nDir::Etc::main "/dev/null";\n')

    def apt(self, program: str, *arguments: str) -> str:
        """What a program of apt says."""
        return run(f"apt-{program}", *arguments, environment=self.environment)

    def unpack(self, place: Path, version: int | None, progress: Progress) -> Path:
        """Fetch and unpack; the copy is built beside its place and moved there when it is complete."""
        progress(Message(FETCHING), 0, 3)
        words = self._update()
        version = self._offered(version, words)
        archives = self._download(self.needed(version))
        progress(Message(FETCHING), 1, 3)
        part, copy = place / f"postgis-{version}.part", place / f"postgis-{version}"
        for stale in (part, copy):
            shutil.rmtree(stale, ignore_errors=True)
        part.mkdir(mode=0o755)
        part.chmod(0o755)
        _extract(archives, part)
        progress(Message(FETCHING), 2, 3)
        _alias(part)
        (part / COMPLETE).write_text("".join(f"{archive.name}\n" for archive in archives))
        run("sync", "-f", part / COMPLETE)
        part.rename(copy)
        progress(Message(FETCHING), 3, 3)
        return copy

    def fetch(self, names: Iterable[str], folder: Path) -> None:
        """Fetch packages and unpack them into a folder."""
        self._update()
        _extract(self._download(names), folder)

    def _update(self) -> str:
        """Fetch the lists; a source of others that fails matters only if the packages are then missing."""
        try:
            return self.apt("get", "update", "-q")
        except Failed as error:
            return error.words

    def _offered(self, version: int | None, words: str) -> int:
        names = self.apt("cache", "pkgnames", "postgresql-").split()
        offered = {int(found[1]) for name in names if (found := re.fullmatch(r"postgresql-(\d+)-postgis-3", name))}
        if version is None and offered:
            return max(offered)
        if version not in offered or version is None:
            problem = N_("the machine's package sources offer no PostGIS for PostgreSQL {version}")
            raise refusal(Message(problem, {"version": version or ""}), words, Message(GIVE_ONE))
        return version

    def needed(self, version: int) -> list[str]:
        """Names of the packages that a server needs at run time: the closure of dependencies along libraries.

        Everything else that installing would bring (Perl, systemd, tools of the distribution) is left out, as are
        libraries that only rasters, solids and compiled queries want.
        """
        server = f"postgresql-{version}"
        wanted = [server, f"postgresql-client-{version}", f"{server}-postgis-3", f"{server}-postgis-3-scripts"]
        lines = self.apt("get", "install", "--print-uris", "-qq", "-y", *wanted).splitlines()
        chosen = {line.split()[1].partition("_")[0] for line in lines if line.startswith("'")}
        leads = _leads(self.apt("cache", "depends", "--important", *sorted(chosen)))
        found: set[str] = set()
        while wanted:
            name = wanted.pop()
            if name in chosen and name not in found:
                found.add(name)
                wanted += [lead for lead in leads[name] if NEEDED.match(lead) and not USELESS.match(lead)]
        return sorted(found)

    def _download(self, names: Iterable[str]) -> list[Path]:
        """Archives of packages, signatures and sums checked by apt, which writes to where it is run."""
        folder = self.state / "cache" / "archives"
        run("env", "-C", folder, "apt-get", "download", "-q", *names, environment=self.environment)
        return sorted(folder.glob("*.deb"))


def _leads(depends: str) -> dict[str, list[str]]:
    """What each package depends on, from the words of ``apt-cache depends``: virtual ones by who provides them."""
    leads: dict[str, list[str]] = {}
    name = ""
    for line in depends.splitlines():
        if line.startswith(" "):
            leads[name].append(line.split()[-1].strip("<>").partition(":")[0])
        else:
            name = line.strip()
            leads[name] = []
    return leads


def _extract(archives: Iterable[Path], folder: Path) -> None:
    excluded = [f"--exclude={path}" for path in LEFT_OUT]
    tar = ["tar", "-x", "-C", str(folder), "--no-same-owner", "--same-permissions", *excluded]
    for archive in archives:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as opened:  # noqa: S603, S607
            taken = subprocess.run(tar, stdin=opened.stdout, capture_output=True, text=True, check=False)  # noqa: S603
        if taken.returncode or opened.returncode:
            raise Failed("tar", taken.stderr)


def _alias(folder: Path) -> None:
    """Give extensions the names without version that a package's installation script would have made."""
    for control in folder.glob("usr/share/postgresql/*/extension/*-3.control"):
        plain = control.with_name(control.name.replace("-3.control", ".control"))
        if not plain.exists():
            plain.symlink_to(control.name)
