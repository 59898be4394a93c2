"""Upgrade to the version in a bundle: back up first, then one transaction, and the former version if that fails."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gridmap.bundles import reader
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.secret_files import write_secret_file
from gridmap.services.installation import service, units
from gridmap.services.installation.programs import run_gridmap
from gridmap.services.installation.units import ServiceInstallation
from gridmap.system_accounts import give_to_account

RECORD_FILE = Path("bundle") / "upgrade.json"
Report = Callable[[Message], None]
OPENING = N_("Checking and opening the bundle {bundle}.")
SETTING_UP = N_("Setting up {folder}.")
BACKING_UP = N_("Stopping the service and backing up the database.")
UPGRADING = N_("Upgrading the database.")
STARTING = N_("Starting the new version.")
RETURNING = N_("The new version does not work here; returning to {folder} and the backup {backup}.")
SAME_VERSION = N_("{folder} is already in use.")
SETUP_FAILED = N_("{folder} cannot be set up; nothing has been changed: {reason}")
ENCRYPTED_ENDING = ".age"
IDENTITY_NEEDED = N_(
    "The backup {backup} is encrypted: name the file with the identity that decrypts it, with gridmap rollback "
    "--identity FILE."
)
KEY_UNKNOWN = N_(
    "This installation does not come from a bundle, so it knows no key: name the key of whoever made the bundle with "
    "--key."
)


@dataclass(frozen=True)
class UpgradeRecord:
    """Record of an upgrade, for the way back.

    Parameters
    ----------
    former_folder, backup : str
        Programs of the former version, and the backup made before the upgrade.
    schema_before, schema_after : str
        Number of the newest migration.
    upgraded_at : str
        Time of the upgrade.
    """

    former_folder: str
    backup: str
    schema_before: str
    schema_after: str
    upgraded_at: str

    @property
    def changed_database(self) -> bool:
        """Return whether the former version cannot read the database any more."""
        return self.schema_before != self.schema_after


def upgrade(
    bundle: Path, key: str | None, report: Report, identity: Path | None = None
) -> tuple[ServiceInstallation, UpgradeRecord]:
    """Upgrade to the version in a bundle; return the new installation and what leads back.

    Parameters
    ----------
    bundle : Path
        File of the bundle.
    key : str, optional
        Public key of its signer; by default the one that this installation was opened with.
    report : callable
        Receives the steps.
    identity : Path, optional
        File that decrypts the backup, if it has to be restored.

    Raises
    ------
    InvalidInput
        If the bundle is refused.
    NotPossible
        If a step fails; the former version is in use then, with its data.
    """
    former = units.current_installation()
    if not former.has_unit:
        service.require_stopped(former.home)
    report(Message(OPENING, {"bundle": bundle}))
    new = replace(former, folder=_open(bundle, key, former.folder))
    if new.folder == former.folder:
        raise NotPossible(Message(SAME_VERSION, {"folder": new.folder}))
    report(Message(SETTING_UP, {"folder": new.folder}))
    _set_up(new.folder)
    report(Message(BACKING_UP))
    record = _upgrade_database(former, new, report)
    (new.folder / RECORD_FILE).write_text(json.dumps(asdict(record), indent=2) + "\n", "utf-8")
    report(Message(STARTING))
    try:
        start(new)
    except NotPossible:
        report(Message(RETURNING, {"folder": former.folder, "backup": record.backup}))
        return_to_former(new, record, identity)
        raise
    return new, record


def read_record(folder: Path) -> UpgradeRecord | None:
    """Return what the upgrade to a version has left behind, or None."""
    file = folder / RECORD_FILE
    return UpgradeRecord(**json.loads(file.read_text("utf-8"))) if file.is_file() else None


def _open(bundle: Path, key: str | None, folder: Path) -> Path:
    """Open a bundle next to the current programs."""
    known = folder / reader.KEY_FILE
    text = key or (str(known) if known.is_file() else None)
    if text is None:
        raise InvalidInput([InputFault(Message(KEY_UNKNOWN))])
    try:
        return reader.open_bundle(bundle, reader.parse_key(text), folder.parent)
    except reader.BundleRefused as refusal:
        raise InvalidInput([InputFault(Message(refusal.template, refusal.values))]) from refusal


def _set_up(folder: Path) -> None:
    setup = subprocess.run([folder / "scripts" / "setup"], capture_output=True, text=True, check=False)  # noqa: S603 - our file
    if setup.returncode:
        raise NotPossible(Message(SETUP_FAILED, {"folder": folder, "reason": setup.stderr.strip()}))


def _upgrade_database(former: ServiceInstallation, new: ServiceInstallation, report: Report) -> UpgradeRecord:
    """Stop the service, back up and upgrade; if that fails, start the former version again."""
    stop(former)
    try:
        run_gridmap(former, "db", "start")
        backup = str(run_gridmap(former, "db", "backup")["backup"])
        before = str(run_gridmap(former, "db", "upgrade")["schema"])
        report(Message(UPGRADING))
        after = str(run_gridmap(new, "db", "upgrade")["schema"])
    except NotPossible:
        start(former)
        raise
    return UpgradeRecord(str(former.folder), backup, before, after, datetime.now(UTC).isoformat())


def stop(installation: ServiceInstallation) -> None:
    """Stop the service of an installation, if a unit runs it."""
    if installation.has_unit:
        service.stop_service()


def start(installation: ServiceInstallation) -> None:
    """Start an installation by its own version's unit; without one, the user starts it.

    A database that a command has started is stopped before, so that the unit runs its own.
    """
    run_gridmap(installation, "db", "stop")
    if installation.has_unit:
        command = [str(installation.program), "service", "install", "--json", "--", *installation.options]
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
        if result.returncode:
            raise NotPossible(Message("{reason}", {"reason": (result.stdout + result.stderr).strip()}))


def return_to_former(new: ServiceInstallation, record: UpgradeRecord, identity: Path | None) -> None:
    """Stop the new version, restore the backup if the schema has changed, and start the former version.

    Raises
    ------
    NotPossible
        If the backup is encrypted and no identity is named; nothing has changed then.
    """
    require_identity(record, identity)
    former = replace(new, folder=Path(record.former_folder))
    stop(new)
    if record.changed_database:
        run_gridmap(former, "db", "start")
        with lend_file(identity, former.account) as lent:
            run_gridmap(former, "db", "restore", record.backup, *(("--identity", lent) if lent else ()))
    start(former)


def require_identity(record: UpgradeRecord, identity: Path | None) -> None:
    """Raise an error if a backup has to be restored that cannot be decrypted."""
    if record.changed_database and record.backup.endswith(ENCRYPTED_ENDING) and identity is None:
        raise NotPossible(Message(IDENTITY_NEEDED, {"backup": record.backup}))


@contextmanager
def lend_file(file: Path | None, account: str | None) -> Iterator[Path | None]:
    """Yield a copy of a secret file that only an account can read, in memory; the file itself for this account."""
    if file is None or account is None:
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="gridmap-", dir="/run") as folder:
        copy = Path(folder) / file.name
        write_secret_file(copy, file.read_text("utf-8"))
        for path in (Path(folder), copy):
            give_to_account(path, account)
        yield copy
