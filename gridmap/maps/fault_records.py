"""What a check found and what a repair changed, as the values a page's scripts read."""

from typing import Any

import geopandas as gpd
import shapely

from gridmap.core.vocabulary import FindingKind
from gridmap.maps.layer_values import geometries_of, household_ranges, json_values, translate_reason
from gridmap.maps.page_geometry import encode_geometries, encode_inner_points, label_anchors

SINGLE_BUILDING_KINDS = (FindingKind.UNASSIGNED_BUILDING, FindingKind.BUILDING_CUT)
JsonRecord = dict[str, Any]
PageOrigin = tuple[int, int]


def build_fault_records(faults: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, origin: PageOrigin) -> list[JsonRecord]:
    """One object for each fault, in the order of the file: the gravest first.

    Parameters
    ----------
    faults : GeoDataFrame
        As `gridmap check` writes them, in EPSG:4326.
    buildings : GeoDataFrame
        They tell whether the households concerned were counted or estimated.
    origin : tuple of int
        Of the page, in millionths of a degree.

    Returns
    -------
    list of dict
        ``id``, ``kind``, ``severity``, ``area_m2``, ``width_m``, ``grids`` (codes), ``community_code``, ``households``,
        ``buildings``, ``estimated``, ``place`` (of a fault of one building its name or id), ``suggestion`` (by
        language) and ``anchor``, where its mark stands.
    """
    shown = ("kind", "severity", "area_m2", "width_m", "community_code", "households", "buildings")
    records = _rows_as_records(faults, shown)
    told = zip(json_values(faults, "suggestion"), json_values(faults, "suggestion_message"), strict=True)
    where = encode_inner_points(geometries_of(faults), origin)
    codes = ([each for each in (code or "").split(",") if each] for code in json_values(faults, "grid_codes"))
    rest = zip(
        codes, told, where, _estimated_flags(faults, buildings), _building_labels(faults, buildings), strict=True
    )
    return [
        record
        | {"id": number, "grids": grids, "suggestion": translate_reason(*said), "anchor": anchor}
        | {"estimated": estimated, "place": place}
        for number, (record, (grids, said, anchor, estimated, place)) in enumerate(zip(records, rest, strict=True), 1)
    ]


def build_change_records(
    changes: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, origin: PageOrigin
) -> list[JsonRecord]:
    """One object for each building that changed grid.

    Parameters
    ----------
    changes : GeoDataFrame
        As `gridmap repair` writes them, in EPSG:4326.
    buildings : GeoDataFrame
        They tell the buildings' names, and which households are estimated.
    origin : tuple of int
        Of the page, in millionths of a degree.

    Returns
    -------
    list of dict
        ``building_id``, ``name``, ``households``, ``range`` (of an estimate), ``from_code`` (empty: no grid),
        ``to_code``, ``reason`` (by language) and ``anchor``.
    """
    records = _rows_as_records(changes, ("building_id", "households", "from_code", "to_code"))
    told = zip(json_values(changes, "reason"), json_values(changes, "reason_message"), strict=True)
    where = encode_inner_points(geometries_of(changes), origin)
    ids = json_values(buildings, "building_id")
    names = dict(zip(ids, json_values(buildings, "name"), strict=True))
    ranges = dict(zip(ids, household_ranges(buildings, "households_estimated"), strict=True))
    return [
        record
        | {"name": names.get(record["building_id"]), "range": ranges.get(record["building_id"])}
        | {"reason": translate_reason(*said), "anchor": anchor}
        for record, said, anchor in zip(records, told, where, strict=True)
    ]


def encode_drawn_grids(grids: gpd.GeoDataFrame, origin: PageOrigin) -> dict[str, list[Any]]:
    """Grids as somebody drew them, for the map before a repair; not simplified, which would hide or make slivers."""
    shapes = geometries_of(grids)
    return {
        "shapes": encode_geometries(shapes, origin),
        "code": json_values(grids, "grid_code"),
        "anchor": label_anchors(shapes, origin),
    }


def _rows_as_records(frame: gpd.GeoDataFrame, names: tuple[str, ...]) -> list[JsonRecord]:
    rows = zip(*(json_values(frame, name) for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _estimated_flags(faults: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> list[bool]:
    """Whether buildings whose households nobody counted are at a fault."""
    guessed = [each is not None for each in household_ranges(buildings, "households_estimated")]
    points = shapely.point_on_surface(geometries_of(buildings)[guessed])
    at = set(shapely.STRtree(points).query(geometries_of(faults), predicate="intersects")[0].tolist())
    return [position in at for position in range(len(faults))]


def _building_labels(faults: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> list[str | None]:
    """Name or id of the building of each fault that is of one building."""
    called = zip(json_values(buildings, "name"), json_values(buildings, "building_id"), strict=True)
    names = [name or number for name, number in called]
    points = shapely.point_on_surface(geometries_of(faults))
    found = dict(shapely.STRtree(geometries_of(buildings)).query(points, predicate="intersects").T[::-1].tolist())
    single = [kind in SINGLE_BUILDING_KINDS for kind in json_values(faults, "kind")]
    return [names[found[row]] if one and row in found else None for row, one in enumerate(single)]
