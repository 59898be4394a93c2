"""Incidents by grid in force and day, and numbers of accounts that report them."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from sqlalchemy import ColumnElement, Date, cast, func, select, true
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.day_bounds import day_end, day_start
from gridmap.store.join_method import hash_joins
from gridmap.store.queries.grids import incident_places, packed_counts, packed_incidents
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.grids.incident_places import PlaceRule
from gridmap.store.queries.grids.packed_counts import DailyCounts, PackedRequest
from gridmap.store.queries.grids.packed_incidents import PackedRange
from gridmap.store.schema import Cell, Incident


class DailyCount(NamedTuple):
    """Incidents of a grid on a day: those of some categories, and of all; no grid for those in none."""

    grid_id: int | None
    date: date
    incidents: int
    all_incidents: int


class ReportingAccounts(NamedTuple):
    """Accounts of a role that report incidents, and how many of them have entered none."""

    role: str
    accounts: int
    silent: int


def count_by_grid_and_day(
    session: Session, caller: Caller, day: SubdistrictDay, date_range: DateRange, categories: Collection[str] = ()
) -> DailyCounts:
    """Return the incidents that the caller may see, of each grid in force on a day and each day of a range.

    Parameters
    ----------
    session : Session
    caller : Caller
    day : SubdistrictDay
    date_range : DateRange
    categories : collection of str
        Empty for all.
    """
    rule = incident_places.load_rule(session, caller, day, with_borders=False)
    streets = tuple(rule.street_ids)
    request = PackedRequest(("days", *sorted(categories)), day, date_range, streets, rule.has_former_cells)
    count = partial(packed_counts.count_by_grid_and_day, session, caller, day, date_range, categories)
    counts, packed = packed_counts.load_counts(session, caller, request, count)
    if packed_incidents.has_rows(session, caller, day.subdistrict_id, packed):
        counts = counts.copy()
        for row in _count_rows(session, caller, rule, date_range, categories, packed):
            counts.add(row.grid_id, (row.date - date_range.first).days, row.incidents, row.all_incidents)
    return counts


def _count_rows(
    session: Session,
    caller: Caller,
    rule: PlaceRule,
    date_range: DateRange,
    categories: Collection[str],
    packed: PackedRange,
) -> list[DailyCount]:
    place = incident_places.place_columns(rule)
    date_column = cast(Incident.occurred_at, Date).label("date")
    subdistrict_id = rule.day.subdistrict_id
    counts = (
        select(*place, date_column)
        .add_columns(func.count().label("all_incidents"))
        .add_columns(func.count().filter(_is_category(categories)).label("incidents"))
        .where(Incident.subdistrict_id == subdistrict_id, row_filter.visible(caller, Incident))
        .where(Incident.occurred_at >= day_start(date_range.first), Incident.occurred_at < day_end(date_range.last))
        .where(packed_incidents.is_in_rows(caller, packed))
        .group_by(*place, date_column)
    )
    if not scope_filter.covers_subdistrict(session, caller, subdistrict_id):
        own_cells = select(Cell.id).where(scope_filter.in_scope_communities(caller, Cell))
        counts = counts.where(Incident.cell_id.in_(own_cells))
    located = incident_places.locate(caller, rule, rule.join_former_cells(counts).cte("by_place")).c
    groups = located.grid_id, located.date
    rows = select(*groups, func.sum(located.incidents), func.sum(located.all_incidents)).group_by(*groups)
    with hash_joins(session):
        return [DailyCount(grid_id, on, int(some), int(every)) for grid_id, on, some, every in session.execute(rows)]


def count_reporting_accounts(
    session: Session, subdistrict_id: int, date_range: DateRange
) -> Sequence[ReportingAccounts]:
    """Return the accounts of a subdistrict that may report incidents; none where the caller has a part of it."""
    call = func.count_reporting_accounts(subdistrict_id, date_range.first, date_range.last)
    columns = call.table_valued("role", "accounts", "silent")
    return [ReportingAccounts(*row) for row in session.execute(select(columns).order_by(columns.c.role))]


def _is_category(categories: Collection[str]) -> ColumnElement[bool]:
    return Incident.category.in_(categories) if categories else true()
