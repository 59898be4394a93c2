"""Layers of a plan, and their values for the scripts of a page."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray
from gridmap.core.households.estimate import sum_household_ranges
from gridmap.core.plans.grid_codes import short_code
from gridmap.core.vocabulary import GridKind
from gridmap.maps.fault_records import (
    EncodedLayer,
    JsonRecord,
    build_change_records,
    build_fault_records,
    encode_drawn_grids,
)
from gridmap.maps.layer_values import HouseholdRange, geometries_of, household_ranges, json_values, translate_reason
from gridmap.maps.page_geometry import (
    STEPS_PER_DEGREE,
    EncodedGeometry,
    assign_tints,
    encode_geometries,
    label_anchors,
    simplify_coverage,
    simplify_geometries,
)

MIN_LOT_COVERAGE = 0.35
"""Buildings that cover more than this share of the grids must be lots; drawn as dark as footprints they hide all."""
MEASURE_DECIMALS = {"households": 0, "buildings": 0, "area_m2": 1, "perimeter_m": 1, "polsby_popper": 3, "radius_m": 1}
"""Measures of a grid, with their decimals on a page."""
WGS84 = "EPSG:4326"
TEXT_COLUMNS = ("grid_code", "community_code", "code", "name", "building_id", "from_code", "to_code", "grid_codes")


@dataclass(frozen=True, eq=False)
class PlanLayers:
    """Layers of a plan, in EPSG:4326, with the columns of a result; optional layers may be empty.

    Parameters
    ----------
    title : str
        Title of the page.
    grids, communities, buildings, streets, barriers, dedicated : GeoDataFrame
        As `gridmap partition` writes them.
    norm_range : tuple of int or None
        Minimum and maximum households of a grid; None if unknown.
    faults : GeoDataFrame or None
        As `gridmap check` writes them; the grids are then as drawn and may overlap.
    changes, drawn_grids : GeoDataFrame or None
        As `gridmap repair` writes them.
    outlines : GeoDataFrame or None
        The grids as they are drawn, if they have outlines of their own.
    """

    title: str
    grids: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    dedicated: gpd.GeoDataFrame
    norm_range: tuple[int, int] | None = None
    faults: gpd.GeoDataFrame | None = None
    changes: gpd.GeoDataFrame | None = None
    drawn_grids: gpd.GeoDataFrame | None = None
    outlines: gpd.GeoDataFrame | None = None

    @property
    def areas(self) -> GeometryArray:
        """Return the shapes to draw, in the order of the grids: outlines where every grid has one."""
        codes = json_values(self.grids, "grid_code")
        if self.outlines is None or sorted(json_values(self.outlines, "grid_code")) != sorted(set(codes)):
            return geometries_of(self.grids)
        return geometries_of(self.outlines.set_index("grid_code").loc[codes])

    @cached_property
    def bounds(self) -> list[float]:
        """Return west, south, east and north of the land, in degrees."""
        land = np.concatenate([geometries_of(self.communities), geometries_of(self.grids)])
        return [round(float(edge), 6) for edge in shapely.total_bounds(land)]

    @property
    def has_lots(self) -> bool:
        """Return whether buildings cover so much of the land that they must be lots."""
        return bool(
            shapely.area(geometries_of(self.buildings)).sum()
            > MIN_LOT_COVERAGE * shapely.area(geometries_of(self.grids)).sum()
        )

    @property
    def origin(self) -> tuple[int, int]:
        """Return the south-west corner in millionths of a degree."""
        west, south = self.bounds[:2]
        return round(west * STEPS_PER_DEGREE), round(south * STEPS_PER_DEGREE)


def prepare_layer(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows with a geometry, in degrees and two dimensions, with codes and names as texts."""
    placed = frame[~(frame.geometry.isna() | frame.geometry.is_empty)].to_crs(WGS84).reset_index(drop=True)
    texts = {column: placed[column].astype(object).fillna("").map(str) for column in TEXT_COLUMNS if column in placed}
    flat = shapely.force_2d(placed.geometry.to_numpy())
    return placed.assign(**texts).set_geometry(flat, crs=WGS84)


def empty_layer() -> gpd.GeoDataFrame:
    """Return a layer without rows, for one that a result does not have."""
    return gpd.GeoDataFrame(geometry=[], crs=WGS84)


