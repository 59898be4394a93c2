"""A Debian machine of its own without a network: booted by systemd-nspawn, cut off from power by SIGKILL."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fixtures.postgis import SERVER_DIR

RELEASE = "bookworm"
PACKAGES = "python3,systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd"
TOOLS = ("debootstrap", "systemd-nspawn", "nsenter")
ENVIRONMENT = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "GRIDMAP_LANGUAGE=en"]
BOOT_TIMEOUT_S = 60.0


def missing_tools() -> str:
    """Return why no machine can be made here, or an empty text."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if os.geteuid() != 0:
        return "only root can boot a machine"
    return f"not installed: {', '.join(missing)} (packages debootstrap and systemd-container)" if missing else ""


def base_system() -> Path:
    """Return the folder of a minimal Debian 12 with Python and systemd, made once."""
    folder = SERVER_DIR.parent / f"debian-{RELEASE}"
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, str(part)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        part.rename(folder)
    return folder


class OfflineMachine:
    """A machine whose only network interface is the loopback.

    Parameters
    ----------
    root : Path
        Folder of its disk.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.container: subprocess.Popen[bytes] | None = None
        self.init_pid = 0

    def boot(self) -> None:
        """Boot the machine; return when systemd has started its units."""
        options = ["--quiet", "--boot", "--private-network", "--register=no", "--keep-unit", "--console=read-only"]
        self.container = subprocess.Popen(
            ["systemd-nspawn", *options, "--directory", str(self.root)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + BOOT_TIMEOUT_S
        while not self._has_booted():
            if time.monotonic() > deadline or self.container.poll() is not None:
                raise SystemExit("the machine does not boot")
            time.sleep(0.1)

    def _has_booted(self) -> bool:
        assert self.container is not None
        children = Path(f"/proc/{self.container.pid}/task/{self.container.pid}/children").read_text().split()
        self.init_pid = int(children[0]) if children else 0
        return bool(children) and self.ask("systemctl is-system-running").strip() in ("running", "degraded")

    def cut_power(self) -> None:
        """Kill every process of the machine at once, as a power cut does."""
        assert self.container is not None
        assert self.init_pid
        os.kill(self.init_pid, signal.SIGKILL)  # the kernel kills the whole process namespace
        self.container.wait(30)

    def shell(self, command: str, account: str = "root") -> "subprocess.CompletedProcess[str]":
        """Run a shell command and return its result."""
        user = ["runuser", "--login", account, "--command", f"export GRIDMAP_LANGUAGE=en; {command}"]
        program = ["bash", "-c", f"export HOME=/root; cd /root; {command}"] if account == "root" else user
        enter = ["nsenter", "--target", str(self.init_pid), "--mount", "--uts", "--ipc", "--net", "--pid", "--root"]
        return subprocess.run([*enter, *ENVIRONMENT, *program], capture_output=True, text=True, check=False)

    def ask(self, command: str, account: str = "root") -> str:
        """Return the output of a shell command, whatever its exit code."""
        return self.shell(command, account).stdout

    def do(self, command: str, account: str = "root") -> str:
        """Run a shell command that must succeed, and return its output."""
        result = self.shell(command, account)
        if result.returncode:
            raise SystemExit(f"{command}: exit code {result.returncode}\n{result.stdout}\n{result.stderr}")
        return result.stdout

    def status_of(self, path: str, port: int = 8000) -> int:
        """Return the HTTP status of a page of the service, or 0."""
        request = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}{path}', timeout=5).status)"
        return int(self.ask(f'python3 -c "{request}" 2>/dev/null').strip() or 0)

    def wait_for_page(self, timeout_s: float) -> float:
        """Return the seconds until the sign-in page is answered by 200."""
        start = time.monotonic()
        while self.status_of("/sign-in") != 200:
            if time.monotonic() - start > timeout_s:
                raise SystemExit(f"no sign-in page after {timeout_s:g} s")
            time.sleep(0.2)
        return time.monotonic() - start


@contextmanager
def offline_machine(disk: Path) -> Iterator[OfflineMachine]:
    """Boot a new machine, and remove it at the end."""
    subprocess.run(["cp", "-a", "--reflink=auto", base_system(), disk], check=True)
    machine = OfflineMachine(disk)
    machine.boot()
    try:
        yield machine
    finally:
        if machine.container and machine.container.poll() is None:
            machine.cut_power()
