"""Grid of an incident: that of its cell, or on a border street the one that the plan gives the street to.

This is the one place that tells in which grid an incident counts. A place is a cell, the other cells within 5 m, and a
street where the plan in force gives it to a side; incidents of one place count in one grid. Only ordinary incidents
have near cells and a street here: the grid of the others is always that of their cell, so that no change of a plan's
streets tells anything of them.

The row of an incident has its cell in the newest land. On a day before a land was built anew, its former cell is taken,
if it has one; where nothing was built anew since the day, that costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Label,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import AccessClass, Role
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.columns import AnySelect
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.schema import Adoption, Assignment, Incident, IncidentFormerCell, Land, RevisionStreet

NO_STREET = cast(0, BigInteger)
"""Street of an incident on no street that is given to a side: a value, so that places can be compared by hash."""
NO_CELLS = cast([], ARRAY(BigInteger))
NO_GRID = cast(null(), BigInteger)
IS_ORDINARY: ColumnElement[bool] = Incident.access_class == AccessClass.ORDINARY.value


@dataclass(frozen=True)
class PlaceRule:
    """Streets and borders that decide the grid of an incident on a day.

    Parameters
    ----------
    day : SubdistrictDay
    street_ids : sequence of int
        Streets that the plans in force give to a side; where there are none, they cost nothing.
    with_borders : bool
        Whether it matters which incidents are on the border.
    has_former_cells : bool
        Whether land of the subdistrict was built anew since the day.
    """

    day: SubdistrictDay
    street_ids: Sequence[int]
    with_borders: bool
    has_former_cells: bool = False

    @property
    def on_given_street(self) -> ColumnElement[bool]:
        """Condition of ordinary incidents on the streets."""
        return and_(IS_ORDINARY, Incident.street_id.in_(self.street_ids)) if self.street_ids else false()

    @property
    def cell_id(self) -> ColumnElement[int | None]:
        """Cell of an incident on the day. One of a later land is in no plan of the day, so that it is in no grid."""
        own: ColumnElement[int | None] = Incident.cell_id.expression
        return func.coalesce(IncidentFormerCell.cell_id, own) if self.has_former_cells else own

    @property
    def near_cell_ids(self) -> ColumnElement[Any]:
        """Cells near an incident on the day."""
        own: ColumnElement[Any] = Incident.near_cell_ids.expression
        return func.coalesce(IncidentFormerCell.near_cell_ids, own) if self.has_former_cells else own

    def is_on_cells(self, cell_ids: Sequence[int]) -> ColumnElement[bool]:
        """Return the condition of incidents that are on some cells of the day's plans, as indexes find them."""
        own = Incident.cell_id.in_(cell_ids)
        return or_(own, IncidentFormerCell.cell_id.in_(cell_ids)) if self.has_former_cells else own

    def join_former_cells(self, rows: AnySelect) -> AnySelect:
        """Return a query of incidents with the former cells that its columns need."""
        if not self.has_former_cells:
            return rows
        former = IncidentFormerCell
        on_day = and_(former.incident_id == Incident.id, former.valid.contains(self.day.date))
        return rows.select_from(Incident).outerjoin(former, on_day)


def load_rule(session: Session, caller: Caller, day: SubdistrictDay, *, with_borders: bool = True) -> PlaceRule:
    """Return the rule of a day."""
    street_ids = session.scalars(
        select(RevisionStreet.street_id)
        .distinct()
        .join(Adoption, Adoption.revision_id == RevisionStreet.revision_id)
        .where(_is_in_force(caller, day), row_filter.visible(caller, RevisionStreet))
    )
    return PlaceRule(day, street_ids.all(), with_borders, has_former_cells(session, caller, day))


def has_former_cells(session: Session, caller: Caller, day: SubdistrictDay) -> bool:
    """Return whether land of a subdistrict was built anew since a day."""
    since = Land.subdistrict_id == day.subdistrict_id, Land.holds_from > day.date
    return session.scalar(select(Land.id).where(*since, row_filter.visible(caller, Land)).limit(1)) is not None