def build_page_data(plan: PlanLayers) -> dict[str, Any]:
    """Build all values that a page shows of a plan, ready for JSON.

    Returns
    -------
    dict
        ``title``, ``allowed`` (minimum and maximum households), ``lots`` (whether buildings are lots), ``bounds``
        (degrees), ``origin`` (millionths of a degree), ``estimated`` (range of all households, if some are estimated),
        ``grids`` (one object each, in the order of the layer ``areas``), ``faults`` and ``changes`` (None, or one
        object each) and ``layers``: columns by name, with ``shapes`` from
        `gridmap.maps.page_geometry.encode_geometries`.
    """
    areas = plan.areas
    if plan.faults is None:
        areas = simplify_coverage(areas)
    land = simplify_coverage(geometries_of(plan.communities))
    return {
        "title": plan.title,
        "allowed": plan.norm_range,
        "lots": plan.has_lots,
        "bounds": plan.bounds,
        "origin": plan.origin,
        "estimated": _total_range(plan.buildings),
        "grids": _grid_records(plan, areas),
        "faults": None if plan.faults is None else build_fault_records(plan.faults, plan.buildings, plan.origin),
        "changes": None if plan.changes is None else build_change_records(plan.changes, plan.buildings, plan.origin),
        "layers": {
            "areas": {"shapes": encode_geometries(areas, plan.origin)},
            "communities": _encode_layer(plan, plan.communities, land, "code", "name")
            | {"anchor": label_anchors(land, plan.origin)},
            **_base_layers(plan),
            **_finding_layers(plan),
        },
    }


def _base_layers(plan: PlanLayers) -> dict[str, EncodedLayer]:
    """Encode buildings, streets, barriers and dedicated land."""
    columns = {
        "buildings": (plan.buildings, ("building_id", "name", "households")),
        "streets": (plan.streets, ("name", "kind")),
        "barriers": (plan.barriers, ("kind",)),
        "dedicated": (plan.dedicated, ("name",)),
    }
    base = {
        layer: _encode_layer(plan, frame, simplify_geometries(geometries_of(frame)), *names)
        for layer, (frame, names) in columns.items()
    }
    ranges = household_ranges(plan.buildings, "households_estimated")
    base["buildings"]["range"] = ranges if any(ranges) else []
    return base


def _finding_layers(plan: PlanLayers) -> dict[str, EncodedLayer]:
    """Encode faults, and the grids before a repair, without a simplification that could hide slivers."""
    layers: dict[str, EncodedLayer] = (
        {}
        if plan.faults is None
        else {"faults": {"shapes": encode_geometries(geometries_of(plan.faults), plan.origin)}}
    )
    return layers if plan.drawn_grids is None else layers | {"drawn": encode_drawn_grids(plan.drawn_grids, plan.origin)}


def _total_range(buildings: gpd.GeoDataFrame) -> HouseholdRange | None:
    """Return the minimum and maximum households of all buildings, if any are estimated."""
    ranges = household_ranges(buildings, "households_estimated")
    if not any(ranges):
        return None
    counts = np.array(json_values(buildings, "households"), dtype=float)
    low, high = np.array([limits or [count, count] for limits, count in zip(ranges, counts, strict=True)]).T
    totals = sum_household_ranges((counts, low, high), np.zeros(len(counts), dtype=np.int64), 1)
    return [int(total[0]) for total in totals]


def _encode_layer(plan: PlanLayers, frame: gpd.GeoDataFrame, shapes: GeometryArray, *columns: str) -> EncodedLayer:
    encoded: list[EncodedGeometry] = encode_geometries(shapes, plan.origin)
    return {"shapes": encoded, **{column: json_values(frame, column) for column in columns}}


def _grid_records(plan: PlanLayers, areas: GeometryArray) -> list[JsonRecord]:
    columns = ("grid_code", "community_code", "kind", "status", "reason", "reason_message", *MEASURE_DECIMALS)
    rows = zip(*(json_values(plan.grids, column) for column in columns), strict=True)
    ranges = household_ranges(plan.grids, "estimated_households")
    tints, anchors = assign_tints(areas), label_anchors(areas, plan.origin)
    return [
        _grid_record(dict(zip(columns, row, strict=True)), name) | {"range": limits, "tint": tint, "anchor": anchor}
        for row, name, limits, tint, anchor in zip(rows, _dedicated_names(plan), ranges, tints, anchors, strict=True)
    ]


def _grid_record(row: dict[str, Any], dedicated_name: str | None) -> JsonRecord:
    measures = {
        name: None if row[name] is None else round(float(row[name]), decimals)
        for name, decimals in MEASURE_DECIMALS.items()
    }
    return {
        "code": row["grid_code"],
        "short": short_code(row["grid_code"], row["community_code"]),
        "community_code": row["community_code"],
        "kind": row["kind"],
        "status": row["status"],
        "reason": translate_reason(row["reason"], row["reason_message"]),
        "place": dedicated_name,
        **measures,
    }


def _dedicated_names(plan: PlanLayers) -> list[str | None]:
    """Return the name of the dedicated land of each dedicated grid, None for the others."""
    names = json_values(plan.dedicated, "name")
    points = shapely.point_on_surface(geometries_of(plan.grids))
    pairs = shapely.STRtree(geometries_of(plan.dedicated)).query(points, predicate="intersects").T
    land_of_grid = dict(pairs.tolist())
    return [
        names[land_of_grid[row]] if row in land_of_grid and kind == GridKind.DEDICATED else None
        for row, kind in enumerate(json_values(plan.grids, "kind"))
    ]
