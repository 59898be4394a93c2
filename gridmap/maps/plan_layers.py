"""A plan's layers as the value a page's scripts read."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.households.estimate import sum_household_ranges
from gridmap.core.vocabulary import GridKind
from gridmap.maps.fault_records import build_change_records, build_fault_records, encode_drawn_grids
from gridmap.maps.layer_values import HouseholdRange, geometries_of, household_ranges, json_values, translate_reason
from gridmap.maps.page_geometry import (
    STEPS_PER_DEGREE,
    EncodedGeometry,
    Geometries,
    assign_tints,
    encode_geometries,
    label_anchors,
    simplify_coverage,
    simplify_geometries,
)

MIN_LOT_COVERAGE = 0.35
"""Buildings on more than this share of the grids are lots or their like: drawn as dark as footprints they hide all."""
MEASURE_DECIMALS = {"households": 0, "buildings": 0, "area_m2": 1, "perimeter_m": 1, "polsby_popper": 3, "radius_m": 1}
"""Figures of a grid and the decimals a page needs of each."""


@dataclass(frozen=True, eq=False)
class PlanLayers:
    """Layers of a plan, in EPSG:4326, with the columns of a result; optional layers may be empty.

    Parameters
    ----------
    title : str
        What the page is called.
    grids, communities, buildings, streets, barriers, dedicated : GeoDataFrame
        As `gridmap partition` writes them.
    norm_range : tuple of int or None
        Fewest and most households a grid was to have; None where nobody knows.
    faults : GeoDataFrame or None
        As `gridmap check` writes them; its grids are as drawn and may overlap.
    changes, drawn_grids : GeoDataFrame or None
        As `gridmap repair` writes them.
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

    @cached_property
    def bounds(self) -> list[float]:
        """West, south, east and north of the land, in degrees."""
        land = np.concatenate([geometries_of(self.communities), geometries_of(self.grids)])
        return [round(float(edge), 6) for edge in shapely.total_bounds(land)]

    @property
    def has_lots(self) -> bool:
        """Whether buildings cover so much of the land that they must be lots."""
        return bool(
            shapely.area(geometries_of(self.buildings)).sum()
            > MIN_LOT_COVERAGE * shapely.area(geometries_of(self.grids)).sum()
        )

    @property
    def origin(self) -> tuple[int, int]:
        """The south-west corner in millionths of a degree."""
        west, south = self.bounds[:2]
        return round(west * STEPS_PER_DEGREE), round(south * STEPS_PER_DEGREE)


def build_page_data(plan: PlanLayers) -> dict[str, Any]:
    """Everything a page shows of a plan, as plain values for JSON.

    Returns
    -------
    dict
        ``title``, ``allowed`` (fewest and most households), ``lots`` (whether buildings are), ``bounds`` (degrees),
        ``origin`` (millionths of a degree), ``estimated`` (range of all households, if some are), ``grids`` (one object
        each, in the order of the layer ``areas``), ``faults`` and ``changes`` (None, or one object each) and
        ``layers``: columns by name, with ``shapes`` as `gridmap.maps.page_geometry.encode_geometries` gives.
    """
    areas = geometries_of(plan.grids)
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


def _base_layers(plan: PlanLayers) -> dict[str, dict[str, list[Any]]]:
    """What stands on the land."""
    columns = {
        "buildings": (plan.buildings, ("building_id", "name", "households")),
        "streets": (plan.streets, ("name", "kind")),
        "barriers": (plan.barriers, ("kind",)),
        "dedicated": (plan.dedicated, ("name",)),
    }
    shown = (
        (layer, frame, simplify_geometries(geometries_of(frame)), names) for layer, (frame, names) in columns.items()
    )
    base = {layer: _encode_layer(plan, frame, shapes, *names) for layer, frame, shapes, names in shown}
    ranges = household_ranges(plan.buildings, "households_estimated")
    base["buildings"]["range"] = ranges if any(ranges) else []
    return base


def _finding_layers(plan: PlanLayers) -> dict[str, dict[str, list[Any]]]:
    """What was found wrong, and how it was before a repair; the smallest sliver as it is."""
    layers = (
        {}
        if plan.faults is None
        else {"faults": {"shapes": encode_geometries(geometries_of(plan.faults), plan.origin)}}
    )
    return layers if plan.drawn_grids is None else layers | {"drawn": encode_drawn_grids(plan.drawn_grids, plan.origin)}


def _total_range(buildings: gpd.GeoDataFrame) -> HouseholdRange | None:
    """Fewest and most households of all buildings, if any were estimated."""
    ranges = household_ranges(buildings, "households_estimated")
    if not any(ranges):
        return None
    told = np.array(json_values(buildings, "households"), dtype=float)
    low, high = np.array([each or [count, count] for each, count in zip(ranges, told, strict=True)]).T
    ends = sum_household_ranges((told, low, high), np.zeros(len(told), dtype=np.int64), 1)
    return [int(end[0]) for end in ends]


def _encode_layer(plan: PlanLayers, frame: gpd.GeoDataFrame, shapes: Geometries, *columns: str) -> dict[str, list[Any]]:
    encoded: list[EncodedGeometry] = encode_geometries(shapes, plan.origin)
    return {"shapes": encoded, **{column: json_values(frame, column) for column in columns}}


def _grid_records(plan: PlanLayers, areas: Geometries) -> list[dict[str, Any]]:
    columns = ("grid_code", "community_code", "kind", "status", "reason", "reason_message", *MEASURE_DECIMALS)
    rows = zip(*(json_values(plan.grids, column) for column in columns), strict=True)
    ranges = household_ranges(plan.grids, "estimated_households")
    shown = zip(
        rows, _dedicated_names(plan), ranges, assign_tints(areas), label_anchors(areas, plan.origin), strict=True
    )
    return [
        _grid_record(dict(zip(columns, row, strict=True)), place) | {"range": ends, "tint": tint, "anchor": anchor}
        for row, place, ends, tint, anchor in shown
    ]


def _grid_record(row: dict[str, Any], dedicated_name: str | None) -> dict[str, Any]:
    figures = {
        name: None if row[name] is None else round(float(row[name]), digits)
        for name, digits in MEASURE_DECIMALS.items()
    }
    return {
        "code": row["grid_code"],
        "short": short_code(row["grid_code"], row["community_code"]),
        "community_code": row["community_code"],
        "kind": row["kind"],
        "status": row["status"],
        "reason": translate_reason(row["reason"], row["reason_message"]),
        "place": dedicated_name,
        **figures,
    }


def _dedicated_names(plan: PlanLayers) -> list[str | None]:
    """Names of the dedicated land that grids of that kind stand on."""
    names = json_values(plan.dedicated, "name")
    inside = shapely.point_on_surface(geometries_of(plan.grids))
    found = dict(shapely.STRtree(geometries_of(plan.dedicated)).query(inside, predicate="intersects").T.tolist())
    kinds = json_values(plan.grids, "kind")
    return [
        names[found[row]] if row in found and kind == GridKind.DEDICATED else None for row, kind in enumerate(kinds)
    ]


def short_code(grid_code: str, community_code: str) -> str:
    """What a grid's code adds to that of its community.

    >>> short_code("110101001001003", "110101001001"), short_code("A-7-003", "A-7"), short_code("X", "A")
    ('003', '003', 'X')
    """
    return grid_code.removeprefix(community_code).lstrip("-") or grid_code
