"""Plausibility of a town's buildings: what can be true but is more likely a mistake is a warning, never a fault."""

import math
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.courtyards import MAX_COURTYARD_GAP_M, identify_courtyards
from gridmap.core.errors import N_, InputFault, Message
from gridmap.core.geodesy.layer_shift import find_layer_shift
from gridmap.core.land.point_location import locate_points
from gridmap.core.vocabulary import BarrierKind
from gridmap.formats.package.layer_reader import ParsedLayer
from gridmap.formats.row_faults import FaultTemplate, Placeholders, format_value, make_fault, make_row_faults

MIN_BUILDINGS_ON_POINT = 10
"""Sections of one long block often share its address point, but a block of ten sections is rare."""
POINT_PRECISION_M = 0.01
MAX_HOUSEHOLDS_PER_STOREY = 60
"""For points. A gallery block of 100 m with a door every 3 m on both sides has about as many."""
MIN_FLOOR_AREA_M2 = 10.0
"""For footprints and lots. Half of the usable area that GB 50096 prescribes for the smallest dwelling, 22 m²: outlines
and levels are not exact, and two households may share a dwelling."""
MAX_NAMED_ROWS = 5
MIN_DISTANCE_TO_BANK_M = 2.0
"""Banks are drawn about this exactly, and houses stand on them."""

HOMES_ON_DEDICATED = FaultTemplate(
    N_("{households} households in {count} buildings lie on dedicated land, {name}: rows {rows}"),
    N_("dedicated land where nobody lives: the grid of a park, school or market is not compared with the norm"),
    N_("check the outline of the dedicated land and the places of the buildings"),
    is_implausible=True,
)
HOMES_ON_WATER = FaultTemplate(
    N_("{households} households in {count} buildings lie on water: rows {rows}"),
    N_("homes on land"),
    N_("check the outline of the water and the places of the buildings; house boats are correct"),
    is_implausible=True,
)
BUILDINGS_ON_POINT = FaultTemplate(
    N_("{count} buildings on one point: rows {rows}"),
    N_("a point for each building: the borders between these ones mean nothing on the ground"),
    N_("move each of them to its place, or draw its footprint"),
    is_implausible=True,
)
CROWDED_STOREYS = FaultTemplate(
    N_("{per_storey} households on each of {levels} storeys"),
    N_("at most {maximum} households on each storey"),
    N_("check households and levels"),
    is_implausible=True,
)
SHIFTED = FaultTemplate(
    N_(
        "{misfits} of {count} buildings lie on streets or outside every community; moved by {distance} m to the"
        " {direction}, {remaining} do"
    ),
    N_("buildings within communities and not on streets"),
    N_("check the CRS and the datum of the layer, or move it"),
    is_implausible=True,
)
DIRECTIONS = (
    N_("east"),
    N_("north-east"),
    N_("north"),
    N_("north-west"),
    N_("west"),
    N_("south-west"),
    N_("south"),
    N_("south-east"),
)
COURTYARD_APART = FaultTemplate(
    N_("the buildings of courtyard {courtyard} lie {distance} m apart: they are read as {count} courtyards"),
    N_("buildings of one courtyard with gaps of at most {maximum} m"),
    N_("correct names and places, or fill in the estate of each building"),
    is_implausible=True,
)


def check_plausibility(
    buildings: ParsedLayer, dedicated: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame
) -> list[InputFault]:
    """Return warnings of what is not plausible.

    These are homes on dedicated land or water, many buildings on one point, too many households on a storey, and
    buildings of one courtyard far apart.

    Parameters
    ----------
    buildings : ParsedLayer
        Valid in every row, in metres, with the position of their community. Buildings without a number of households
        are not compared.
    dedicated : GeoDataFrame
        ``name``, polygons in the same CRS.
    barriers : GeoDataFrame
        ``kind``, lines and polygons in the same CRS.
    """
    return [
        *_check_water(buildings, barriers),
        *_check_dedicated(buildings, dedicated),
        *_check_points(buildings),
        *_check_storeys(buildings),
        *_check_courtyards(buildings),
    ]


def check_layer_shift(buildings: ParsedLayer, communities: ParsedLayer, streets: ParsedLayer | None) -> None:
    """Warn of buildings that would fit communities and streets much better after one movement of the layer.

    Where buildings are outside every community, which are faults, it is one of the faults: it may explain them.

    Parameters
    ----------
    buildings, communities, streets : ParsedLayer
        In metres.
    """
    rows = buildings.valid_rows.geometry.to_numpy()
    if not len(rows) or communities.valid_rows.empty or not communities.is_valid.all():
        return
    lines = streets.valid_rows.geometry.to_numpy() if streets else np.empty(0, dtype=object)
    shift = find_layer_shift(rows, communities.shapes, lines)
    if shift is None:
        return
    octant = round(math.degrees(math.atan2(shift.north_m, shift.east_m)) / 45) % 8
    values = {
        "misfits": shift.misfits,
        "count": shift.sampled,
        "remaining": shift.remaining,
        "distance": f"{shift.distance_m:.0f}",
        "direction": Message(DIRECTIONS[octant]),
    }
    fault = make_fault(buildings.location, SHIFTED, column="geometry", placeholders=values)
    (buildings.faults or buildings.warnings).append(fault)


