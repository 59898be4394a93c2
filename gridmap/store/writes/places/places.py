"""Facilities, organisations and shops written by hand; a row ends, and is never deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.facilities.place_kinds import PlaceTable
from gridmap.store.access import row_filter
from gridmap.store.queries.places.places import MODELS, PlaceRow
from gridmap.store.schema.base import SRID


@dataclass(frozen=True)
class PlaceValues:
    """Values of a place: kind, texts, point in degrees, and the building and cell it is in."""

    kind: str
    name: str | None
    address: str | None
    point: tuple[float, float]
    building_id: int | None
    cell_id: int


def insert_place(
    session: Session, subdistrict_id: int, table: PlaceTable, values: PlaceValues, first: date, last: date | None = None
) -> int:
    """Insert a place from a day on, and return its key."""
    end = last + timedelta(days=1) if last else None
    columns = {"subdistrict_id": subdistrict_id, "valid": Range(first, end), **_columns(table, values)}
    place = MODELS[table](**columns)
    session.add(place)
    session.flush()
    return place.id


def change_place(session: Session, caller: Caller, place: PlaceRow, values: PlaceValues) -> None:
    """Change kind, texts and place of a place."""
    _update(session, caller, place, _columns(place.table, values))


def end_place(session: Session, caller: Caller, place: PlaceRow, last: date) -> None:
    """End a place with a last day."""
    _update(session, caller, place, {"valid": Range(place.first, last + timedelta(days=1))})


def _update(session: Session, caller: Caller, place: PlaceRow, columns: Mapping[str, object]) -> None:
    model = MODELS[place.table]
    changed = update(model).where(model.id == place.id, row_filter.visible(caller, model)).values(**columns)
    session.execute(changed, execution_options={"synchronize_session": False})
    session.expire_all()


def _columns(table: PlaceTable, values: PlaceValues) -> dict[str, object]:
    longitude, latitude = values.point
    columns: dict[str, object] = {
        "name": values.name,
        "building_id": values.building_id,
        "cell_id": values.cell_id,
        "geometry": f"SRID={SRID};POINT({longitude!r} {latitude!r})",
    }
    own = {"address": values.address} if table is PlaceTable.SHOPS else {"kind": values.kind}
    return {**columns, **own}
