"""Plausibility of a town's buildings: what can be true but is more likely a mistake is a warning, never a fault."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.errors import N_, InputFault
from gridmap.core.land.point_location import locate_points
from gridmap.formats.package.layer_reader import ParsedLayer
from gridmap.formats.row_faults import FaultTemplate, Placeholders, format_value, make_row_faults

MIN_BUILDINGS_ON_POINT = 10
"""Sections of one long block often share its address point, but a block of ten sections is rare."""
POINT_PRECISION_M = 0.01
MAX_HOUSEHOLDS_PER_STOREY = 60
"""For points. A gallery block of 100 m with a door every 3 m on both sides has about as many."""
MIN_FLOOR_AREA_M2 = 10.0
"""For footprints and lots. Half of the usable area that GB 50096 prescribes for the smallest dwelling, 22 m²: outlines
and levels are not exact, and two households may share a dwelling."""
MAX_NAMED_ROWS = 5

HOMES_ON_DEDICATED = FaultTemplate(
    N_("{households} households in {count} buildings lie on dedicated land, {name}: rows {rows}"),
    N_("dedicated land where nobody lives: the grid of a park, school or market is not compared with the norm"),
    N_("check the outline of the dedicated land and the places of the buildings"),
)
BUILDINGS_ON_POINT = FaultTemplate(
    N_("{count} buildings on one point: rows {rows}"),
    N_("a point for each building: the borders between these ones mean nothing on the ground"),
    N_("move each of them to its place, or draw its footprint"),
)
CROWDED_STOREYS = FaultTemplate(
    N_("{per_storey} households on each of {levels} storeys"),
    N_("at most {maximum} households on each storey"),
    N_("check households and levels"),
)


def check_plausibility(buildings: ParsedLayer, dedicated: gpd.GeoDataFrame) -> list[InputFault]:
    """Return warnings of homes on dedicated land, many buildings on one point, and too many households on a storey.

    Parameters
    ----------
    buildings : ParsedLayer
        Valid in every row, in metres. Buildings without a number of households are not compared.
    dedicated : GeoDataFrame
        ``name``, polygons in the same CRS.
    """
    return [
        *_check_dedicated(buildings, dedicated),
        *_check_points(buildings),
        *_check_storeys(buildings),
    ]


def _check_dedicated(buildings: ParsedLayer, dedicated: gpd.GeoDataFrame) -> list[InputFault]:
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
    row_ids = buildings.location.row_ids
    names = [f"{row + 1} ({format_value(row_ids[row])})" for row in rows[:MAX_NAMED_ROWS]]
    return {"count": len(rows), "rows": ", ".join(names) + (" …" if len(rows) > MAX_NAMED_ROWS else "")}


def _make_group_faults(
    buildings: ParsedLayer, template: FaultTemplate, groups: dict[int, Placeholders]
) -> list[InputFault]:
    """Make a fault for each of the first twenty groups, by their first rows."""
    return make_row_faults(
        buildings.location, template, sorted(groups), column="geometry", placeholders=groups.__getitem__
    )