def _check_water(buildings: ParsedLayer, barriers: gpd.GeoDataFrame) -> list[InputFault]:
    if barriers.empty:
        return []
    households = _read_numbers(buildings, "households")
    shapes = barriers.geometry.to_numpy()[(barriers["kind"] == BarrierKind.WATER).to_numpy()]
    water = shapely.buffer(shapes[shapely.get_dimensions(shapes) == 2], -MIN_DISTANCE_TO_BANK_M)
    is_on_water = locate_points(shapely.point_on_surface(buildings.shapes), water) >= 0
    rows = np.flatnonzero((households > 0) & is_on_water).tolist()
    if not rows:
        return []
    values = {"households": f"{households[rows].sum():.0f}", **_name_rows(buildings, rows)}
    return _make_group_faults(buildings, HOMES_ON_WATER, {rows[0]: values})


def _check_dedicated(buildings: ParsedLayer, dedicated: gpd.GeoDataFrame) -> list[InputFault]:
    if dedicated.empty:
        return []
    households = _read_numbers(buildings, "households")
    area = locate_points(shapely.point_on_surface(buildings.shapes), dedicated.geometry.to_numpy())
    groups: dict[int, Placeholders] = {}
    for number, rows in _list_groups(np.where(households > 0, area, -1)):
        name = format_value(dedicated["name"].iloc[number]) or str(number + 1)
        total = f"{households[rows].sum():.0f}"
        groups[rows[0]] = {"households": total, "name": name, **_name_rows(buildings, rows)}
    return _make_group_faults(buildings, HOMES_ON_DEDICATED, groups)


def _check_points(buildings: ParsedLayer) -> list[InputFault]:
    rows = np.flatnonzero(shapely.get_type_id(buildings.shapes) == shapely.GeometryType.POINT)
    places = np.round(shapely.get_coordinates(buildings.shapes[rows]) / POINT_PRECISION_M)
    place = np.full(len(buildings.shapes), -1, dtype=np.int64)
    place[rows] = np.unique(places, axis=0, return_inverse=True)[1].reshape(-1)
    groups: dict[int, Placeholders] = {
        members[0]: _name_rows(buildings, members)
        for _, members in _list_groups(place)
        if len(members) >= MIN_BUILDINGS_ON_POINT
    }
    return _make_group_faults(buildings, BUILDINGS_ON_POINT, groups)


def _check_storeys(buildings: ParsedLayer) -> list[InputFault]:
    households, levels = _read_numbers(buildings, "households"), _read_numbers(buildings, "levels")
    area = shapely.area(buildings.shapes)
    maximum = np.where(area > 0, area / MIN_FLOOR_AREA_M2, MAX_HOUSEHOLDS_PER_STOREY)
    per_storey = households / np.where(levels > 0, levels, np.nan)

    def placeholders(row: int) -> Placeholders:
        values = {"per_storey": per_storey[row], "levels": levels[row], "maximum": maximum[row]}
        return {name: f"{value:.1f}".removesuffix(".0") for name, value in values.items()}

    return make_row_faults(
        buildings.location,
        CROWDED_STOREYS,
        per_storey > maximum,
        column="households",
        values=households.tolist(),
        placeholders=placeholders,
    )


def _check_courtyards(buildings: ParsedLayer) -> list[InputFault]:
    courtyards = identify_courtyards(buildings.frame)
    groups: dict[int, Placeholders] = {}
    for _, numbers in _list_groups(courtyards.group):
        places = [np.flatnonzero(courtyards.of_building == number) for number in numbers if len(numbers) > 1]
        if places:
            first, others = places[0], np.concatenate(places[1:])
            shapes = (shapely.geometrycollections(buildings.shapes[rows]) for rows in (first, others))
            groups[int(others.min())] = {
                "courtyard": courtyards.names[numbers[0]],
                "distance": f"{shapely.distance(*shapes):.0f}",
                "count": len(numbers),
                "maximum": f"{MAX_COURTYARD_GAP_M:.0f}",
            }
    return make_row_faults(
        buildings.location, COURTYARD_APART, sorted(groups), column="courtyard", placeholders=groups.__getitem__
    )


def _read_numbers(buildings: ParsedLayer, column: str) -> FloatArray:
    """Return the values of a column; NaN where unknown."""
    return np.asarray(buildings.frame[column].to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def _list_groups(group: IntArray) -> Iterator[tuple[int, list[int]]]:
    """Yield each group with its rows; -1 is none."""
    order = np.argsort(group, kind="stable")
    order = order[group[order] >= 0]
    numbers, starts = np.unique(group[order], return_index=True)
    for number, rows in zip(numbers.tolist(), np.split(order, starts[1:]), strict=False):
        yield number, rows.tolist()


def _name_rows(buildings: ParsedLayer, rows: list[int]) -> dict[str, object]:
    """Return the number of rows, and the first of them with their ids."""
    location = buildings.location
    names = [f"{location.row_number(row)} ({format_value(location.row_ids[row])})" for row in rows[:MAX_NAMED_ROWS]]
    return {"count": len(rows), "rows": ", ".join(names) + (" …" if len(rows) > MAX_NAMED_ROWS else "")}


def _make_group_faults(
    buildings: ParsedLayer, template: FaultTemplate, groups: dict[int, Placeholders]
) -> list[InputFault]:
    """Make a fault for each of the first twenty groups, by their first rows."""
    return make_row_faults(
        buildings.location, template, sorted(groups), column="geometry", placeholders=groups.__getitem__
    )
