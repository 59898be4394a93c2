"""A year of a town, as plain events that services carry out, and its figures computed again from the events alone.

Nothing here asks the database for figures. The grid of a building on a date is the polygon of the plan in force that
holds most of its footprint; households are the last count up to the date. Only the polygons of plans are read.
"""

from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.store.schema import Adoption, Grid, RevisionGrid
from tests.fixtures.town_package import CRS, Layers, box, line
from tests.services.land.land_town import EAST_CODE, WEST_CODE

BLOCK_M, BLOCKS = 100, 4
Figures = dict[str, tuple[int, int, int]]
"""Buildings, households and residents by code of the grid."""


@dataclass
class PlainBuilding:
    """A building as its events tell: footprint in degrees, days, counts, residents."""

    code: str
    shape: shapely.Geometry
    first: date
    end: date | None = None
    counts: dict[date, int] = field(default_factory=dict)
    residents: int = 0

    def stands(self, on: date) -> bool:
        """Return whether it stands on a date."""
        return self.first <= on and (self.end is None or on < self.end)

    def households(self, on: date) -> int:
        """Return the households by the last count up to a date."""
        days = [day for day in self.counts if day <= on]
        return self.counts[max(days)] if days else 0


@dataclass(frozen=True)
class PlainPlan:
    """Polygons of a plan with their codes, and the days on which it is in force."""

    first: date
    end: date | None
    codes: list[str]
    shapes: list[shapely.Geometry]


def year_layers() -> Layers:
    """Return two communities of 400 m by 400 m with streets every 100 m and three buildings in each block."""
    side = BLOCK_M * BLOCKS
    corners = [(x, y) for x in range(0, 2 * side, BLOCK_M) for y in range(0, side, BLOCK_M)]
    shapes = [box(x + dx, y + dy, 20, 12) for x, y in corners for dx, dy in ((15, 15), (60, 20), (20, 65))]
    households = [30 + 7 * n % 31 for n in range(len(shapes))]
    codes = [f"old-{n}" for n in range(len(shapes))]
    streets = [line((x, -20), (x, side + 20)) for x in range(BLOCK_M, 2 * side, BLOCK_M)]
    streets += [line((-20, y), (2 * side + 20, y)) for y in range(BLOCK_M, side, BLOCK_M)]
    return {
        "communities": gpd.GeoDataFrame(
            {"code": [WEST_CODE, EAST_CODE], "name": ["水果湖社区", "放鹰台社区"]},
            geometry=[box(0, 0, side, side), box(side, 0, side, side)],
            crs=CRS,
        ),
        "buildings": gpd.GeoDataFrame({"building_id": codes, "households": households}, geometry=shapes, crs=CRS),
        "streets": gpd.GeoDataFrame({"name": [None] * len(streets), "kind": "local"}, geometry=streets, crs=CRS),
    }


def load_plans(session: Session) -> list[PlainPlan]:
    """Return the polygons of every plan that was, is or will be in force, by community and day."""
    rows = (
        select(Adoption.id, Adoption.valid, Grid.code, RevisionGrid.geometry)
        .join(RevisionGrid, RevisionGrid.revision_id == Adoption.revision_id)
        .join(Grid, Grid.id == RevisionGrid.grid_id)
        .order_by(Adoption.id, Grid.code)
    )
    plans: dict[int, PlainPlan] = {}
    for adoption, valid, code, shape in session.execute(rows):
        plan = plans.setdefault(adoption, PlainPlan(valid.lower, valid.upper, [], []))
        plan.codes.append(code)
        plan.shapes.append(shapely.from_wkb(shape.desc))
    return list(plans.values())


def grid_of(shape: shapely.Geometry, plans: list[PlainPlan], on: date) -> str | None:
    """Return the code of the grid in force on a date that holds most of a shape, or the point; None for none."""
    shares = [
        (shapely.area(shapely.intersection(grid, shape)) if shape.area else float(grid.covers(shape)), code)
        for plan in plans
        if plan.first <= on and (plan.end is None or on < plan.end)
        for grid, code in zip(plan.shapes, plan.codes, strict=True)
    ]
    share, code = max(shares, default=(0.0, ""))
    return code if share > 0 else None


def compute_grids(buildings: list[PlainBuilding], plans: list[PlainPlan], on: date) -> dict[str, str | None]:
    """Return the grid of each building that stands on a date."""
    return {building.code: grid_of(building.shape, plans, on) for building in buildings if building.stands(on)}


def compute_figures(buildings: list[PlainBuilding], plans: list[PlainPlan], on: date) -> Figures:
    """Return the figures of each grid with a building on a date."""
    grids, figures = compute_grids(buildings, plans, on), Figures()
    for building in buildings:
        if (code := grids.get(building.code)) is not None:
            own = 1, building.households(on), building.residents
            figures[code] = tuple(np.add(figures.get(code, (0, 0, 0)), own).tolist())
    return figures
