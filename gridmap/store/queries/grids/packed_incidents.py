"""Ordinary incidents from packed months, for callers who see all of a subdistrict."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import psycopg2
from sqlalchemy import ColumnElement, Integer, ScalarSelect, Text, and_, cast, false, func, literal, or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute, Session

from gridmap.core.caller import Caller
from gridmap.core.incidents.packed_months import EPOCH, PackedMonth
from gridmap.core.vocabulary import AccessClass, Role
from gridmap.store.access import row_filter
from gridmap.store.day_bounds import day_end, day_start
from gridmap.store.queries.columns import AnySelect
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.schema import Incident, IncidentMonth, IncidentMonthChange

KIND_COLUMNS = IncidentMonth.category_codes, IncidentMonth.days, IncidentMonth.closed_days
PLACE_COLUMNS = IncidentMonth.cell_ids, IncidentMonth.near_counts, IncidentMonth.near_cell_ids
STREET_COLUMNS = (IncidentMonth.street_ids,)
POSITION_COLUMNS = (IncidentMonth.positions,)
PackedColumn = InstrumentedAttribute[bytes]
MONTHS_PER_REQUEST = 2
"""Months that a request packs at most; packing one takes about as long as counting its rows."""
DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
HEADER_BYTES = 19
"""Signature, flags and length of the extension of PostgreSQL's binary copy format."""


@dataclass(frozen=True)
class PackedRange:
    """Part of a range of days that packed months hold.

    Parameters
    ----------
    months : sequence of PackedMonth
    rest : sequence of DateRange
        Days whose incidents have to be counted from their rows.
    street_ids : sequence of int
        Streets whose incidents have to be counted from their rows.
    """

    months: Sequence[PackedMonth]
    rest: Sequence[DateRange]
    street_ids: Sequence[int] = ()


def read_months(
    session: Session, caller: Caller, subdistrict_id: int, days: DateRange, street_ids: Sequence[int] | None
) -> PackedRange:
    """Return the packed months of a range of days that hold what the rows hold, as far as the caller may read them.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    days : DateRange
    street_ids : sequence of int or None
        Streets that plans give to a side, whose incidents are left out; None for positions in place of cells.
    """
    if not can_read(caller, subdistrict_id):
        return PackedRange([], [days])
    columns = POSITION_COLUMNS if street_ids is None else (*PLACE_COLUMNS, *STREET_COLUMNS[: len(street_ids)])
    rows = _copy(session, _select_months(caller, subdistrict_id, days, columns))
    months = [_make_month(fields, street_ids or ()) for fields in rows]
    return PackedRange(months, list(_find_rest(days, [each.month for each in months])), street_ids or ())


def select_version(caller: Caller, subdistrict_id: int, days: DateRange) -> ScalarSelect[str]:
    """Select a word for the months that `read_months` returns: another one as soon as they are packed anew."""
    packed_at = cast(IncidentMonth.packed_at, Text)
    times = func.string_agg(
        cast(IncidentMonth.month, Text) + packed_at, postgresql.aggregate_order_by(literal(","), IncidentMonth.month)
    )
    return select(func.md5(times)).where(*_is_in_range(caller, subdistrict_id, days)).scalar_subquery()


def can_read(caller: Caller, subdistrict_id: int) -> bool:
    """Return whether the caller sees all ordinary incidents of a subdistrict."""
    sees_all = caller.role in (Role.PLANNER, Role.LEADER, Role.STATION)
    return caller.trusted or (sees_all and subdistrict_id in caller.whole_subdistrict_ids)


def pack_due_months(session: Session, subdistrict_id: int) -> None:
    """Pack some months that have changed; what is not packed yet is counted from its rows."""
    session.execute(select(func.pack_incident_months(subdistrict_id, MONTHS_PER_REQUEST)))