def place_columns(rule: PlaceRule) -> tuple[Label[Any], ...]:
    """Return ``cell_id``, ``near_cell_ids`` and ``street_id`` of an incident, the columns of its place.

    Near cells and streets that do not matter are left out, so that there are fewer places. A query with these columns
    goes through `PlaceRule.join_former_cells`.
    """
    needs_near_cells = IS_ORDINARY if rule.with_borders else rule.on_given_street
    street: ColumnElement[int] = case((rule.on_given_street, Incident.street_id), else_=NO_STREET)
    near_cells: ColumnElement[Any] = case((needs_near_cells, rule.near_cell_ids), else_=NO_CELLS)
    return (
        rule.cell_id.label("cell_id"),
        (near_cells if rule.with_borders or rule.street_ids else NO_CELLS).label("near_cell_ids"),
        (street if rule.street_ids else NO_STREET).label("street_id"),
    )


def locate(caller: Caller, rule: PlaceRule, places: CTE) -> Subquery:
    """Select the rows of a query with the grid in force in which each counts.

    Parameters
    ----------
    caller : Caller
    rule : PlaceRule
    places : CTE
        With the columns of `place_columns`, and others.

    Returns
    -------
    Subquery
        Its columns, with ``grid_id`` (None in no grid, and for a worker in those of others) and ``on_border``: whether
        one of the near cells is in another grid, or in none, and no side has the street.
    """
    grid_of_cell = _select_grid_of_cells(caller, rule.day)
    in_own_cell = grid_of_cell.c.cell_id == places.c.cell_id
    if not rule.with_borders and not rule.street_ids:
        grid_id = _in_own_grids(caller, grid_of_cell.c.grid_id)
        columns = select(places, grid_id.label("grid_id"), false().label("on_border"))
        return columns.select_from(places).outerjoin(grid_of_cell, in_own_cell).subquery()
    border = _select_border_places(places, grid_of_cell, caller, rule)
    given_grid_id = border.c.given_grid_id
    grid_id = _in_own_grids(caller, func.coalesce(given_grid_id, grid_of_cell.c.grid_id))
    on_border = and_(border.c.cell_id.is_not(None), given_grid_id.is_(None))
    return (
        select(places, grid_id.label("grid_id"), on_border.label("on_border"))
        .select_from(places)
        .outerjoin(grid_of_cell, in_own_cell)
        .outerjoin(border, _is_same_place(border, places))
        .subquery()
    )


def select_grid_incidents(
    session: Session, caller: Caller, day: SubdistrictDay, grid_id: int, *conditions: ColumnElement[bool]
) -> Subquery:
    """Select ``id`` and ``on_border`` of the incidents that the caller may see and that count in a grid in force.

    Parameters
    ----------
    session : Session
    caller : Caller
    day : SubdistrictDay
    grid_id : int
    *conditions : ColumnElement of bool
        Further conditions of incidents.
    """
    rule, cells = load_rule(session, caller, day), _select_grid_of_cells(caller, day)
    own_cells = session.scalars(select(cells.c.cell_id).where(cells.c.grid_id == grid_id)).all()
    on_street = and_(rule.on_given_street, rule.near_cell_ids.op("&&")(cast(own_cells, ARRAY(BigInteger))))
    candidates = select(Incident.id, *place_columns(rule)).where(
        or_(rule.is_on_cells(own_cells), on_street), row_filter.visible(caller, Incident), *conditions
    )
    located = locate(caller, rule, rule.join_former_cells(candidates).cte("candidates"))
    return select(located.c.id, located.c.on_border).where(located.c.grid_id == grid_id).subquery()


