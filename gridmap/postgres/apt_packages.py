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
from gridmap.postgres.error_hints import MIN_POSTGRES_VERSION, SET_DATABASE_URL, error_with_hint
from gridmap.postgres.subprocesses import ProgramError, run

FETCHING_POSTGIS = N_("Fetching PostGIS from the machine's package sources")
VERSION_NOT_OFFERED = N_(
    "the data are of PostgreSQL {version}, which the machine's package sources no longer offer; they offer {offered}"
)
COMPLETE_FILE = "complete"  # written last: a copy without it was interrupted
REQUIRED_PACKAGES = re.compile(r"lib|zlib|proj-data$")
EXCLUDED_PACKAGES = re.compile(
    r"lib(gdal|llvm|sfcgal|perl|c6|c-bin|gcc-s)"
)  # rasters, JIT, solids, Perl; C is the machine's
EXCLUDED_PATHS = (
    "./usr/share/doc",
    "./usr/share/man",
    "./usr/share/locale",
    "./usr/share/lintian",
    "./usr/lib/postgresql/*/lib/bitcode",
)
APT_SETTINGS = """# hooks are the machine's own affair: some of them tidy up its cache
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


class AptClient:
    """The machine's package sources, seen through a state of our own."""

    def __init__(self, work_folder: Path) -> None:
        self.work_folder = work_folder
        self.environment = {"APT_CONFIG": str(work_folder / "apt.conf")}
        for folder in ("lists/partial", "cache/archives/partial", "conf"):
            (work_folder / folder).mkdir(parents=True)
        (work_folder / "status").touch()
        self._write_settings()

    def _write_settings(self) -> None:
        """The machine's settings, then ours: apt reads its own last, so they are copied in before ours."""
        for file in Path("/etc/apt/apt.conf.d").glob("*"):
            if file.is_file() and os.access(file, os.R_OK):
                shutil.copy(file, self.work_folder / "conf" / file.name)
        main = Path("/etc/apt/apt.conf")
        if main.is_file():
            shutil.copy(main, self.work_folder / "conf" / "zz-main")
        (self.work_folder / "conf" / "zzz-gridmap").write_text(APT_SETTINGS.format(state=self.work_folder))
        (self.work_folder / "apt.conf").write_text(
            f'Dir::Etc::parts "{self.work_folder}/conf";\nDir::Etc::main "/dev/null";\n'
        )

    def run_apt(self, program: str, *arguments: str) -> str:
        """What a program of apt says."""
        return run(f"apt-{program}", *arguments, environment=self.environment)

    def install(self, folder: Path, version: int | None, progress: Progress) -> Path:
        """Fetch and unpack; the copy is built beside its place and moved there when it is complete."""
        progress(Message(FETCHING_POSTGIS), 0, 3)
        words = self._update_lists()
        version = self._choose_version(version, words)
        archives = self._download(self.list_required(version))
        progress(Message(FETCHING_POSTGIS), 1, 3)
        part, copy = folder / f"postgis-{version}.part", folder / f"postgis-{version}"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o755)
        part.chmod(0o755)
        _extract_archives(archives, part)
        progress(Message(FETCHING_POSTGIS), 2, 3)
        _link_control_files(part)
        (part / COMPLETE_FILE).write_text("".join(f"{archive.name}\n" for archive in archives))
        run("sync", "-f", part / COMPLETE_FILE)
        replace_folder(copy, part)
        progress(Message(FETCHING_POSTGIS), 3, 3)
        return copy

    def fetch(self, names: Iterable[str], folder: Path) -> None:
        """Fetch packages and unpack them into a folder."""
        self._update_lists()
        _extract_archives(self._download(names), folder)

    def _update_lists(self) -> str:
        """Fetch the lists; a source of others that fails matters only if the packages are then missing."""
        try:
            return self.run_apt("get", "update", "-q")
        except ProgramError as error:
            return error.output

    def _choose_version(self, version: int | None, output: str) -> int:
        names = self.run_apt("cache", "pkgnames", "postgresql-").split()
        found = (re.fullmatch(r"postgresql-(\d+)-postgis-3", name) for name in names)
        offered = {int(one[1]) for one in found if one and int(one[1]) >= MIN_POSTGRES_VERSION}
        if not offered:
            raise error_with_hint(
                Message(N_("the machine's package sources offer no PostGIS")), output, Message(SET_DATABASE_URL)
            )
        if version is not None and version not in offered:
            advice = Message(N_("restore a backup in another GRIDMAP_HOME, or install that version with PostGIS"))
            raise error_with_hint(
                Message(VERSION_NOT_OFFERED, {"version": version, "offered": max(offered)}), advice=advice
            )
        return version or max(offered)

    def list_required(self, version: int) -> list[str]:
        """Names of the packages that a server needs at run time: the closure of dependencies along libraries.

        Everything else that installing would bring (Perl, systemd, tools of the distribution) is left out, as are
        libraries that only rasters, solids and compiled queries want.
        """
        server = f"postgresql-{version}"
        wanted = [server, f"postgresql-client-{version}", f"{server}-postgis-3", f"{server}-postgis-3-scripts"]
        lines = self.run_apt("get", "install", "--print-uris", "-qq", "-y", *wanted).splitlines()
        chosen = {line.split()[1].partition("_")[0] for line in lines if line.startswith("'")}
        leads = parse_dependencies(self.run_apt("cache", "depends", "--important", *sorted(chosen)))
        found: set[str] = set()
        while wanted:
            name = wanted.pop()
            if name in chosen and name not in found:
                found.add(name)
                wanted += [
                    lead for lead in leads[name] if REQUIRED_PACKAGES.match(lead) and not EXCLUDED_PACKAGES.match(lead)
                ]
        return sorted(found)

    def _download(self, names: Iterable[str]) -> list[Path]:
        """Archives of packages, signatures and sums checked by apt, which writes to where it is run."""
        folder = self.work_folder / "cache" / "archives"
        run("env", "-C", folder, "apt-get", "download", "-q", *names, environment=self.environment)
        return sorted(folder.glob("*.deb"))


def replace_folder(copy: Path, part: Path) -> None:
    """Put a complete copy in its place; one that stands there goes last."""
    stale = copy.with_suffix(".stale")
    shutil.rmtree(stale, ignore_errors=True)
    if copy.exists():
        copy.rename(stale)
    part.rename(copy)
    shutil.rmtree(stale, ignore_errors=True)


def parse_dependencies(depends: str) -> dict[str, list[str]]:
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


def _extract_archives(archives: Iterable[Path], folder: Path) -> None:
    """Unpack archives, several at a time: most of the time goes into decompressing."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(lambda archive: _extract_archive(archive, folder), archives):
            pass


def _extract_archive(archive: Path, folder: Path) -> None:
    excluded = [f"--exclude={path}" for path in EXCLUDED_PATHS]
    tar = ["tar", "-x", "-C", str(folder), "--no-same-owner", "--same-permissions", *excluded]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as opened:  # noqa: S603, S607
        taken = subprocess.run(tar, stdin=opened.stdout, capture_output=True, text=True, check=False)  # noqa: S603
    if taken.returncode or opened.returncode:
        raise ProgramError("tar", taken.stderr)


def _link_control_files(folder: Path) -> None:
    """Give extensions the names without version that a package's installation script would have made."""
    for control in folder.glob("usr/share/postgresql/*/extension/*-3.control"):
        plain = control.with_name(control.name.replace("-3.control", ".control"))
        if not plain.exists():
            plain.symlink_to(control.name)
