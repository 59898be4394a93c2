"""Backups of the database: recipients, a backup now or by schedule, and the alarm when the last one is old."""

import json
import logging
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg2
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gridmap import config
from gridmap.core.errors import N_, InvalidInput, Message, NotPossible
from gridmap.postgres import lifecycle, urls
from gridmap.postgres.backups import backup as backup_files
from gridmap.postgres.backups import backup_keys
from gridmap.secret_files import replace_secret_file
from gridmap.services.operations import backup_schedule
from gridmap.store import locks
from gridmap.store.message_json import message_to_json
from gridmap.store.queries import backups as backup_queries
from gridmap.store.queries.backups import BACKUP, BACKUP_FAILED, BackupStatus
from gridmap.store.session import Database
from gridmap.store.writes import restored_database

CLEAR_TEXT_CONTENT = Message(
    N_(
        "Without a recipient, the backup is written in clear text: names, households and addresses of residents,"
        " reports of incidents, names and phones of workers, accounts with the hashes of their passwords, and the"
        " audit. Identity numbers and phones of residents stay encrypted. gridmap keys recipient --new FILE lets"
        " further backups be encrypted."
    )
)
NO_CHOICE = N_(
    "Scheduled backups need a recipient (gridmap keys recipient --new FILE) or the choice of clear text (gridmap keys"
    " recipient --clear-text)."
)
NO_BACKUP = N_("No backup has been made yet.")
OLD_BACKUP = N_("The last backup was made on {time}, {hours} hours ago.")
FAILED_ATTEMPT = N_("An attempt on {time} failed: {reason}")
FAILED_ATTEMPT_BRIEFLY = N_("An attempt on {time} failed.")
NO_ATTEMPT = N_("No backup has been tried since. The operator's guide says how backups are made every night.")
REASON_WITH_DETAIL = N_("{problem}: {detail}")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BackupRecipients:
    """Choice of this installation: recipients of its backups, or clear text; without either nothing is chosen yet."""

    recipients: Sequence[str] = ()
    clear_text: bool = False

    @property
    def is_chosen(self) -> bool:
        """Return whether scheduled backups may be made."""
        return bool(self.recipients) or self.clear_text


def default_folder() -> Path:
    """Return the folder of backups in gridmap's home."""
    return config.data_dir() / "backups"


def load_recipients() -> BackupRecipients:
    """Return the choice of this installation."""
    try:
        return BackupRecipients(**json.loads(_recipients_file().read_text("utf-8")))
    except FileNotFoundError:
        return BackupRecipients()


def save_recipients(recipients: Sequence[str], *, clear_text: bool = False) -> None:
    """Choose the recipients of all further backups, or clear text.

    Raises
    ------
    InvalidInput
        If a text is no recipient.
    """
    backup_keys.parse_recipients(recipients)
    config.data_dir().mkdir(parents=True, exist_ok=True)
    replace_secret_file(
        _recipients_file(), json.dumps({"recipients": list(recipients), "clear_text": clear_text}) + "\n"
    )


def create_recipient(identity_file: Path) -> str:
    """Create a key pair, write its identity to a new file, choose its recipient, and return it."""
    recipient = backup_keys.create_identity(identity_file)
    save_recipients([recipient])
    return recipient


def back_up(folder: Path | None = None, recipients: Sequence[str] = (), *, scheduled: bool = False) -> Path:
    """Back up the database into a new file, and record it in the audit.

    Parameters
    ----------
    folder : Path, optional
        Folder of the file; by default ``backups`` in gridmap's home.
    recipients : sequence of str
        Keys that the file is encrypted for; by default those of this installation, else the file is in clear text.
    scheduled : bool
        Whether it counts as the backup of the night.

    Raises
    ------
    InvalidInput
        If it cannot be made; nothing remains then, and the failure is in the audit.
    """
    url = lifecycle.database_url()
    chosen = recipients or load_recipients().recipients
    try:
        file = lifecycle.backup(folder or default_folder(), chosen)
    except InvalidInput as error:
        _record(url, BACKUP_FAILED, {"reason": message_to_json(_reason_of(error)), "scheduled": scheduled})
        raise
    details = {"file": file.name, "bytes": file.stat().st_size, "encrypted": bool(chosen), "scheduled": scheduled}
    _record(url, BACKUP, details)
    return file