def select_newest_incidents(
    session: Session,
    caller: Caller,
    day: SubdistrictDay,
    *conditions: ColumnElement[bool],
    in_no_grid: bool,
    limit: int,
) -> Subquery:
    """Select ``id``, ``on_border`` and ``grid_id`` of the newest incidents of a subdistrict that the caller may see.

    Parameters
    ----------
    session : Session
    caller : Caller
    day : SubdistrictDay
    *conditions : ColumnElement of bool
        Further conditions of incidents.
    in_no_grid : bool
        Only those that count in no grid: a given street has a grid only where the own cell has one.
    limit : int
    """
    rule, cells = load_rule(session, caller, day), _select_grid_of_cells(caller, day)
    has_no_grid = ~select(cells.c.cell_id).where(cells.c.cell_id == rule.cell_id).exists()
    candidates = (
        select(Incident.id, *place_columns(rule))
        .where(Incident.subdistrict_id == day.subdistrict_id, row_filter.visible(caller, Incident), *conditions)
        .where(has_no_grid if in_no_grid else true())
        .order_by(Incident.occurred_at.desc(), Incident.id.desc())
        .limit(limit)
    )
    located = locate(caller, rule, rule.join_former_cells(candidates).cte("candidates"))
    return select(located.c.id, located.c.on_border, located.c.grid_id).subquery()


def find_grid(session: Session, caller: Caller, day: SubdistrictDay, incident_id: int) -> int | None:
    """Return the grid in force in which an incident counts, where the caller sees both."""
    found = select_newest_incidents(session, caller, day, Incident.id == incident_id, in_no_grid=False, limit=1)
    return session.scalar(select(found.c.grid_id))


def _select_border_places(places: CTE, grid_of_cell: Subquery, caller: Caller, rule: PlaceRule) -> Subquery:
    """Select the places near a cell in another grid, or in none, with the grid that has their street.

    At a corner where two sides of the place have the same street from different neighbours, neither has it.
    """
    near = func.unnest(places.c.near_cell_ids).table_valued("id").render_derived("near").lateral()
    own, other = grid_of_cell.alias("own"), grid_of_cell.alias("other")
    place = places.c.cell_id, places.c.near_cell_ids, places.c.street_id
    first, last = func.min(RevisionStreet.grid_id), func.max(RevisionStreet.grid_id)
    given_grid_id = case((first == last, first)) if rule.street_ids else NO_GRID
    pairs = (
        select(*place, given_grid_id.label("given_grid_id"))
        .select_from(places)
        .join(near, true())
        .join(own, own.c.cell_id == places.c.cell_id)
        .outerjoin(other, other.c.cell_id == near.c.id)
        .where(other.c.grid_id.is_distinct_from(own.c.grid_id))
        .group_by(*place)
    )
    if rule.street_ids:
        pairs = pairs.outerjoin(RevisionStreet, _is_given(caller, places, own, other))
    return pairs.subquery()


def _is_given(caller: Caller, places: CTE, own: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Return the condition that a street is given to a side, of a place between two grids."""
    return and_(
        RevisionStreet.revision_id == own.c.revision_id,
        RevisionStreet.street_id == places.c.street_id,
        RevisionStreet.first_grid_id == func.least(own.c.grid_id, other.c.grid_id),
        RevisionStreet.second_grid_id == func.greatest(own.c.grid_id, other.c.grid_id),
        row_filter.visible(caller, RevisionStreet),
    )


def _is_same_place(one: Subquery, other: CTE) -> ColumnElement[bool]:
    return and_(*(one.c[name] == other.c[name] for name in ("cell_id", "near_cell_ids", "street_id")))


def _select_grid_of_cells(caller: Caller, day: SubdistrictDay) -> Subquery:
    """Select ``cell_id``, ``grid_id`` and ``revision_id`` of all grids in force, not those of a worker only."""
    return (
        select(Assignment.cell_id, Assignment.grid_id, Assignment.revision_id)
        .join(Adoption, Adoption.revision_id == Assignment.revision_id)
        .where(_is_in_force(caller, day), row_filter.visible(caller, Assignment))
        .subquery()
    )


def _is_in_force(caller: Caller, day: SubdistrictDay) -> ColumnElement[bool]:
    in_scope = scope_filter.in_scope_communities(caller, Adoption)
    return and_(Adoption.subdistrict_id == day.subdistrict_id, Adoption.valid.contains(day.date), in_scope)


def _in_own_grids(caller: Caller, grid_id: ColumnElement[int]) -> ColumnElement[int]:
    """Return a grid, or NULL where it is none of a worker's own."""
    if caller.role is not Role.WORKER:
        return grid_id
    own: ColumnElement[int] = case((grid_id.in_(caller.grid_ids), grid_id), else_=NO_GRID)
    return own
