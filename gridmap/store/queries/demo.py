"""Demo subdistricts: how they differ from real ones, their accounts, the keys of their grids; for the owner only."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import Role
from gridmap.store.schema import Account, AccountScope, Grid, Resident, Subdistrict

DEMO_SOURCE = "gridmap demo"
"""Source of the subdistricts and residents of a demo."""


class AccountName(NamedTuple):
    """Role and name of an account."""

    role: Role
    name: str


def list_account_names(session: Session, subdistrict_code: str) -> Sequence[AccountName]:
    """Return the accounts with a scope in a subdistrict; none if there is no such subdistrict."""
    rows = session.execute(
        select(Account.role, Account.name)
        .join(AccountScope, AccountScope.account_id == Account.id)
        .join(Subdistrict, Subdistrict.id == AccountScope.subdistrict_id)
        .where(Subdistrict.code == subdistrict_code)
        .order_by(Account.id)
    )
    return [AccountName(Role(role), name) for role, name in rows.unique()]


def is_demo(session: Session) -> bool:
    """Return whether there is a subdistrict, and every subdistrict and every resident is invented."""
    real_place = select(Subdistrict.id).where(Subdistrict.source != DEMO_SOURCE).limit(1)
    real_person = select(Resident.id).where(Resident.source != DEMO_SOURCE).limit(1)
    has_place = session.scalar(select(Subdistrict.id).limit(1)) is not None
    return has_place and session.scalar(real_place) is None and session.scalar(real_person) is None


def has_accounts(session: Session) -> bool:
    """Return whether the installation has an account."""
    return session.scalar(select(Account.id).limit(1)) is not None


def get_grid_ids_by_code(session: Session, subdistrict_id: int) -> Mapping[str, int]:
    """Return the keys of the grids of a subdistrict by their codes."""
    rows = session.execute(select(Grid.code, Grid.id).where(Grid.subdistrict_id == subdistrict_id))
    return {row.code: row.id for row in rows}
