"""Packages from the machine's package sources, fetched by apt with a separate state and cache.

Its list of installed packages is empty, so the closure of dependencies is complete on every machine. Sources, keys and
signatures are the machine's.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
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
COMPLETE_FILE = "complete"  # written last: a copy without it is incomplete
REQUIRED_PACKAGES = re.compile(r"lib|zlib|proj-data$")
EXCLUDED_PACKAGES = re.compile(r"lib(gdal|llvm|sfcgal|perl|c6|c-bin|gcc-s)")
"""Libraries for rasters, JIT, solids and Perl; the C library is the machine's."""
EXCLUDED_PATHS = (
    "./usr/share/doc",
    "./usr/share/man",
    "./usr/share/locale",
    "./usr/share/lintian",
    "./usr/lib/postgresql/*/lib/bitcode",
)
APT_SETTINGS = """# no hooks of the machine: some of them clean its cache
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
    """Client of the machine's package sources, with a separate state."""

    def __init__(self, work_folder: Path) -> None:
        self.work_folder = work_folder
        self.environment = {"APT_CONFIG": str(work_folder / "apt.conf")}
        for folder in ("lists/partial", "cache/archives/partial", "conf"):
            (work_folder / folder).mkdir(parents=True)
        (work_folder / "status").touch()
        self._write_settings()

    def _write_settings(self) -> None:
        """Write the machine's settings and then those of this module, which apt reads last."""
        for file in Path("/etc/apt/apt.conf.d").glob("*"):
            if file.is_file() and os.access(file, os.R_OK):
                shutil.copy(file, self.work_folder / "conf" / file.name)
        main_file = Path("/etc/apt/apt.conf")
        if main_file.is_file():
            shutil.copy(main_file, self.work_folder / "conf" / "zz-main")
        (self.work_folder / "conf" / "zzz-gridmap").write_text(APT_SETTINGS.format(state=self.work_folder))
        (self.work_folder / "apt.conf").write_text(
            f'Dir::Etc::parts "{self.work_folder}/conf";\nDir::Etc::main "/dev/null";\n'
        )

    def run_apt(self, program: str, *arguments: str) -> str:
        """Run a program of apt and return its output."""
        return run(f"apt-{program}", *arguments, environment=self.environment)

    def install(self, folder: Path, version: int | None, progress: Progress) -> Path:
        """Fetch and unpack the packages of a server, and return the folder."""
        progress(Message(FETCHING_POSTGIS), 0, 3)
        version, archives = self.download_server(version)
        progress(Message(FETCHING_POSTGIS), 1, 3)
        copy = build_copy(folder / f"postgis-{version}", archives)
        progress(Message(FETCHING_POSTGIS), 3, 3)
        return copy

    def download_server(self, version: int | None) -> tuple[int, list[Path]]:
        """Download the packages of a server; return its version and their archives."""
        output = self._update_lists()
        version = self._choose_version(version, output)
        return version, self._download(self.list_required(version))

    def download(self, names: Iterable[str]) -> list[Path]:
        """Download packages and return their archives."""
        self._update_lists()
        return self._download(names)

    def _update_lists(self) -> str:
        """Fetch the package lists and return apt's output; a failure matters only if packages are missing later."""
        try:
            return self.run_apt("get", "update", "-q")
        except ProgramError as error:
            return error.output

    def _choose_version(self, version: int | None, output: str) -> int:
        names = self.run_apt("cache", "pkgnames", "postgresql-").split()
        matches = (re.fullmatch(r"postgresql-(\d+)-postgis-3", name) for name in names)
        offered = {int(match[1]) for match in matches if match and int(match[1]) >= MIN_POSTGRES_VERSION}
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
        """Return the names of the packages that a server needs at run time: the closure of its libraries.

        Other packages that an installation would add (Perl, systemd, tools of the distribution) are left out, as are
        libraries for rasters, solids and compiled queries.
        """
        server = f"postgresql-{version}"
        pending = [server, f"postgresql-client-{version}", f"{server}-postgis-3", f"{server}-postgis-3-scripts"]
        lines = self.run_apt("get", "install", "--print-uris", "-qq", "-y", *pending).splitlines()
        candidates = {line.split()[1].partition("_")[0] for line in lines if line.startswith("'")}
        dependencies = parse_dependencies(self.run_apt("cache", "depends", "--important", *sorted(candidates)))
        required: set[str] = set()
        while pending:
            name = pending.pop()
            if name in candidates and name not in required:
                required.add(name)
                pending += [
                    dependency
                    for dependency in dependencies[name]
                    if REQUIRED_PACKAGES.match(dependency) and not EXCLUDED_PACKAGES.match(dependency)
                ]
        return sorted(required)

    def _download(self, names: Iterable[str]) -> list[Path]:
        """Download packages and return their archives; apt checks signatures and writes to its working folder."""
        folder = self.work_folder / "cache" / "archives"
        run("env", "-C", folder, "apt-get", "download", "-q", *names, environment=self.environment)
        return sorted(folder.glob("*.deb"))


def build_copy(copy: Path, archives: Sequence[Path]) -> Path:
    """Unpack the packages of a server into a folder, and return it.

    It is built in a temporary folder and moved to its place when it is complete; a former copy is removed last.
    """
    part = copy.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o755)
    part.chmod(0o755)
    extract_archives(archives, part)
    _link_control_files(part)
    (part / COMPLETE_FILE).write_text("".join(f"{archive.name}\n" for archive in archives))
    run("sync", "-f", part / COMPLETE_FILE)
    replace_folder(copy, part)
    return copy


def replace_folder(copy: Path, part: Path) -> None:
    """Move a complete copy to its place; the previous copy is removed last."""
    stale = copy.with_suffix(".stale")
    shutil.rmtree(stale, ignore_errors=True)
    if copy.exists():
        copy.rename(stale)
    part.rename(copy)
    shutil.rmtree(stale, ignore_errors=True)


def parse_dependencies(depends: str) -> dict[str, list[str]]:
    """Return the dependencies of each package in the output of ``apt-cache depends``, virtual ones by provider."""
    dependencies: dict[str, list[str]] = {}
    name = ""
    for line in depends.splitlines():
        if line.startswith(" "):
            dependencies[name].append(line.split()[-1].strip("<>").partition(":")[0])
        else:
            name = line.strip()
            dependencies[name] = []
    return dependencies


def extract_archives(archives: Iterable[Path], folder: Path) -> None:
    """Unpack archives, several at a time: decompression takes most of the time."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(lambda archive: _extract_archive(archive, folder), archives):
            pass


def _extract_archive(archive: Path, folder: Path) -> None:
    excluded = [f"--exclude={path}" for path in EXCLUDED_PATHS]
    tar = ["tar", "-x", "-C", str(folder), "--no-same-owner", "--same-permissions", *excluded]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as archive_stream:  # noqa: S603, S607 - a program of Debian, our archives
        result = subprocess.run(tar, stdin=archive_stream.stdout, capture_output=True, text=True, check=False)  # noqa: S603 - our arguments
    if result.returncode or archive_stream.returncode:
        raise ProgramError("tar", result.stderr)


def _link_control_files(folder: Path) -> None:
    """Link control files under names without a version, as the packages' installation scripts do."""
    for control in folder.glob("usr/share/postgresql/*/extension/*-3.control"):
        link = control.with_name(control.name.replace("-3.control", ".control"))
        if not link.exists():
            link.symlink_to(control.name)