def back_up_if_due(folder: Path | None = None, hour: int = backup_schedule.DEFAULT_HOUR) -> Path | None:
    """Make the backup of the night unless a host has made it or is making it, and delete old ones.

    Returns
    -------
    Path or None
        The new file; None if nothing was due.

    Raises
    ------
    NotPossible
        If neither a recipient nor clear text has been chosen.
    InvalidInput
        If it cannot be made; no old backup is deleted then.
    """
    if not load_recipients().is_chosen:
        raise NotPossible(Message(NO_CHOICE))
    folder = folder or default_folder() / "nightly"
    database = Database(lifecycle.database_url(), trusted=True)
    with closing(database), database.transaction() as session:
        if not locks.try_backup_lock(session) or not _is_due(session, hour):
            return None
        file = back_up(folder, scheduled=True)
    delete_expired(folder)
    return file


def delete_expired(folder: Path) -> None:
    """Delete the backups of a folder that the retention does not keep; other files are left alone."""
    zone = ZoneInfo(config.office_time_zone())
    files = {time.astimezone(zone): file for file in folder.iterdir() if (time := backup_files.backup_time(file))}
    for time in backup_schedule.expired_backups(files):
        files[time].unlink(missing_ok=True)


def get_status(session: Session) -> BackupStatus:
    """Return when the last backup was made, when one failed last, and why."""
    return backup_queries.get_backup_status(session)


def describe_backup_alarm() -> Sequence[Message]:
    """Return the sentences of `describe_alarm` for the owner; none for a database of an earlier version."""
    database = Database(lifecycle.database_url(), trusted=True)
    with closing(database), suppress(SQLAlchemyError), database.transaction() as session:
        return describe_alarm(get_status(session))
    return ()


def describe_alarm(status: BackupStatus, now: datetime | None = None) -> Sequence[Message]:
    """Return sentences that say that the last backup is old, and why; none if it is not.

    Parameters
    ----------
    status : BackupStatus
    now : datetime, optional
        Current time.
    """
    now = now or datetime.now(UTC)
    if not backup_schedule.is_too_old(now, status.succeeded_at):
        return ()
    if status.succeeded_at is None:
        return (Message(NO_BACKUP), *_describe_failure(status))
    hours = int((now - status.succeeded_at).total_seconds() // 3600)
    return (
        Message(OLD_BACKUP, {"time": _local_time(status.succeeded_at), "hours": hours}),
        *(_describe_failure(status) or [Message(NO_ATTEMPT)]),
    )


def _describe_failure(status: BackupStatus) -> Sequence[Message]:
    if status.failed_at is None or (status.succeeded_at and status.failed_at < status.succeeded_at):
        return ()
    time = _local_time(status.failed_at)
    if status.failure is None:
        return [Message(FAILED_ATTEMPT_BRIEFLY, {"time": time})]
    return [Message(FAILED_ATTEMPT, {"time": time, "reason": status.failure})]


def _local_time(time: datetime) -> str:
    return f"{time.astimezone(ZoneInfo(config.office_time_zone())):%Y-%m-%d %H:%M}"


def _recipients_file() -> Path:
    return config.data_dir() / "backup-recipients.json"


def _is_due(session: Session, hour: int) -> bool:
    now = datetime.now(ZoneInfo(config.office_time_zone()))
    return backup_schedule.is_due(now, backup_queries.last_scheduled_backup(session), hour)


def _reason_of(error: InvalidInput) -> Message:
    fault = error.faults[0]
    return (
        Message(REASON_WITH_DETAIL, {"problem": fault.problem, "detail": fault.value}) if fault.value else fault.problem
    )


def _record(url: str, action: str, details: dict[str, object]) -> None:
    """Record a backup in the audit; a database that is of an earlier version or does not answer has no record."""
    with suppress(InvalidInput, psycopg2.Error), closing(urls.connect(url)) as connection:
        restored_database.record_for_all_subdistricts(connection, action, details)
        return
    log.warning("the %s could not be recorded in the audit", action)
