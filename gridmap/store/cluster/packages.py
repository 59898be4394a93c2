"""The machine's package sources, seen by an apt with a state and cache of its own.

Its list of installed packages is empty: so the closure of dependencies is complete whatever the machine has. Sources,
keys and signatures are the machine's.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gridmap.core.errors import N_, Message
from gridmap.core.progress import Progress
from gridmap.store.cluster.programs import Failed, run
from gridmap.store.cluster.refusals import GIVE_ONE, OLDEST, refusal

FETCHING = N_("Fetching PostGIS from the machine's package sources")
OTHER_VERSION = N_(
    "the data are of PostgreSQL {version}, which the machine's package sources no longer offer; they offer {offered}"
)
COMPLETE = "complete"  # written last: a copy without it was interrupted
NEEDED = re.compile(r"lib|zlib|proj-data$")
USELESS = re.compile(r"lib(gdal|llvm|sfcgal|perl|c6|c-bin|gcc-s)")  # rasters, JIT, solids, Perl; C is the machine's
LEFT_OUT = (
    "./usr/share/doc",
    "./usr/share/man",
    "./usr/share/locale",
    "./usr/share/lintian",
    "./usr/lib/postgresql/*/lib/bitcode",
)
SETTINGS = """# hooks are the machine's own affair: some of them tidy up its cache
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
APT::Update::Error-Mode "any";
"""


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
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o755)
        part.chmod(0o755)
        _extract(archives, part)
        progress(Message(FETCHING), 2, 3)
        _alias(part)
        (part / COMPLETE).write_text("".join(f"{archive.name}\n" for archive in archives))
        run("sync", "-f", part / COMPLETE)
        replace(copy, part)
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
        found = (re.fullmatch(r"postgresql-(\d+)-postgis-3", name) for name in names)
        offered = {int(one[1]) for one in found if one and int(one[1]) >= OLDEST}
        if not offered:
            raise refusal(Message(N_("the machine's package sources offer no PostGIS")), words, Message(GIVE_ONE))
        if version is not None and version not in offered:
            advice = Message(N_("restore a backup in another GRIDMAP_HOME, or install that version with PostGIS"))
            raise refusal(Message(OTHER_VERSION, {"version": version, "offered": max(offered)}), advice=advice)
        return version or max(offered)

    def needed(self, version: int) -> list[str]:
        """Names of the packages that a server needs at run time: the closure of dependencies along libraries.

        Everything else that installing would bring (Perl, systemd, tools of the distribution) is left out, as are
        libraries that only rasters, solids and compiled queries want.
        """
        server = f"postgresql-{version}"
        wanted = [server, f"postgresql-client-{version}", f"{server}-postgis-3", f"{server}-postgis-3-scripts"]
        lines = self.apt("get", "install", "--print-uris", "-qq", "-y", *wanted).splitlines()
        chosen = {line.split()[1].partition("_")[0] for line in lines if line.startswith("'")}
        leads = leads_of(self.apt("cache", "depends", "--important", *sorted(chosen)))
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


def replace(copy: Path, part: Path) -> None:
    """Put a complete copy in its place; one that stands there goes last."""
    stale = copy.with_suffix(".stale")
    shutil.rmtree(stale, ignore_errors=True)
    if copy.exists():
        copy.rename(stale)
    part.rename(copy)
    shutil.rmtree(stale, ignore_errors=True)


def leads_of(depends: str) -> dict[str, list[str]]:
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
    """Unpack archives, several at a time: most of the time goes into decompressing."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(lambda archive: _extract_one(archive, folder), archives):
            pass


def _extract_one(archive: Path, folder: Path) -> None:
    excluded = [f"--exclude={path}" for path in LEFT_OUT]
    tar = ["tar", "-x", "-C", str(folder), "--no-same-owner", "--same-permissions", *excluded]
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
