"""Times and failures of backups, from the audit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gridmap.core.errors import Message
from gridmap.store.message_json import message_from_json
from gridmap.store.schema import Audit

BACKUP, BACKUP_FAILED = "backup", "backup_failed"
STATUS = text("SELECT succeeded_at, failed_at, failure FROM backup_status()")


@dataclass(frozen=True)
class BackupStatus:
    """When the last backup was made, when one failed last, and why, where the caller may know the reason."""

    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    failure: Message | None = None


def get_backup_status(session: Session) -> BackupStatus:
    """Return the status of backups; callers without an account know the times only."""
    row = session.execute(STATUS).one()
    return BackupStatus(row.succeeded_at, row.failed_at, message_from_json(row.failure) if row.failure else None)


def last_scheduled_backup(session: Session) -> datetime | None:
    """Return when the last scheduled backup was made by any host, or None; for the owner."""
    scheduled = Audit.details["scheduled"].as_boolean()
    return session.scalar(select(func.max(Audit.at)).where(Audit.action == BACKUP, scheduled))
