"""Checks of grids drawn by hand: land, buildings, sizes, codes, and the communities themselves."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import shapely

from gridmap.core.array_types import IntArray
from gridmap.core.coverage.community_checks import check_communities
from gridmap.core.coverage.drawn_grids import DrawnGrids, Finding
from gridmap.core.coverage.geometry import buffer_by_half_sliver
from gridmap.core.coverage.land_checks import check_land
from gridmap.core.coverage.people_checks import check_buildings
from gridmap.core.land.town import Town
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import FindingKind, Severity

__all__ = ["DrawnGrids", "Finding", "LandTotals", "check_grids", "find_grid_communities", "measure_land"]


class LandTotals(NamedTuple):
    """Land of faults in m², with the buildings whose centre lies on it and their households."""

    area_m2: float
    buildings: int
    households: int


KIND_ORDER, SEVERITY_ORDER = list(FindingKind), list(Severity)


def check_grids(town: Town, drawn: DrawnGrids, profile: Profile) -> list[Finding]:
    """Find all faults of drawn grids.

    Parameters
    ----------
    town : Town
        Communities and buildings in metres.
    drawn : DrawnGrids
        Grids in the same CRS.
    profile : Profile
        The norm for sizes.

    Returns
    -------
    list of Finding
        Ordered by severity, kind and area, the most severe and largest first.
    """
    community_of_grid = find_grid_communities(town, drawn)
    land_findings = [*check_land(town, drawn, community_of_grid), *check_communities(town)]
    findings = [
        *_add_affected_counts(land_findings, town),
        *check_buildings(town, drawn, community_of_grid, profile),
    ]
    return sorted(findings, key=_finding_order)


def _finding_order(finding: Finding) -> tuple[int, int, float]:
    return SEVERITY_ORDER.index(finding.severity), KIND_ORDER.index(finding.kind), -finding.area_m2


def _add_affected_counts(findings: list[Finding], town: Town) -> list[Finding]:
    """Add to findings of land the number of buildings whose centre lies on it, and of their households."""
    if not findings:
        return []
    footprints = town.buildings.geometry.to_numpy()
    shapes = np.array([finding.geometry for finding in findings], dtype=object)
    position, building = shapely.STRtree(footprints).query(shapes, predicate="intersects")
    is_inside = shapely.intersects(shapes[position], shapely.point_on_surface(footprints[building]))
    order = np.argsort(position[is_inside], kind="stable")
    position, building = position[is_inside][order], building[is_inside][order]
    by_finding = np.split(building, np.searchsorted(position, np.arange(1, len(findings))))
    households = town.buildings["households"].to_numpy()
    return [
        replace(
            finding,
            buildings=len(inside),
            households=int(households[inside].sum()),
            building_positions=tuple(inside.tolist()),
        )
        for finding, inside in zip(findings, by_finding, strict=True)
    ]


def measure_land(town: Town, findings: Sequence[Finding]) -> LandTotals:
    """Return the land of several findings together: what several of them contain counts once.

    Three grids over one place overlap in pairs, but people who live there are not counted three times.

    Parameters
    ----------
    town : Town
    findings : sequence of Finding
        Faults of land, from `check_grids`.
    """
    positions = {building for finding in findings for building in finding.building_positions}
    households = town.buildings["households"].to_numpy()[sorted(positions)]
    area = float(shapely.union_all([finding.geometry for finding in findings]).area)
    return LandTotals(area, len(positions), int(households.sum()))


def find_grid_communities(town: Town, drawn: DrawnGrids) -> IntArray:
    """Return the community of each grid: the one it names, else the one that contains most of it; -1 outside all.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids
    """
    communities = town.communities.geometry.to_numpy()
    buffered = buffer_by_half_sliver(communities)
    grid, community = shapely.STRtree(buffered).query(drawn.shapes)
    is_covered = shapely.covers(buffered[community], drawn.shapes[grid])
    is_split = ~is_covered & (np.bincount(grid, is_covered, len(drawn)) == 0)[grid]
    area = np.where(is_covered, np.inf, 0.0)
    area[is_split] = shapely.area(shapely.intersection(drawn.shapes[grid[is_split]], communities[community[is_split]]))
    order = np.lexsort((-community, area, grid))
    order = order[area[order] > 0]
    largest = np.full(len(drawn), -1, dtype=np.int64)
    largest[grid[order]] = community[order]
    return np.where(drawn.community >= 0, drawn.community, largest)
