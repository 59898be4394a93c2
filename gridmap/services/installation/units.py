"""Service units of systemd: an account of its own, few rights, and a start after every boot."""

import os
import pwd
import re
from dataclasses import dataclass
from pathlib import Path

from gridmap import config

UNIT_NAME = "gridmap.service"
SERVICE_ACCOUNT = "gridmap"
SYSTEM_HOME = Path("/var/lib/gridmap/home")
SYSTEM_SETTINGS = Path("/etc/default/gridmap")
RECORD_SECTION = "X-Gridmap"  # systemd ignores sections that begin with X-
UNIT_TEMPLATE = """\
# Written by gridmap service install; changes are lost at the next upgrade. Settings belong in {settings}.
[Unit]
Description=gridmap, map service for grid governance
Documentation=file:{documentation}
After=network.target
StartLimitIntervalSec=0

[Service]
Type=exec
{identity}Environment={home_variable}
EnvironmentFile=-{settings_file}
ExecStart={command}
Restart=always
RestartSec=5
KillMode=mixed
TimeoutStopSec=60
{hardening}
[Install]
WantedBy={target}

[{section}]
Folder={folder}
Home={home}
"""
SYSTEM_IDENTITY = """\
User={account}
Group={account}
StateDirectory=gridmap/home
StateDirectoryMode=0700
"""
COMMON_HARDENING = """\
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
"""
SYSTEM_HARDENING = """\
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome={protect_home}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
"""
"""Compiled kernels need memory that is writable and executable, so MemoryDenyWriteExecute is not among them."""


@dataclass(frozen=True)
class ServiceInstallation:
    """Programs, data and account of one installation of gridmap.

    Parameters
    ----------
    folder : Path
        Checkout, or folder opened from a bundle.
    home : Path
        Folder of the data, `GRIDMAP_HOME`.
    account : str, optional
        System account that runs the service; None for the current account.
    options : tuple of str
        Options of ``gridmap serve``.
    has_unit : bool
        Whether a service unit runs it.
    """

    folder: Path
    home: Path
    account: str | None = None
    options: tuple[str, ...] = ()
    has_unit: bool = False

    @property
    def program(self) -> Path:
        """Return the command ``gridmap`` of this installation."""
        return self.folder / ".venv" / "bin" / "gridmap"


def program_folder() -> Path:
    """Return the checkout or opened bundle that runs this code."""
    return config.PACKAGE_DIR.parent


def account_name() -> str:
    """Return the name of the current account."""
    return pwd.getpwuid(os.geteuid()).pw_name


def unit_file() -> Path:
    """Return the file of the unit: of the system for root, else of this account."""
    if os.geteuid() == 0:
        return Path("/etc/systemd/system") / UNIT_NAME
    return user_config_dir() / "systemd" / "user" / UNIT_NAME


def user_config_dir() -> Path:
    """Return the folder for settings of this account."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def settings_file(account: str | None) -> Path:
    """Return the file with settings of the service, such as DATABASE_URL; it need not exist."""
    return SYSTEM_SETTINGS if account else user_config_dir() / "gridmap.env"


def render_unit(installation: ServiceInstallation) -> str:
    """Return the text of the unit of an installation."""
    account, settings = installation.account, settings_file(installation.account)
    hardening = COMMON_HARDENING
    if account:
        hardening += SYSTEM_HARDENING.format(protect_home=_protect_home(installation.folder))
    program = quote(str(installation.program)).replace("$$", "$")  # variables are replaced in later words only
    command = [program, *map(quote, ["serve", *installation.options])]
    return UNIT_TEMPLATE.format(
        settings=settings,
        documentation=str(installation.folder / "docs" / "operations.md").replace("%", "%%").replace(" ", "%%20"),
        identity=SYSTEM_IDENTITY.format(account=account) if account else "",
        home_variable=quote(f"GRIDMAP_HOME={installation.home}"),
        settings_file=str(settings).replace("%", "%%"),
        command=" ".join(command),
        hardening=hardening,
        target="multi-user.target" if account else "default.target",
        section=RECORD_SECTION,
        folder=installation.folder,
        home=installation.home,
    )


def _protect_home(folder: Path) -> str:
    """Return how far home folders are hidden: programs in one of them must stay readable."""
    return "read-only" if folder.parts[:2] in (("/", "home"), ("/", "root")) else "yes"


def quote(word: str) -> str:
    r"""Quote a word for a unit, so that systemd takes it as it is.

    >>> quote('a "b" 5 % $HOME')
    '"a \\"b\\" 5 %% $$HOME"'
    """
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def unquote(words: str) -> list[str]:
    r"""Return the words that `quote` has quoted.

    >>> unquote('"serve" "--port" "80%%"')
    ['serve', '--port', '80%']
    """
    found = re.findall(r'"((?:[^"\\]|\\.)*)"', words)
    return [re.sub(r"\\(.)", r"\1", word).replace("%%", "%").replace("$$", "$") for word in found]


def parse_unit(text: str) -> ServiceInstallation:
    """Return the installation that a unit runs.

    >>> folders = Path("/opt/grid map"), Path("/var/lib/x")
    >>> before = ServiceInstallation(*folders, "gridmap", ("--port", "80%"), has_unit=True)
    >>> parse_unit(render_unit(before)) == before
    True
    """
    values = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    options = unquote(values["ExecStart"])[2:]
    return ServiceInstallation(
        Path(values["Folder"]), Path(values["Home"]), values.get("User"), tuple(options), has_unit=True
    )


def current_installation() -> ServiceInstallation:
    """Return the installation of the unit, if there is one, else the one that runs this code, with its data."""
    file = unit_file()
    if file.is_file():
        return parse_unit(file.read_text("utf-8"))
    return ServiceInstallation(program_folder(), config.data_dir().absolute())
