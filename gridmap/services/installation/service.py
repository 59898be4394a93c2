"""The service unit: install it, remove it, ask how it is."""

import fcntl
import os
import pwd
import shutil
import time
import urllib.request
from pathlib import Path

from gridmap import config
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.postgres.subprocesses import ProgramError, run
from gridmap.services.installation import units
from gridmap.services.installation.units import SERVICE_ACCOUNT, SYSTEM_HOME, UNIT_NAME, ServiceInstallation

READY_TIMEOUT_S, POLL_INTERVAL_S = 240.0, 0.5
NO_SYSTEMD = N_("This machine is not run by systemd; start gridmap at boot by other means: {command}")
ACCOUNT_CANNOT_RUN = N_(
    "The account {account} of the service cannot run {program}: keep gridmap in a folder that every account can read, "
    "such as /opt"
)
RUNNING_ELSEWHERE = N_("gridmap is running for {home} without a service unit; stop it first (Ctrl-C).")
NOT_READY = N_("The service does not become ready; see: {command}")
NO_ACCOUNT = N_("The system account {account} cannot be created: {reason}")
SYSTEMD_FAILED = N_("systemd refuses: {reason}")


def install_service(options: tuple[str, ...]) -> ServiceInstallation:
    """Write the unit for the programs that run this code, enable it, and (re)start it.

    Parameters
    ----------
    options : tuple of str
        Options of ``gridmap serve``.

    Returns
    -------
    ServiceInstallation
        Of root, with the account of the service and its own data folder; else of this account.

    Raises
    ------
    NotPossible
        If systemd does not run this machine, the account cannot run gridmap, or the service does not become ready.
    """
    folder, is_root = units.program_folder(), os.geteuid() == 0
    account, home = (SERVICE_ACCOUNT, SYSTEM_HOME) if is_root else (None, config.data_dir().absolute())
    installation = ServiceInstallation(folder, home, account, options, has_unit=True)
    require_systemd(installation)
    if account:
        _ensure_account(account)
        _check_program(installation)
    if not units.unit_file().exists():
        require_stopped(home)
    _write_unit(installation)
    restart_service(installation)
    return installation


def require_systemd(installation: ServiceInstallation) -> None:
    """Raise an error that names the command to start, if systemd does not run this machine."""
    if not shutil.which("systemctl") or not Path("/run/systemd/system").is_dir():
        raise NotPossible(Message(NO_SYSTEMD, {"command": f"{installation.program} serve"}))


def _ensure_account(account: str) -> None:
    """Create the account of the service, which cannot sign in, unless it exists."""
    try:
        pwd.getpwnam(account)
    except KeyError:
        nologin = shutil.which("nologin", path="/usr/sbin:/sbin") or "/bin/false"
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", str(SYSTEM_HOME), "--shell", nologin]
        try:
            run("useradd", *options, account)
        except ProgramError as error:
            values = {"account": account, "reason": error.output.strip()}
            raise NotPossible(Message(NO_ACCOUNT, values)) from error


def _check_program(installation: ServiceInstallation) -> None:
    try:
        run(installation.program, "--version", account=installation.account)
    except (ProgramError, PermissionError) as error:
        values = {"account": installation.account, "program": installation.program}
        raise NotPossible(Message(ACCOUNT_CANNOT_RUN, values)) from error


def _write_unit(installation: ServiceInstallation) -> None:
    file = units.unit_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.part")
    draft.write_text(units.render_unit(installation), "utf-8")
    draft.chmod(0o644)
    draft.replace(file)


def restart_service(installation: ServiceInstallation) -> None:
    """Start the service anew with its current unit, enable it for every boot, and wait until it is ready."""
    run_systemctl("daemon-reload")
    run_systemctl("enable", UNIT_NAME)
    run_systemctl("restart", UNIT_NAME)
    wait_until_ready(installation)


def wait_until_ready(installation: ServiceInstallation, timeout_s: float = READY_TIMEOUT_S) -> None:
    """Wait until the service answers and its database is that of its version.

    Raises
    ------
    NotPossible
        If that takes too long.
    """
    deadline = time.monotonic() + timeout_s
    while not (is_running(installation.home) and is_ready(service_url(installation.home))):
        if time.monotonic() > deadline:
            journal = f"journalctl {'' if installation.account else '--user '}-u {UNIT_NAME}"
            raise NotPossible(Message(NOT_READY, {"command": journal}))
        time.sleep(POLL_INTERVAL_S)


def is_running(home: Path) -> bool:
    """Return whether a supervisor holds the lock of a home."""
    try:
        with (home / "serve.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def require_stopped(home: Path) -> None:
    """Raise an error if gridmap runs for a home."""
    if is_running(home):
        raise NotPossible(Message(RUNNING_ELSEWHERE, {"home": home}))


def service_url(home: Path) -> str:
    """Return the URL that the supervisor of a home has written into its lock, or an empty text."""
    file = home / "serve.lock"
    return file.read_text("utf-8").strip() if file.exists() else ""


def is_ready(url: str) -> bool:
    """Return whether the service at a URL is ready."""
    if not url.startswith("http://"):
        return False
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def stop_service() -> None:
    """Stop the unit; it stays enabled."""
    run_systemctl("stop", UNIT_NAME)


def uninstall_service() -> bool:
    """Stop and remove the unit; return whether there was one. Programs and data stay."""
    if not units.unit_file().exists():
        return False
    run_systemctl("disable", "--now", UNIT_NAME)
    units.unit_file().unlink()
    run_systemctl("daemon-reload")
    return True


def service_status() -> dict[str, object]:
    """Return the installation, and how its service is, as plain values."""
    installation = units.current_installation()
    url = service_url(installation.home) if is_running(installation.home) else ""
    return {
        "unit": str(units.unit_file()) if installation.has_unit else None,
        "enabled": installation.has_unit and _ask_systemctl("is-enabled") == "enabled",
        "running": bool(url),
        "ready": is_ready(url),
        "url": url or None,
        "programs": str(installation.folder),
        "home": str(installation.home),
        "account": installation.account,
    }


def enable_linger() -> bool:
    """Let units of this account run while nobody is signed in; return whether that was allowed."""
    if os.geteuid() == 0:
        return True
    try:
        run("loginctl", "enable-linger", pwd.getpwuid(os.geteuid()).pw_name)
    except ProgramError:
        return False
    return True


def _ask_systemctl(question: str) -> str:
    try:
        return run("systemctl", *_manager(), question, UNIT_NAME, environment=_manager_environment()).strip()
    except ProgramError as error:
        return error.output.strip().partition("\n")[0]


def run_systemctl(*arguments: str) -> str:
    """Run systemctl for the manager of this account, or of the system for root.

    Raises
    ------
    NotPossible
        If systemd refuses.
    """
    try:
        return run("systemctl", *_manager(), *arguments, environment=_manager_environment())
    except ProgramError as error:
        raise NotPossible(Message(SYSTEMD_FAILED, {"reason": error.output.strip()})) from error


def _manager() -> list[str]:
    return [] if os.geteuid() == 0 else ["--user"]


def _manager_environment() -> dict[str, str]:
    """Return the variables with which systemctl finds the manager of an account, also in a shell without them."""
    if os.geteuid() == 0:
        return {}
    return {"XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.geteuid()}")}
