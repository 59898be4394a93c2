"""Measures of repaired grids, with the codes they were drawn with."""

import geopandas as gpd
import pandas as pd

from gridmap.core.coverage.repair import RepairedPlan
from gridmap.core.errors import N_, Message
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.plans.measures import MeasureInput, grid_polygons, grid_table
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.vocabulary import GridKind, GridStatus


def measure_repaired(town: Town, land: LandCoverage, repaired: RepairedPlan, profile: Profile) -> gpd.GeoDataFrame:
    """Measure the repaired grids, with their codes and lines as drawn, and a reason for each grid out of range."""
    grid_of_building = repaired.plan.grid_of_cell[land.cell_of_building]
    inputs = MeasureInput(town, repaired.plan, grid_of_building, grid_polygons(repaired.plan, land))
    grids = grid_table(inputs, repaired.codes, profile).assign(outline=None)
    violations = find_violations(town, land, repaired.plan, grids.geometry.to_numpy())
    require_no_violations(violation for violation in violations if violation.rule != "keeps_dedicated")
    reasons = [_status_reason(*row) for row in zip(grids["kind"], grids["status"], strict=True)]
    return grids.assign(reason=pd.Series(reasons, dtype=object))


def _status_reason(kind: str, status: str) -> Message | None:
    if kind == GridKind.DEDICATED:
        return Message(N_("dedicated land: the range does not apply"))
    if status == GridStatus.IN_RANGE:
        return None
    return Message(N_("as drawn: a repair does not change sizes"))
