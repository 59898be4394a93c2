"""From traced shapes and a list to the layers of a town: buildings get a schematic place within their outline."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.affinity import translate

from gridmap.core.array_types import GeometryArray
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.field_lengths import MAX_BUILDING_CODE_LETTERS
from gridmap.core.text_comparison import fold_text
from gridmap.core.tracing.frame import LocalFrame
from gridmap.core.tracing.layout import lay_out_buildings, order_of_numbers
from gridmap.core.tracing.shapes import ListedBuilding, ShapeKind, TracedShape, TracedTown
from gridmap.core.vocabulary import BarrierKind, StreetKind

CRS = "EPSG:4490"
"""CGCS2000: it names the datum, so that nobody takes the coordinates for those of a web map."""

NO_OUTLINE = N_("the estate {estate} of {count} buildings has no outline of this name")
TWO_OUTLINES = N_("{count} outlines have the name {estate}: give each its own, as the list does")
NO_COMMUNITY = N_("the boundary of the community {name} is not drawn")
TWO_BOUNDARIES = N_("the boundary of the community {name} is drawn {count} times")
NO_BUILDINGS = N_("the list of buildings is empty")
NO_ROOM_IN = N_("{estate}: {problem}")


@dataclass(frozen=True)
class PlacedBuildings:
    """Footprints of the buildings of a list.

    Parameters
    ----------
    footprints : ndarray of Polygon, degrees, one per building
        None where the estate has no outline.
    faults : tuple of Message
        Estates without an outline, or without room in it.
    """

    footprints: GeometryArray
    faults: tuple[Message, ...]


def place_buildings(town: TracedTown) -> PlacedBuildings:
    """Return the schematic footprints of the buildings of a list.

    Buildings that a planner has moved stand where they were put; the others stand in rows within the outline of their
    estate, in the order of their numbers.

    Parameters
    ----------
    town : TracedTown

    Examples
    --------
    >>> outline = TracedShape("o", ShapeKind.OUTLINE, shapely.box(114, 30, 114.002, 30.001), "东湖花园")
    >>> listed = [ListedBuilding("东湖花园", number, 30) for number in ("2", "1")]
    >>> placed = place_buildings(TracedTown([outline], listed))
    >>> [round(shape.centroid.y, 5) for shape in placed.footprints], placed.faults
    ([30.00025, 30.00075], ())
    """
    outlines = [each for each in town.of_kind(ShapeKind.OUTLINE) if each.geometry.is_valid]
    by_name = {fold_text(each.name): each for each in outlines}
    repeated = Counter(fold_text(each.name) for each in outlines)
    frame = LocalFrame.around(np.array([each.geometry for each in outlines], dtype=object))
    footprints, faults = np.full(len(town.buildings), None, dtype=object), []
    for estate, rows in _rows_by_estate(town.buildings).items():
        outline = by_name.get(estate)
        problem = _outline_problem(town.buildings[rows[0]].estate, outline, repeated[estate], len(rows))
        if outline is None or problem:
            faults += [problem] if problem else []
            continue
        buildings = [town.buildings[row] for row in rows]
        try:
            footprints[rows] = _place_in_outline(outline, buildings, frame)
        except InvalidInput as error:
            faults.append(Message(NO_ROOM_IN, {"estate": outline.name, "problem": error.faults[0].problem}))
    return PlacedBuildings(footprints, tuple(faults))


def is_in_community(town: TracedTown, estate: str, place: tuple[float, float]) -> bool:
    """Return whether a place lies in the community of an estate's outline; true while either is not drawn.

    Parameters
    ----------
    town : TracedTown
    estate : str
    place : tuple of float
        Longitude and latitude.

    Examples
    --------
    >>> outline = TracedShape("o", ShapeKind.OUTLINE, shapely.box(114, 30, 114.002, 30.001), "东湖花园")
    >>> boundary = TracedShape("c", ShapeKind.COMMUNITY, shapely.box(113.99, 29.99, 114.01, 30.01), code="001")
    >>> [is_in_community(TracedTown([outline, boundary]), "东湖花园", (x, 30.0)) for x in (114.005, 114.02)]
    [True, False]
    """
    outlines = [each for each in town.of_kind(ShapeKind.OUTLINE) if fold_text(each.name) == fold_text(estate)]
    middles = [shapely.point_on_surface(each.geometry) for each in outlines if each.geometry.is_valid]
    boundaries = [
        each.geometry
        for each in town.of_kind(ShapeKind.COMMUNITY)
        if each.geometry.is_valid and any(shapely.intersects(each.geometry, middle) for middle in middles)
    ]
    return not boundaries or any(shapely.intersects(each, shapely.Point(place)) for each in boundaries)


def list_faults(town: TracedTown, communities: Mapping[str, str], placed: PlacedBuildings) -> list[Message]:
    """Return what is missing before the land can be built, apart from faults of the shapes themselves.

    Parameters
    ----------
    town : TracedTown
    communities : mapping
        Names of the communities of the subdistrict by their codes.
    placed : PlacedBuildings
    """
    drawn = Counter(shape.code for shape in town.of_kind(ShapeKind.COMMUNITY))
    missing = [Message(NO_COMMUNITY, {"name": name}) for code, name in communities.items() if not drawn[code]]
    repeated = [
        Message(TWO_BOUNDARIES, {"name": name, "count": drawn[code]})
        for code, name in communities.items()
        if drawn[code] > 1
    ]
    return [*missing, *repeated, *([] if town.buildings else [Message(NO_BUILDINGS)]), *placed.faults]


def build_layers(
    town: TracedTown, communities: Mapping[str, str], placed: PlacedBuildings
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a town package, as `gridmap.formats.package.town.read_town` reads them.

    Parameters
    ----------
    town : TracedTown
    communities : mapping
        Names of the communities of the subdistrict by their codes.
    placed : PlacedBuildings

    Raises
    ------
    InvalidInput
        If something is missing.
    """
    if faults := list_faults(town, communities, placed):
        raise InvalidInput([InputFault(fault) for fault in faults])
    boundaries = [each for each in town.of_kind(ShapeKind.COMMUNITY) if each.code in communities]
    names = [communities[each.code] for each in boundaries]
    layers = {
        "communities": _layer(boundaries, code=[each.code for each in boundaries], name=names),
        "buildings": _building_layer(town.buildings, placed.footprints),
        "streets": _line_layer(town.of_kind(ShapeKind.STREET), StreetKind.LOCAL),
        "barriers": _line_layer(town.of_kind(ShapeKind.BARRIER), BarrierKind.WALL),
        "dedicated": _named_layer(town.of_kind(ShapeKind.DEDICATED)),
        "grids": _grid_layer(town.of_kind(ShapeKind.GRID)),
    }
    return {name: layer for name, layer in layers.items() if len(layer)}


