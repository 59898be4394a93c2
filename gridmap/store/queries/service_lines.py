"""Service lines of subdistricts, lines that leaders have, and the purpose of the session."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import DateTime, String, column, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import AccessClass, LinePurpose
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import present_day
from gridmap.store.queries.scopes import ScopePeriod
from gridmap.store.schema import (
    AccountScope,
    AccountScopeLine,
    CategoryOfSubdistrict,
    Community,
    Incident,
    ServiceLine,
    Subdistrict,
)

ONE_DAY = timedelta(days=1)


class LineCategory(NamedTuple):
    """A category that a line deals with, by key, with its Chinese and its English name."""

    key: str
    name_zh: str
    name_en: str
    access_class: AccessClass


@dataclass(frozen=True)
class ServiceLineRow:
    """A service line with the categories that it deals with."""

    id: int
    subdistrict_id: int
    key: str
    name_zh: str
    name_en: str
    categories: Sequence[LineCategory]

    @property
    def is_sensitive(self) -> bool:
        """Return whether one of its categories is sensitive."""
        return any(each.access_class is AccessClass.SENSITIVE for each in self.categories)


@dataclass(frozen=True)
class LineGrantRow:
    """A line that a leader has, or had, within a scope; the last day is included."""

    id: int
    scope_id: int
    service_line_id: int
    name_zh: str
    name_en: str
    subdistrict: str
    community: str | None
    first: date
    last: date | None
    legal_basis: str | None
    sensitive_categories: Sequence[str]


class LineScope(NamedTuple):
    """A scope that a line can be given in."""

    id: int
    subdistrict_id: int
    subdistrict: str
    community: str | None
    community_code: str | None


class OwnLineViewing(NamedTuple):
    """Purpose of the session, and the time at which it ends."""

    purpose: LinePurpose
    matter_number: str | None
    ends_at: datetime


class LineIncidentRow(NamedTuple):
    """An incident of a line, without its text."""

    subdistrict_id: int
    number: str
    category: str
    access_class: AccessClass
    occurred_at: datetime
    urgent: bool
    is_closed: bool


def list_lines(session: Session, caller: Caller, subdistrict_ids: Collection[int]) -> Sequence[ServiceLineRow]:
    """Return the service lines of subdistricts with their categories, in the order in which they were added."""
    table, category = ServiceLine, CategoryOfSubdistrict
    rows = select(table.id, table.subdistrict_id, table.key, table.name_zh, table.name_en).where(
        table.subdistrict_id.in_(subdistrict_ids), row_filter.visible(caller, table)
    )
    kinds = select(category.subdistrict_id, category.line_of_work, category.key, category.name_zh, category.name_en)
    kinds = kinds.add_columns(category.access_class).where(
        category.subdistrict_id.in_(subdistrict_ids), row_filter.visible(caller, category)
    )
    categories: dict[tuple[int, str], list[LineCategory]] = {}
    for row in session.execute(kinds.order_by(category.id)):
        found = LineCategory(row.key, row.name_zh, row.name_en, AccessClass(row.access_class))
        categories.setdefault((row.subdistrict_id, row.line_of_work), []).append(found)
    return [
        ServiceLineRow(*row, categories.get((row.subdistrict_id, row.key), []))
        for row in session.execute(rows.order_by(table.subdistrict_id, table.id))
    ]


def list_grants(session: Session, caller: Caller, account_id: int) -> Sequence[LineGrantRow]:
    """Return the lines that an account has, or had, as far as the caller may see its scopes; the oldest first."""
    grant = AccountScopeLine
    places = Subdistrict.name.label("subdistrict"), Community.name.label("community")
    rows = (
        select(grant.id, grant.account_scope_id.label("scope_id"), grant.service_line_id, ServiceLine.name_zh)
        .add_columns(ServiceLine.name_en, *places, grant.valid, grant.legal_basis, grant.sensitive_categories)
        .join(ServiceLine, ServiceLine.id == grant.service_line_id)
        .join(AccountScope, AccountScope.id == grant.account_scope_id)
        .join(Subdistrict, Subdistrict.id == grant.subdistrict_id)
        .outerjoin(Community, Community.id == AccountScope.community_id)
        .where(AccountScope.account_id == account_id, row_filter.visible(caller, grant))
        .order_by(grant.id)
    )
    return [_grant_of_row(row) for row in session.execute(rows).all()]


def _grant_of_row(row: Any) -> LineGrantRow:
    """Return the grant of a row of `list_grants`."""
    values = row._mapping
    valid = values["valid"]
    last = valid.upper - ONE_DAY if valid.upper else None
    return LineGrantRow(first=valid.lower, last=last, **{name: values[name] for name in values if name != "valid"})


def list_line_scopes(session: Session, caller: Caller, account_id: int) -> Sequence[LineScope]:
    """Return the scopes of an account that have not ended, as far as the caller may see them."""
    rows = (
        select(AccountScope.id, AccountScope.subdistrict_id, Subdistrict.name, Community.name, Community.code)
        .join(Subdistrict, Subdistrict.id == AccountScope.subdistrict_id)
        .outerjoin(Community, Community.id == AccountScope.community_id)
        .where(AccountScope.account_id == account_id, row_filter.visible(caller, AccountScope))
        .where(func.upper_inf(AccountScope.valid) | (func.upper(AccountScope.valid) > present_day()))
        .order_by(AccountScope.id)
    )
    return [LineScope(*row) for row in session.execute(rows)]


def has_overlapping_grant(session: Session, caller: Caller, scope_id: int, line_id: int, period: ScopePeriod) -> bool:
    """Return whether a line is given within a scope on a day of a period already."""
    grant = AccountScopeLine
    rows = select(grant.id).where(
        row_filter.visible(caller, grant),
        grant.account_scope_id == scope_id,
        grant.service_line_id == line_id,
        grant.valid.overlaps(period.sql_value()),
    )
    return session.scalar(rows.limit(1)) is not None


def list_own_line_ids(session: Session, subdistrict_id: int) -> Sequence[int]:
    """Return the lines that the transaction's account has today in a subdistrict, with or without a purpose."""
    line_ids: Sequence[int] = session.scalars(select(func.my_lines(subdistrict_id))).one()
    return line_ids


def find_own_viewing(session: Session) -> OwnLineViewing | None:
    """Return the purpose of the session for its lines; None without one."""
    columns = column("purpose", String), column("matter_number", String), column("ends_at", DateTime(timezone=True))
    row = session.execute(select(func.my_line_viewing().table_valued(*columns))).first()
    return OwnLineViewing(LinePurpose(row.purpose), row.matter_number, row.ends_at) if row else None


def find_line_incident(session: Session, caller: Caller, incident_id: int) -> LineIncidentRow | None:
    """Return an incident about persons that the caller may see, without its text."""
    table = Incident
    rows = select(table.subdistrict_id, table.number, table.category, table.access_class, table.occurred_at)
    rows = rows.add_columns(table.urgent, table.closed_at.is_not(None).label("is_closed")).where(
        table.id == incident_id, table.access_class != AccessClass.ORDINARY.value, row_filter.visible(caller, table)
    )
    row = session.execute(rows).first()
    if row is None:
        return None
    kind = row.category, AccessClass(row.access_class)
    return LineIncidentRow(row.subdistrict_id, row.number, *kind, row.occurred_at, row.urgent, row.is_closed)