def is_in_rows(caller: Caller, packed: PackedRange) -> ColumnElement[bool]:
    """Return the condition for incidents that packed months do not hold."""
    happened = Incident.occurred_at
    spans = or_(
        false(), *(and_(happened >= day_start(each.first), happened < day_end(each.last)) for each in packed.rest)
    )
    on_streets = Incident.street_id.in_(packed.street_ids) if packed.street_ids else false()
    others = Incident.access_class != AccessClass.ORDINARY.value if _sees_others(caller) else false()
    return or_(others, spans, on_streets)


def has_rows(session: Session, caller: Caller, subdistrict_id: int, packed: PackedRange) -> bool:
    """Return whether there are incidents that packed months do not hold."""
    if not packed.rest and not packed.street_ids and not _sees_others(caller):
        return False
    is_left = is_in_rows(caller, packed), row_filter.visible(caller, Incident)
    rows = select(Incident.id).where(Incident.subdistrict_id == subdistrict_id, *is_left)
    return session.scalar(rows.limit(1)) is not None


def _sees_others(caller: Caller) -> bool:
    """Return whether the caller may see incidents that are not ordinary."""
    return caller.trusted or caller.shows_lines or caller.role not in (Role.PLANNER, Role.LEADER)


def _select_months(caller: Caller, subdistrict_id: int, days: DateRange, columns: Sequence[PackedColumn]) -> AnySelect:
    month = IncidentMonth
    rows = select(cast(month.month - EPOCH, Integer), func.array_to_json(month.categories), *KIND_COLUMNS, *columns)
    return rows.where(*_is_in_range(caller, subdistrict_id, days)).order_by(month.month)


def _is_in_range(caller: Caller, subdistrict_id: int, days: DateRange) -> list[ColumnElement[bool]]:
    """Return the conditions for packed months of a range that hold what the rows hold."""
    month, change = IncidentMonth, IncidentMonthChange
    is_changed = select(change.id).where(change.subdistrict_id == month.subdistrict_id, change.month == month.month)
    return [
        month.subdistrict_id == subdistrict_id,
        month.time_zone == func.current_setting("TimeZone"),
        month.month >= days.first.replace(day=1),
        month.month <= days.last,
        ~is_changed.exists(),
        row_filter.visible(caller, month),
    ]


def _copy(session: Session, rows: AnySelect) -> Iterator[list[memoryview]]:
    """Yield the rows of a query in binary format: as hexadecimal text, bytes would take four times as long."""
    statement = str(rows.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
    driver: Any = session.connection().connection.driver_connection
    buffer = BytesIO()
    try:
        with driver.cursor() as cursor:
            cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", buffer)
    except psycopg2.Error as error:
        raise OperationalError(statement, None, error) from error
    return _split_rows(buffer.getbuffer())


def _split_rows(copied: memoryview) -> Iterator[list[memoryview]]:
    """Yield the fields of each row of PostgreSQL's binary copy format."""
    position = HEADER_BYTES
    while (number := int.from_bytes(copied[position : position + 2], signed=True)) > 0:
        position += 2
        fields = []
        for _ in range(number):
            length = int.from_bytes(copied[position : position + 4], signed=True)
            fields.append(copied[position + 4 : position + 4 + length])
            position += 4 + length
        yield fields


def _make_month(fields: Sequence[memoryview], street_ids: Sequence[int]) -> PackedMonth:
    days, categories, category_codes, incident_days, closed_days, *places = fields
    month = EPOCH + timedelta(int.from_bytes(days, signed=True))
    names = json.loads(bytes(categories))
    return PackedMonth(month, names, category_codes, incident_days, closed_days, places, street_ids)


def _find_rest(days: DateRange, months: Sequence[date]) -> Iterator[DateRange]:
    """Yield the days of a range that lie in none of some months, which are in order."""
    first: date | None = days.first
    for month in months:
        if first is not None and first < month:
            yield DateRange(first, month - timedelta(days=1))
        first = _next_month(month)
    if first is not None and first <= days.last:
        yield DateRange(first, days.last)


def _next_month(month: date) -> date | None:
    """Return the first day of the next month; None where there is none."""
    return None if (month.year, month.month) == (date.max.year, 12) else (month + timedelta(days=31)).replace(day=1)
