"""Places of the caller's communities: lists, single ones, and what a map of a community shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, String, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from gridmap.core.addresses.building_index import KnownBuilding
from gridmap.core.caller import Caller
from gridmap.core.facilities.place_kinds import SHOP_KIND, PlaceTable
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.columns import display_name_column, geojson_column, present_day
from gridmap.store.queries.journal.changes import list_record_changes
from gridmap.store.schema import Building, Cell, Courtyard, Estate, Facility, Organisation, Shop
from gridmap.store.schema.base import SRID

PlaceModel = type[Facility] | type[Organisation] | type[Shop]
MODELS: Mapping[PlaceTable, PlaceModel] = {
    PlaceTable.FACILITIES: Facility,
    PlaceTable.ORGANISATIONS: Organisation,
    PlaceTable.SHOPS: Shop,
}
ONE_DAY = timedelta(days=1)
SAME_PLACE_M = 1.0
"""Metres within which a second place of the same kind and name is the same one."""


@dataclass(frozen=True)
class PlaceRow:
    """A place; `address` is that of a shop, and `building` the name of the building it is in.

    A place on no land has neither community nor cell.
    """

    table: PlaceTable
    id: int
    subdistrict_id: int
    community_id: int | None
    kind: str
    name: str | None
    address: str | None
    building_id: int | None
    building: str | None
    cell_id: int | None
    longitude: float
    latitude: float
    first: date
    last: date | None


class MapFeature(NamedTuple):
    """A building or a place on the map of a community; `shape` is GeoJSON."""

    id: int
    kind: str
    name: str | None
    shape: str


def list_places(
    session: Session, caller: Caller, words: str, community_id: int | None, limit: int, offset: int
) -> Sequence[PlaceRow]:
    """Return places of today in the caller's communities, or in one of them, by name."""
    parts = [_select_places(caller, table, *_list_conditions(table, words, community_id)) for table in PlaceTable]
    found = union_all(*parts).subquery()
    ordered = select(found).order_by(found.c.name, found.c.kind, found.c.place_table, found.c.id)
    return [_place_row(row) for row in session.execute(ordered.limit(limit).offset(offset))]


def find_place(session: Session, caller: Caller, table: PlaceTable, place_id: int) -> PlaceRow | None:
    """Return a place of the caller's communities, or on no land of the caller's subdistricts; else None."""
    is_it = MODELS[table].id == place_id
    for rows in (_select_places(caller, table, is_it), _select_orphans(caller, table, is_it)):
        if row := session.execute(rows).first():
            return _place_row(row)
    return None


def list_orphans(session: Session, caller: Caller, limit: int) -> Sequence[PlaceRow]:
    """Return places of today on no land of the caller's subdistricts, by name."""
    today = present_day()
    parts = [_select_orphans(caller, table, MODELS[table].valid.contains(today)) for table in PlaceTable]
    found = union_all(*parts).subquery()
    ordered = select(found).order_by(found.c.name, found.c.kind, found.c.place_table, found.c.id)
    return [_place_row(row) for row in session.execute(ordered.limit(limit))]


def find_same_place(
    session: Session, caller: Caller, table: PlaceTable, kind: str, name: str | None, point: tuple[float, float]
) -> bool:
    """Return whether a place of today within a metre has the same kind and name."""
    model = MODELS[table]
    place = func.geography(func.ST_SetSRID(func.ST_MakePoint(*point), SRID))
    is_near = func.ST_DWithin(func.geography(model.geometry), place, SAME_PLACE_M)
    is_same = [_kind_column(model) == kind, model.name.is_not_distinct_from(name)]
    rows = _select_places(caller, table, is_near, *is_same, model.valid.contains(present_day()))
    return session.execute(rows.limit(1)).first() is not None


def place_version(session: Session, table: PlaceTable, place_id: int) -> int:
    """Return the version of a place: the latest change of it; 0 before the journal."""
    changes = list_record_changes(session, MODELS[table].__tablename__, [place_id])
    return max((each.origin.change_set_id for each in changes), default=0)