def building_code(building: ListedBuilding) -> str:
    """Return the code of a building: its estate and number, as people say them; long ones are shortened.

    Examples
    --------
    >>> building_code(ListedBuilding("东湖花园", "3号楼", 40))
    '东湖花园 3号楼'
    """
    room = MAX_BUILDING_CODE_LETTERS - len(building.number) - 1
    return f"{building.estate[:room]} {building.number}"


def _rows_by_estate(buildings: Sequence[ListedBuilding]) -> dict[str, list[int]]:
    """Return the positions of the buildings of each estate, in the order of their numbers."""
    rows: dict[str, list[int]] = {}
    for row, building in enumerate(buildings):
        rows.setdefault(fold_text(building.estate), []).append(row)
    return {
        estate: [found[position] for position in order_of_numbers([buildings[row].number for row in found])]
        for estate, found in rows.items()
    }


def _outline_problem(estate: str, outline: TracedShape | None, outline_count: int, count: int) -> Message | None:
    if outline is None:
        return Message(NO_OUTLINE, {"estate": estate, "count": count})
    return Message(TWO_OUTLINES, {"estate": estate, "count": outline_count}) if outline_count > 1 else None


def _place_in_outline(outline: TracedShape, buildings: Sequence[ListedBuilding], frame: LocalFrame) -> GeometryArray:
    (shape,) = frame.to_metres(np.array([outline.geometry], dtype=object))
    moved = np.array([building.place is not None for building in buildings])
    footprints = lay_out_buildings(shape, len(buildings))
    if not moved.any():
        return frame.to_degrees(footprints)
    standing = [_move_to(footprints[0], building.place, frame) for building in buildings if building.place]
    footprints[moved] = standing
    footprints[~moved] = lay_out_buildings(shape, int((~moved).sum()), standing)
    return frame.to_degrees(footprints)


def _move_to(footprint: shapely.Polygon, place: tuple[float, float], frame: LocalFrame) -> shapely.Polygon:
    (middle,) = frame.to_metres(np.array([shapely.Point(place)], dtype=object))
    centre = footprint.centroid
    return shapely.Polygon(translate(footprint, middle.x - centre.x, middle.y - centre.y))


def _building_layer(buildings: Sequence[ListedBuilding], footprints: GeometryArray) -> gpd.GeoDataFrame:
    columns = {
        "building_id": [building_code(building) for building in buildings],
        "households": [building.households for building in buildings],
        "estate": [building.estate for building in buildings],
        "name": [building.number for building in buildings],
        "levels": pd.array([building.levels for building in buildings], dtype="Int64"),
    }
    return gpd.GeoDataFrame(columns, geometry=list(footprints), crs=CRS)


def _layer(shapes: Sequence[TracedShape], **columns: Sequence[object]) -> gpd.GeoDataFrame:
    values = {name: list(each) for name, each in columns.items()}
    return gpd.GeoDataFrame(values, geometry=[shape.geometry for shape in shapes], crs=CRS)


def _line_layer(shapes: Sequence[TracedShape], default: str) -> gpd.GeoDataFrame:
    names, kinds = [each.name or None for each in shapes], [each.type or str(default) for each in shapes]
    return _layer(shapes, name=names, kind=kinds)


def _named_layer(shapes: Sequence[TracedShape]) -> gpd.GeoDataFrame:
    return _layer(shapes, name=list(_numbered_names(shapes)))


def _numbered_names(shapes: Sequence[TracedShape]) -> Iterator[str]:
    return (shape.name or f"{number}" for number, shape in enumerate(shapes, 1))


def _grid_layer(shapes: Sequence[TracedShape]) -> gpd.GeoDataFrame:
    codes, names = [each.code or None for each in shapes], [each.name or None for each in shapes]
    return _layer(shapes, grid_code=codes, name=names)
