"""Account, folders and secrets of the web processes when root starts the service.

They run as an account of their own, which reads the program and the secrets of the application and writes its own log
and cache. It reads neither the login of the database's owner nor the keys of the TLS proxy, and it is not the account
of PostgreSQL. An ordinary user's web processes run as that user.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from gridmap import config
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.environment import read_variable
from gridmap.postgres.paths import ClusterPaths
from gridmap.postgres.urls import URL_VARIABLE
from gridmap.secret_files import TIANDITU_KEY, Secret, secret_path, share_folder_with_web, share_with_web
from gridmap.serving.isolation.sandbox import Sandbox, closed_folder_above
from gridmap.system_accounts import can_access, give_to_account, web_account

KEY_FILE = "keys.json"
DROPPED_VARIABLES = frozenset({URL_VARIABLE, "PGPASSWORD", "PGPASSFILE", "XDG_DATA_HOME", "XDG_CACHE_HOME"})
"""Variables that may hold the owner's login, or name folders of another account."""
PROGRAM_CLOSED = N_(
    "The account {account} of the web processes cannot read the program in {folders}. Move it to a folder that every"
    " account may enter, such as /opt/gridmap, or start gridmap as an ordinary user."
)
SECRET_CLOSED = N_("The account {account} of the web processes cannot read {file}. Let its group {account} read it.")


def web_sandbox() -> Sandbox:
    """Return what the web processes run as, after preparing their folders.

    Raises
    ------
    NotPossible
        If their account cannot read the program or a secret.
    """
    account = web_account()
    if account is None:
        return Sandbox(dropped_variables=DROPPED_VARIABLES)
    folder, secrets = prepare_folder(account), share_secrets(account)
    variables = {"GRIDMAP_HOME": str(folder), "GRIDMAP_SECRETS": str(secrets), "HOME": str(folder)}
    sandbox = Sandbox(account, variables, DROPPED_VARIABLES, closed_program_paths())
    if sandbox.opened_paths and not _can_enter(sandbox):
        folders = ", ".join(map(str, sandbox.opened_paths))
        raise NotPossible(Message(PROGRAM_CLOSED, {"account": account, "folders": folders}))
    return sandbox


def prepare_folder(account: str) -> Path:
    """Return the folder for log and cache of the web processes; files of an earlier version are given to them."""
    folder = _placed(account, "web")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (folder, *folder.rglob("*")):
        if path.owner() != account:
            give_to_account(path, account)
    return folder


def share_secrets(account: str) -> Path:
    """Return the folder of the secrets, whose files for the application the web processes may read.

    Raises
    ------
    NotPossible
        If they cannot read a file, such as one on another machine's disk.
    """
    configured = read_variable("GRIDMAP_SECRETS")
    folder = Path(configured) if configured else _placed(account, "secrets")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    share_folder_with_web(folder)
    for path in filter(Path.exists, map(secret_path, (*Secret, KEY_FILE, TIANDITU_KEY))):
        if not can_access(account, path, "r"):
            share_with_web(path)
        if not can_access(account, path.resolve(), "r"):
            raise NotPossible(Message(SECRET_CLOSED, {"account": account, "file": path}))
    return folder.resolve()


def closed_program_paths() -> tuple[Path, ...]:
    """Return the folders of the program that other accounts cannot reach."""
    folders = {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), config.PACKAGE_DIR.parent}
    closed = sorted(folder for folder in folders if closed_folder_above(folder))
    return tuple(folder for folder in closed if not any(other in folder.parents for other in closed))


def _placed(account: str, name: str) -> Path:
    """Return a folder of the home, which lies elsewhere if the account cannot enter the home.

    The home then has a link to it, and what it held is moved there.
    """
    home = config.data_dir().absolute()
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    link = home / name
    if link.is_symlink():
        return link.resolve()
    if can_access(account, home):
        return link
    folder = ClusterPaths(home).shared_folder / name
    folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if link.exists():
        shutil.move(link, folder)
    link.symlink_to(folder)
    return folder


def _can_enter(sandbox: Sandbox) -> bool:
    """Return whether the kernel allows the sandbox, and the program can then be read."""
    command = [sys.executable, "-c", "import gridmap.config"]
    try:
        result = subprocess.run(command, preexec_fn=sandbox.enter, env=sandbox.environment(), check=False)  # noqa: S603 - ours
    except subprocess.SubprocessError:
        return False
    return result.returncode == 0
