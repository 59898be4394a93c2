"""Location of a place: a point that was touched or typed, or the building that an address means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from sqlalchemy.orm import Session

from gridmap.core.addresses.building_index import BuildingCandidate, BuildingIndex, PlaceWords
from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.services.land.building_shapes import parse_shape
from gridmap.store.queries import point_location
from gridmap.store.queries.imports.places import load_building_places
from gridmap.store.queries.places import places as place_queries

__all__ = ["BuildingCandidate", "BuildingChoiceNeeded", "PlaceLocation", "locate", "parse_point"]

NO_PLACE = N_("touch the map, or enter coordinates or an address")
NOT_A_POINT = N_("this is no point: longitude and latitude in WGS 84, for example {example}")
OUTSIDE = N_("this place is outside your communities")
NO_BUILDING = N_("no building of your communities has this address: touch the map instead")
CHOOSE = N_("several buildings may be meant: choose one, or touch the map")
POINT = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，;\s]\s*(-?\d{1,2}(?:\.\d+)?)\s*", re.ASCII)
EXAMPLE_POINT = "114.3055, 30.5928"


class BuildingChoiceNeeded(InvalidInput):
    """An address means several buildings, or none exactly; the candidates are ranked, the likeliest first."""

    def __init__(self, candidates: Sequence[BuildingCandidate]) -> None:
        super().__init__([InputFault(Message(CHOOSE), column="building_id")])
        self.candidates = candidates


@dataclass(frozen=True)
class PlaceLocation:
    """Point of a place in degrees, and the building and cell it is in."""

    point: tuple[float, float]
    building_id: int | None
    cell_id: int


def locate(
    session: Session, caller: Caller, subdistrict_id: int, shape: str, words: tuple[str, int | None]
) -> PlaceLocation:
    """Return the location of a place.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    shape : str
        Point as `parse_point` reads it; empty to take the building.
    words : tuple of str and int
        Address, and the building that was chosen among candidates, if any. Without a point, the building has to be
        exact or chosen; with one, an address that means one building links the place to it.

    Raises
    ------
    BuildingChoiceNeeded
        If there is no point, and the address means several buildings.
    InvalidInput
        If there is neither a point nor an address, or the place is outside the caller's communities.
    """
    address, building_id = words[0].strip(), words[1]
    index = BuildingIndex(place_queries.list_known_buildings(session, caller, caller.community_ids))
    known = {each.id for each in index.buildings}
    match = index.find(PlaceWords(address=address)) if address else None
    if building_id not in known:
        building_id = match.building.id if match and match.building else None
    if shape.strip():
        return _locate_point(session, caller, subdistrict_id, parse_point(shape), building_id)
    if building_id is not None:
        return _locate_building(session, building_id)
    if match is None:
        raise _location_fault("shape", NO_PLACE)
    if not match.candidates:
        raise _location_fault("address", NO_BUILDING)
    raise BuildingChoiceNeeded(match.candidates)


def parse_point(text: str) -> tuple[float, float]:
    """Return longitude and latitude of a point, from two numbers, WKT or GeoJSON.

    Raises
    ------
    InvalidInput
        If it is no point.

    Examples
    --------
    >>> parse_point("114.3055，30.5928"), parse_point("POINT (114.3 30.5)")
    ((114.3055, 30.5928), (114.3, 30.5))
    """
    if numbers := POINT.fullmatch(text):
        shape: shapely.Geometry = shapely.Point(float(numbers[1]), float(numbers[2]))
    else:
        shape = parse_shape(text)
    if not isinstance(shape, shapely.Point) or abs(shape.x) > 180 or abs(shape.y) > 85:
        raise InvalidInput([InputFault(Message(NOT_A_POINT, {"example": EXAMPLE_POINT}), column="shape")])
    return float(shape.x), float(shape.y)


def _locate_point(
    session: Session, caller: Caller, subdistrict_id: int, point: tuple[float, float], building_id: int | None
) -> PlaceLocation:
    found = point_location.locate_point(session, caller, subdistrict_id, *point)
    if found.cell_id is None or place_queries.find_community_of_cell(session, caller, found.cell_id) is None:
        raise _location_fault("shape", OUTSIDE)
    return PlaceLocation(point, found.building_id or building_id, found.cell_id)


def _locate_building(session: Session, building_id: int) -> PlaceLocation:
    place = load_building_places(session, [building_id])[building_id]
    if place.cell_id is None:
        raise _location_fault("address", NO_BUILDING)
    return PlaceLocation((place.longitude, place.latitude), building_id, place.cell_id)


def _location_fault(column: str, problem: str) -> InvalidInput:
    return InvalidInput([InputFault(Message(problem), column=column)])
