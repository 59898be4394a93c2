"""Scopes of accounts: the places that a role holds in, and the codes that name them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, cast, func, select
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.schema import AccountScope, Community, Grid, Subdistrict

ONE_DAY = timedelta(days=1)


class CodeName(NamedTuple):
    """Code and name of a place, for a list to choose from."""

    code: str
    name: str


class ScopeIds(NamedTuple):
    """Keys of a subdistrict, of one community of it and of one grid of that; None for all."""

    subdistrict_id: int | None
    community_id: int | None
    grid_id: int | None


class ScopePeriod(NamedTuple):
    """First and last day of a scope, both included; a scope without a last day does not end."""

    first: date
    last: date | None

    def sql_value(self) -> ColumnElement[Range[date]]:
        """Return the period as a value of the column type ``daterange``."""
        return cast(Range(self.first, self.last + ONE_DAY if self.last else None), DATERANGE)


@dataclass(frozen=True)
class ScopeRow:
    """A scope of an account: names of the places it is limited to, and its days, both included."""

    id: int
    account_id: int
    subdistrict: str
    community: str | None
    grid: str | None
    first: date
    last: date | None
    can_approve: bool


def find_scope_ids(
    session: Session,
    caller: Caller,
    subdistrict_code: str,
    community_code: str | None = None,
    grid_code: str | None = None,
) -> ScopeIds:
    """Return the keys of a place by its codes.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_code : str
    community_code : str, optional
        Code of a community of the subdistrict.
    grid_code : str, optional
        Code of a grid of the community.

    Returns
    -------
    ScopeIds
        None for a code that is empty, unknown, or outside of what the caller may see.
    """
    subdistrict_id = _find_id(session, caller, Subdistrict, subdistrict_code)
    in_subdistrict = Community.subdistrict_id == subdistrict_id
    community_id = _find_id(session, caller, Community, community_code, in_subdistrict)
    grid_id = _find_id(session, caller, Grid, grid_code, Grid.community_id == community_id)
    return ScopeIds(subdistrict_id, community_id, grid_id)


def list_subdistrict_choices(session: Session, caller: Caller) -> Sequence[CodeName]:
    """Return the subdistricts that the caller may see, by code."""
    rows = select(Subdistrict.code, Subdistrict.name).where(row_filter.visible(caller, Subdistrict))
    return [CodeName(code, name) for code, name in session.execute(rows.order_by(Subdistrict.code))]


def list_community_choices(session: Session, caller: Caller) -> Sequence[CodeName]:
    """Return the communities that the caller works in, by code."""
    rows = select(Community.code, Community.name).where(scope_filter.in_scope_communities(caller, Community))
    return [CodeName(code, name) for code, name in session.execute(rows.order_by(Community.code))]


def list_scopes(session: Session, caller: Caller, account_id: int | None = None) -> Sequence[ScopeRow]:
    """Return the scopes that the caller may see, oldest first; of one account where its key is given."""
    rows = select(
        AccountScope.id,
        AccountScope.account_id,
        AccountScope.valid,
        AccountScope.can_approve,
        Subdistrict.name.label("subdistrict"),
        Community.name.label("community"),
        Grid.code.label("grid"),
    ).where(row_filter.visible(caller, AccountScope))
    rows = rows.join(Subdistrict, Subdistrict.id == AccountScope.subdistrict_id)
    rows = rows.outerjoin(Community, Community.id == AccountScope.community_id)
    rows = rows.outerjoin(Grid, Grid.id == AccountScope.grid_id).order_by(AccountScope.id)
    if account_id is not None:
        rows = rows.where(AccountScope.account_id == account_id)
    return [
        ScopeRow(row.id, row.account_id, row.subdistrict, row.community, row.grid, *_period(row.valid), row.can_approve)
        for row in session.execute(rows)
    ]


def can_grant_scope(session: Session, scope_ids: ScopeIds) -> bool:
    """Return whether the transaction's account may give a scope: it has to lie within the account's own."""
    return bool(session.scalar(select(func.can_grant_scope(*scope_ids))))


def covers_a_whole_subdistrict(session: Session, caller: Caller) -> bool:
    """Return whether a scope of the caller is a whole subdistrict; always for the owner."""
    return caller.trusted or bool(session.scalar(select(func.my_whole_subdistricts())))


def has_overlapping_scope(
    session: Session, caller: Caller, account_id: int, scope_ids: ScopeIds, period: ScopePeriod
) -> bool:
    """Return whether an account has a scope in the same place on a day of a period."""
    columns = (AccountScope.subdistrict_id, AccountScope.community_id, AccountScope.grid_id)
    in_place = [column.is_not_distinct_from(key) for column, key in zip(columns, scope_ids, strict=True)]
    rows = select(AccountScope.id).where(
        row_filter.visible(caller, AccountScope),
        AccountScope.account_id == account_id,
        AccountScope.valid.overlaps(period.sql_value()),
        *in_place,
    )
    return session.scalar(rows.limit(1)) is not None


def _find_id(
    session: Session,
    caller: Caller,
    table: type[Subdistrict | Community | Grid],
    code: str | None,
    *conditions: ColumnElement[bool],
) -> int | None:
    if not code:
        return None
    return session.scalar(select(table.id).where(row_filter.visible(caller, table), table.code == code, *conditions))


def _period(valid: Range[date]) -> ScopePeriod:
    if valid.lower is None:
        raise ValueError(valid)
    return ScopePeriod(valid.lower, valid.upper - ONE_DAY if valid.upper else None)