def list_known_buildings(session: Session, caller: Caller, community_ids: Sequence[int]) -> list[KnownBuilding]:
    """Return the standing buildings of communities with the words that find them."""
    rows = (
        select(Building.id, Building.code, Building.name, Building.address, Estate.name, Courtyard.name)
        .outerjoin(Estate, Estate.id == Building.estate_id)
        .outerjoin(Courtyard, Courtyard.id == Building.courtyard_id)
        .where(Building.community_id.in_(community_ids), row_filter.visible(caller, Building))
        .where(scope_filter.is_in_scope(caller, row_filter.first_column(Building, "community_id")))
        .where(Building.valid.contains(present_day()))
        .order_by(Building.code)
    )
    return [KnownBuilding(*row) for row in session.execute(rows)]


def find_community_of_cell(session: Session, caller: Caller, cell_id: int) -> int | None:
    """Return the community of a cell where the caller works in it, or None."""
    of_cell = select(Cell.community_id).where(Cell.id == cell_id, row_filter.visible(caller, Cell))
    return session.scalar(of_cell.where(row_filter.in_communities(caller, Cell)))


def list_map_buildings(session: Session, caller: Caller, community_id: int) -> Sequence[MapFeature]:
    """Return the standing buildings of a community for a map."""
    rows = select(Building.id, literal("building"), display_name_column(), geojson_column(Building.geometry)).where(
        Building.community_id == community_id, row_filter.visible(caller, Building)
    )
    in_scope = scope_filter.is_in_scope(caller, row_filter.first_column(Building, "community_id"))
    today = Building.valid.contains(present_day())
    return [MapFeature(*row) for row in session.execute(rows.where(in_scope, today).order_by(Building.id))]


def _list_conditions(table: PlaceTable, words: str, community_id: int | None) -> list[ColumnElement[bool]]:
    model = MODELS[table]
    conditions: list[ColumnElement[bool]] = [model.valid.contains(present_day())]
    if community_id is not None:
        conditions.append(Cell.community_id == community_id)
    if words:
        pattern = f"%{words.replace('%', '').replace('_', '')}%"
        texts = [model.name, _address_column(model), Building.name, Building.address]
        conditions.append(or_(*(column.ilike(pattern) for column in texts)))
    return conditions


def _select_places(caller: Caller, table: PlaceTable, *conditions: ColumnElement[bool]) -> Select[Any]:
    rows = _select_columns(caller, table, Cell.community_id).join(Cell, Cell.id == MODELS[table].cell_id)
    in_scope = scope_filter.is_in_scope(caller, row_filter.first_column(Cell, "community_id"))
    return rows.where(*conditions, row_filter.visible(caller, Cell), in_scope)


def _select_orphans(caller: Caller, table: PlaceTable, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Select places without a cell; those in a building only where the caller works in its community."""
    model = MODELS[table]
    in_scope = scope_filter.is_in_scope(caller, row_filter.first_column(Building, "community_id"))
    rows = _select_columns(caller, table, cast(null(), BigInteger).label("community_id"))
    return rows.where(model.cell_id.is_(None), or_(model.building_id.is_(None), in_scope), *conditions)


def _select_columns(caller: Caller, table: PlaceTable, community_id: Any) -> Select[Any]:
    model = MODELS[table]
    of_building = (Building.id == model.building_id) & row_filter.visible(caller, Building)
    return (
        select(literal(table.value).label("place_table"), model.id, model.subdistrict_id, community_id)
        .add_columns(_kind_column(model).label("kind"), model.name, _address_column(model).label("address"))
        .add_columns(model.building_id, display_name_column().label("building"), model.cell_id)
        .add_columns(func.ST_X(model.geometry).label("x"), func.ST_Y(model.geometry).label("y"), model.valid)
        .select_from(model)
        .outerjoin(Building, of_building)
        .where(row_filter.visible(caller, model))
    )


def _kind_column(model: PlaceModel) -> ColumnElement[str]:
    column: ColumnElement[str] = getattr(model, "kind", literal(SHOP_KIND))
    return column


def _address_column(model: PlaceModel) -> ColumnElement[str | None]:
    column: ColumnElement[str | None] = getattr(model, "address", cast(null(), String))
    return column


def _place_row(row: Any) -> PlaceRow:
    last = row.valid.upper - ONE_DAY if row.valid.upper else None
    keys = PlaceTable(row.place_table), row.id, row.subdistrict_id, row.community_id
    texts = row.kind, row.name, row.address, row.building_id, row.building
    return PlaceRow(*keys, *texts, row.cell_id, row.x, row.y, row.valid.lower, last)
