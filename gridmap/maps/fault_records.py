"""Faults of a check and changes of a repair, as values for the scripts of a page."""

from collections.abc import Iterable, Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.coverage.drawn_grids import LAND_KINDS
from gridmap.core.vocabulary import FindingKind
from gridmap.maps.layer_values import geometries_of, household_ranges, json_values, translate_reason
from gridmap.maps.page_geometry import encode_geometries, encode_inner_points, label_anchors

FAULT_COLUMNS = ("kind", "severity", "area_m2", "width_m", "community_code", "households", "buildings")
CHANGE_COLUMNS = ("building_id", "households", "from_code", "to_code")
SINGLE_BUILDING_KINDS = (FindingKind.UNASSIGNED_BUILDING, FindingKind.BUILDING_CUT)
JsonRecord = dict[str, object]
EncodedLayer = dict[str, Sequence[object]]
PageOrigin = tuple[int, int]


def build_fault_records(faults: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, origin: PageOrigin) -> list[JsonRecord]:
    """Build one object for each fault, in the order of the file: the gravest first.

    Parameters
    ----------
    faults : GeoDataFrame
        As `gridmap check` writes them, in EPSG:4326.
    buildings : GeoDataFrame
        Buildings with the flag of estimated households.
    origin : tuple of int
        Origin of the page, in millionths of a degree.

    Returns
    -------
    list of dict
        ``id``, ``kind``, ``severity``, ``area_m2``, ``width_m``, ``grids`` (codes), ``community_code``, ``households``,
        ``buildings``, ``new_households`` (those in no earlier fault of the kind), ``estimated``, ``place`` (name or id
        of the building, for a fault of one building), ``suggestion`` (by language) and ``anchor`` (position of its
        marker).
    """
    records = _rows_as_records(faults, FAULT_COLUMNS)
    columns: dict[str, Iterable[object]] = {
        "id": range(1, len(faults) + 1),
        "grids": [list(filter(None, (codes or "").split(","))) for codes in json_values(faults, "grid_codes")],
        "suggestion": _translated_sentences(faults, "suggestion"),
        "anchor": encode_inner_points(geometries_of(faults), origin),
        "new_households": _count_new_households(faults, buildings),
        "estimated": _estimated_flags(faults, buildings),
        "place": _building_labels(faults, buildings),
    }
    return _add_columns(records, columns)


def build_change_records(
    changes: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, origin: PageOrigin
) -> list[JsonRecord]:
    """Build one object for each building that changed grid.

    Parameters
    ----------
    changes : GeoDataFrame
        As `gridmap repair` writes them, in EPSG:4326.
    buildings : GeoDataFrame
        Buildings with their names and the flag of estimated households.
    origin : tuple of int
        Origin of the page, in millionths of a degree.

    Returns
    -------
    list of dict
        ``building_id``, ``name``, ``households``, ``range`` (of an estimate), ``from_code`` (empty for no grid),
        ``to_code``, ``reason`` (by language) and ``anchor``.
    """
    records = _rows_as_records(changes, CHANGE_COLUMNS)
    ids = json_values(buildings, "building_id")
    names = dict(zip(ids, json_values(buildings, "name"), strict=True))
    ranges = dict(zip(ids, household_ranges(buildings, "households_estimated"), strict=True))
    sizes = _land_sizes(changes)
    columns: dict[str, Iterable[object]] = {
        "name": [names.get(record["building_id"]) or size for record, size in zip(records, sizes, strict=True)],
        "range": [ranges.get(record["building_id"]) for record in records],
        "reason": _translated_sentences(changes, "reason"),
        "anchor": encode_inner_points(geometries_of(changes), origin),
    }
    return _add_columns(records, columns)


def _land_sizes(changes: gpd.GeoDataFrame) -> list[str | None]:
    """Return the area of each row of land, which has no building to name it."""
    areas = json_values(changes, "area_m2") if "area_m2" in changes else [None] * len(changes)
    return [f"{area:,.0f} m²" if isinstance(area, float) and area > 0 else None for area in areas]


def encode_drawn_grids(grids: gpd.GeoDataFrame, origin: PageOrigin) -> EncodedLayer:
    """Encode grids as drawn, for the map before a repair; a simplification would hide or create slivers."""
    shapes = geometries_of(grids)
    return {
        "shapes": encode_geometries(shapes, origin),
        "code": json_values(grids, "grid_code"),
        "anchor": label_anchors(shapes, origin),
    }


def _rows_as_records(frame: gpd.GeoDataFrame, names: tuple[str, ...]) -> list[JsonRecord]:
    rows = zip(*(json_values(frame, name) for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _add_columns(records: list[JsonRecord], columns: Mapping[str, Iterable[object]]) -> list[JsonRecord]:
    rows = zip(*columns.values(), strict=True)
    return [record | dict(zip(columns, row, strict=True)) for record, row in zip(records, rows, strict=True)]


def _translated_sentences(frame: gpd.GeoDataFrame, column: str) -> list[dict[str, str] | None]:
    """Return a sentence of each row in every language."""
    pairs = zip(json_values(frame, column), json_values(frame, f"{column}_message"), strict=True)
    return [translate_reason(plain, message_json) for plain, message_json in pairs]


def _estimated_flags(faults: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> list[bool]:
    """Return for each fault whether it concerns buildings with estimated households."""
    is_estimated = [limits is not None for limits in household_ranges(buildings, "households_estimated")]
    points = shapely.point_on_surface(geometries_of(buildings)[is_estimated])
    concerned = set(shapely.STRtree(points).query(geometries_of(faults), predicate="intersects")[0].tolist())
    return [position in concerned for position in range(len(faults))]


def _count_new_households(faults: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> list[int]:
    """Return the households of each fault that no earlier fault of its kind has: three grids may share one place."""
    kinds = json_values(faults, "kind")
    households = [int(number or 0) for number in json_values(faults, "households")]
    is_land = [kind in LAND_KINDS for kind in kinds]
    points = shapely.point_on_surface(geometries_of(buildings))
    found = shapely.STRtree(points).query(geometries_of(faults)[is_land], predicate="intersects")
    pairs = np.stack([np.flatnonzero(is_land)[found[0]], found[1]])
    seen: set[tuple[object, int]] = set()
    known = [int(number or 0) for number in json_values(buildings, "households")]
    for fault, building in sorted(map(tuple, pairs.T.tolist())):
        if (kinds[fault], building) in seen:
            households[fault] = max(0, households[fault] - known[building])
        seen.add((kinds[fault], building))
    return households


def _building_labels(faults: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> list[str | None]:
    """Return the name or id of the building for each fault of a single building."""
    names = zip(json_values(buildings, "name"), json_values(buildings, "building_id"), strict=True)
    labels = [name or building_id for name, building_id in names]
    points = shapely.point_on_surface(geometries_of(faults))
    pairs = shapely.STRtree(geometries_of(buildings)).query(points, predicate="intersects").T[::-1]
    building_of_fault = dict(pairs.tolist())
    is_single = [kind in SINGLE_BUILDING_KINDS for kind in json_values(faults, "kind")]
    return [
        labels[building_of_fault[row]] if single and row in building_of_fault else None
        for row, single in enumerate(is_single)
    ]
