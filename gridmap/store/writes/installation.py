"""Settings of the installation, written by the owner."""

from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

from gridmap.store.schema import Installation


def set_rehearsal_date(session: Session, day: date | None) -> None:
    """Set the date that replaces today in pages and permissions; None ends the rehearsal."""
    changed = Installation.rehearsal_date.is_distinct_from(day)
    session.execute(update(Installation).where(changed).values(rehearsal_date=day))
