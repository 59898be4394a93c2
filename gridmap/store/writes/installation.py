"""Settings of the installation, written by the owner."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import Role
from gridmap.store.schema import Installation


def set_rehearsal_date(session: Session, day: date | None) -> None:
    """Set the date that replaces today in pages and permissions; None ends the rehearsal."""
    changed = Installation.rehearsal_date.is_distinct_from(day)
    session.execute(update(Installation).where(changed).values(rehearsal_date=day))


def get_rehearsal_date(session: Session) -> date | None:
    """Return the date that replaces today in pages and permissions; None outside a rehearsal."""
    return session.scalars(select(Installation.rehearsal_date)).one()


def set_second_factor_roles(session: Session, roles: Sequence[Role]) -> None:
    """Set the roles whose accounts must set up a second factor."""
    session.execute(update(Installation).values(second_factor_roles=[role.value for role in roles]))


def get_second_factor_roles(session: Session) -> list[Role]:
    """Return the roles whose accounts must set up a second factor."""
    return [Role(role) for role in session.scalars(select(Installation.second_factor_roles)).one()]
