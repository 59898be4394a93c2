"""Names of the present places of the caller's subdistricts, their version, and the grids that they lie in today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, CompoundSelect, String, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import SearchKind
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.columns import AnySelect, present_day
from gridmap.store.schema import (
    Adoption,
    Assignment,
    Base,
    Building,
    BuildingCell,
    Dwelling,
    Estate,
    Facility,
    Grid,
    Organisation,
    RevisionGrid,
    Shop,
    Unit,
)

SERVICE_TABLES: Mapping[SearchKind, type[Shop] | type[Organisation] | type[Facility]] = {
    SearchKind.SHOP: Shop,
    SearchKind.ORGANISATION: Organisation,
    SearchKind.FACILITY: Facility,
}


@dataclass(frozen=True)
class PlaceName:
    """A place by its name; `detail` is its code or address, `cell_id` the cell of a shop or the like."""

    kind: SearchKind
    id: int
    name: str
    detail: str
    cell_id: int | None


@dataclass(frozen=True)
class DoorName:
    """A dwelling of a building by its unit and number."""

    id: int
    building: str
    unit: str | None
    number: str


def names_cache_key(session: Session) -> str:
    """Return a text that changes whenever a name that the account may find does."""
    return str(session.scalar(select(func.names_cache_key())))


def list_place_names(session: Session, caller: Caller) -> Sequence[PlaceName]:
    """Return the names of the places that the caller may find."""
    rows = session.execute(_select_names(caller))
    return [PlaceName(SearchKind(row[0]), row[1], row[2], row[3] or "", row[4]) for row in rows]


def list_doors(session: Session, caller: Caller, building_ids: Sequence[int], number: str) -> Sequence[DoorName]:
    """Return the dwellings with a number in some buildings whose homes the caller sees."""
    name = func.coalesce(Building.name, Building.address, Building.code)
    rows = (
        select(Dwelling.id, name, Unit.name, Dwelling.number)
        .join(Building, Building.id == Dwelling.building_id)
        .outerjoin(Unit, Unit.id == Dwelling.unit_id)
        .where(Dwelling.building_id.in_(building_ids), Dwelling.number == number)
        .where(row_filter.visible(caller, Dwelling), row_filter.visible(caller, Building))
        .order_by(name, func.length(Unit.name), Unit.name, Dwelling.id)
    )
    return [DoorName(*row) for row in session.execute(rows)]


def grids_of_cells(session: Session, caller: Caller, cell_ids: Sequence[int]) -> Mapping[int, int]:
    """Return the grid in force today by cell, for cells in grids that the caller works in."""
    rows = _select_grids(caller).where(Assignment.cell_id.in_(cell_ids))
    return {row[0]: row[1] for row in session.execute(rows)}


def cells_of_buildings(session: Session, caller: Caller, building_ids: Sequence[int]) -> Mapping[int, Sequence[int]]:
    """Return the cells of buildings, one for each land."""
    rows = select(BuildingCell.building_id, BuildingCell.cell_id).where(BuildingCell.building_id.in_(building_ids))
    cells: dict[int, list[int]] = {}
    for row in session.execute(rows.where(row_filter.visible(caller, BuildingCell))):
        cells.setdefault(row[0], []).append(row[1])
    return cells


def _select_grids(caller: Caller) -> AnySelect:
    return (
        select(Assignment.cell_id, Assignment.grid_id)
        .join(Adoption, Adoption.revision_id == Assignment.revision_id)
        .where(Adoption.valid.contains(present_day()), scope_filter.in_scope_communities(caller, Adoption))
        .where(row_filter.visible(caller, Assignment), scope_filter.in_scope_grids(caller, Assignment))
    )


def _select_names(caller: Caller) -> CompoundSelect[*tuple[Any, ...]]:
    today, no_cell = present_day(), cast(null(), BigInteger).label("cell_id")
    name = func.coalesce(Building.name, Building.address, Building.code)
    detail = func.concat_ws(" ", Building.address, Building.code)
    buildings = _kind_and_id(SearchKind.BUILDING, Building).add_columns(name.label("name"), detail.label("detail"))
    estates = _kind_and_id(SearchKind.ESTATE, Estate).add_columns(Estate.name, literal("", String), no_cell)
    grid_name = func.coalesce(RevisionGrid.name, Grid.code)
    grids = (
        _kind_and_id(SearchKind.GRID, Grid)
        .add_columns(grid_name, Grid.code, no_cell)
        .join(RevisionGrid, RevisionGrid.grid_id == Grid.id)
        .join(Adoption, (Adoption.revision_id == RevisionGrid.revision_id) & Adoption.valid.contains(today))
        .where(row_filter.visible(caller, RevisionGrid), scope_filter.in_scope_communities(caller, Adoption))
        .where(scope_filter.in_scope_grids(caller, RevisionGrid))
    )
    services = [
        _kind_and_id(kind, table)
        .add_columns(table.name, literal("", String), table.cell_id)
        .where(table.valid.contains(today), table.name.is_not(None))
        for kind, table in SERVICE_TABLES.items()
    ]
    present = buildings.add_columns(no_cell).where(Building.valid.contains(today))
    parts = zip((present, estates, grids, *services), (Building, Estate, Grid, *SERVICE_TABLES.values()), strict=True)
    return union_all(*(rows.where(row_filter.visible(caller, table)) for rows, table in parts))


def _kind_and_id(kind: SearchKind, table: type[Base]) -> AnySelect:
    return select(literal(kind.value, String).label("kind"), row_filter.first_column(table, "id").label("id"))
