"""What a check found and what a repair changed, as the values a page's scripts read."""

from typing import Any

import geopandas as gpd
import shapely

from gridmap.core.names import FaultKind
from gridmap.maps.columns import estimates, reasons, shapes_of, values_of
from gridmap.maps.shapes import anchors, drawn, places

OF_BUILDINGS = (FaultKind.UNASSIGNED_BUILDING, FaultKind.BUILDING_CUT)
Record = dict[str, Any]
Origin = tuple[int, int]


def fault_records(faults: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, origin: Origin) -> list[Record]:
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
    records = _records(faults, shown)
    told = zip(values_of(faults, "suggestion"), values_of(faults, "suggestion_message"), strict=True)
    where = places(shapes_of(faults), origin)
    codes = ([each for each in (code or "").split(",") if each] for code in values_of(faults, "grid_codes"))
    rest = zip(codes, told, where, _on_estimates(faults, buildings), _at_buildings(faults, buildings), strict=True)
    return [
        record
        | {"id": number, "grids": grids, "suggestion": reasons(*said), "anchor": anchor}
        | {"estimated": estimated, "place": place}
        for number, (record, (grids, said, anchor, estimated, place)) in enumerate(zip(records, rest, strict=True), 1)
    ]


def change_records(changes: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, origin: Origin) -> list[Record]:
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
    records = _records(changes, ("building_id", "households", "from_code", "to_code"))
    told = zip(values_of(changes, "reason"), values_of(changes, "reason_message"), strict=True)
    where = places(shapes_of(changes), origin)
    ids = values_of(buildings, "building_id")
    names = dict(zip(ids, values_of(buildings, "name"), strict=True))
    ranges = dict(zip(ids, estimates(buildings, "households_estimated"), strict=True))
    return [
        record
        | {"name": names.get(record["building_id"]), "range": ranges.get(record["building_id"])}
        | {"reason": reasons(*said), "anchor": anchor}
        for record, said, anchor in zip(records, told, where, strict=True)
    ]


def drawn_layer(grids: gpd.GeoDataFrame, origin: Origin) -> dict[str, list[Any]]:
    """Grids as somebody drew them, for the map before a repair; not simplified, which would hide or make slivers."""
    shapes = shapes_of(grids)
    return {"shapes": drawn(shapes, origin), "code": values_of(grids, "grid_code"), "anchor": anchors(shapes, origin)}


def _records(frame: gpd.GeoDataFrame, names: tuple[str, ...]) -> list[Record]:
    rows = zip(*(values_of(frame, name) for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _on_estimates(faults: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> list[bool]:
    """Whether buildings whose households nobody counted are at a fault."""
    guessed = [each is not None for each in estimates(buildings, "households_estimated")]
    points = shapely.point_on_surface(shapes_of(buildings)[guessed])
    at = set(shapely.STRtree(points).query(shapes_of(faults), predicate="intersects")[0].tolist())
    return [position in at for position in range(len(faults))]


def _at_buildings(faults: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> list[str | None]:
    """Name or id of the building of each fault that is of one building."""
    called = zip(values_of(buildings, "name"), values_of(buildings, "building_id"), strict=True)
    names = [name or number for name, number in called]
    points = shapely.point_on_surface(shapes_of(faults))
    found = dict(shapely.STRtree(shapes_of(buildings)).query(points, predicate="intersects").T[::-1].tolist())
    single = [kind in OF_BUILDINGS for kind in values_of(faults, "kind")]
    return [names[found[row]] if one and row in found else None for row, one in enumerate(single)]
