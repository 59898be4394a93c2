"""Figures, shapes and moves of a plan from today's grids for its page, as values of JSON that are stored with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.groups.cut_groups import list_cut_groups
from gridmap.core.plans.grid_status import NAME_OF_STATUS
from gridmap.core.plans.measures import MeasureInput, count_far_homes, grid_polygons, list_reasons
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridKind
from gridmap.services.plans.explanations.cut_groups import cut_group_values
from gridmap.store.message_json import message_to_json
from gridmap.store.queries.columns import GEOJSON_DECIMALS
from gridmap.store.queries.plans.community_town import StoredCommunity
from gridmap.store.reprojection import to_degrees


@dataclass(frozen=True, eq=False)
class CodedPlan:
    """A plan with the codes of its grids."""

    plan: GridPlan
    codes: Sequence[str]

    def code_of_cell(self) -> IntArray:
        """Return the code of the grid of each cell, as objects."""
        return np.array(self.codes, dtype=object)[self.plan.grid_of_cell]


def count_far_homes_of(stored: StoredCommunity, grid_of_cell: IntArray, kinds: Sequence[GridKind], radius: int) -> int:
    """Return the number of inhabited buildings beyond a radius, metres, from the centre of their grid."""
    count = len(kinds)
    plan = GridPlan(grid_of_cell, np.zeros(count, dtype=np.int64), tuple(kinds), (None,) * count)
    shapes, of_building = grid_polygons(plan, stored.land), grid_of_cell[stored.land.cell_of_building]
    return count_far_homes(MeasureInput(stored.town, plan, of_building, shapes), radius)


def build_view(
    stored: StoredCommunity,
    groups: gpd.GeoDataFrame | None,
    before: CodedPlan,
    after: CodedPlan,
    shapes: GeometryArray,
    profile: Profile,
) -> Mapping[str, object]:
    """Return the figures, shapes and moves of a plan from today's grids, as values of JSON.

    Parameters
    ----------
    stored : StoredCommunity
    groups : GeoDataFrame or None
        Resident groups, in metres.
    before, after : CodedPlan
        The grids of today, and those of the plan.
    shapes : ndarray of Polygon or MultiPolygon, metres
        Polygons of the plan's grids.
    profile : Profile
        Range and radius by which grids are judged.

    Returns
    -------
    mapping
        ``before``, ``after``: figures of grids by code; ``shapes``: GeoJSON of those of the plan by code, in the order
        of its grids; ``moves``: from, to, households and buildings; ``moved_buildings``: keys; ``exceptions``: codes of
        grids that are out of range or otherwise unusual, with the reason; ``cut_groups``: estates, courtyards and
        resident groups in several grids.
    """
    grid_of_building = after.plan.grid_of_cell[stored.land.cell_of_building]
    cut_groups = list_cut_groups(stored.town, grid_of_building, profile.maximum, groups)
    reasons = list_reasons(MeasureInput(stored.town, after.plan, grid_of_building, shapes), profile)
    return {
        "before": _list_figures(stored, before, profile),
        "after": _list_figures(stored, after, profile),
        "shapes": dict(zip(after.codes, _write_shapes(shapes, stored), strict=True)),
        **_list_moves(stored, before, after),
        "exceptions": [
            {"code": code, "reason": message_to_json(reason)}
            for code, kind, reason in zip(after.codes, after.plan.kind, reasons, strict=True)
            if reason and kind is GridKind.HOUSEHOLD
        ],
        "cut_groups": [cut_group_values(each, after.codes) for each in cut_groups],
    }


def _list_figures(stored: StoredCommunity, coded: CodedPlan, profile: Profile) -> Mapping[str, Any]:
    """Return households, buildings and status of each grid, by its code."""
    plan, grid = coded.plan, coded.plan.grid_of_cell[stored.land.cell_of_building]
    households = np.bincount(grid, stored.town.buildings["households"], len(plan)).astype(np.int64)
    buildings = np.bincount(grid, minlength=len(plan))
    rows = zip(coded.codes, plan.kind, households.tolist(), buildings.tolist(), strict=True)
    return {
        code: {
            "households": count,
            "buildings": number,
            "status": NAME_OF_STATUS[profile.status(count)] if kind is GridKind.HOUSEHOLD else "dedicated",
        }
        for code, kind, count, number in sorted(rows)
    }


def _write_shapes(shapes: GeometryArray, stored: StoredCommunity) -> list[str]:
    degrees = to_degrees(shapes, stored.town.crs, multi=True)
    rounded = shapely.transform(degrees, lambda xy: np.round(xy, GEOJSON_DECIMALS))
    return [str(each) for each in shapely.to_geojson(shapely.orient_polygons(rounded))]


def _list_moves(stored: StoredCommunity, before: CodedPlan, after: CodedPlan) -> Mapping[str, object]:
    """Return the sums of what moves from grid to grid, and the keys of the buildings."""
    cell = stored.land.cell_of_building
    frame = pd.DataFrame({"from_grid": before.code_of_cell()[cell], "to_grid": after.code_of_cell()[cell]})
    frame = frame.assign(households=stored.town.buildings["households"].to_numpy(), buildings=1)
    is_moved = (frame["from_grid"] != frame["to_grid"]).to_numpy()
    sums = frame[is_moved].groupby(["from_grid", "to_grid"], sort=True).sum().reset_index()
    return {"moves": sums.to_dict("records"), "moved_buildings": stored.building_ids[is_moved].tolist()}
