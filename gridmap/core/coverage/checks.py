"""What is wrong with grids drawn by hand: land, people, sizes, codes, and the communities themselves."""

from dataclasses import replace

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

__all__ = ["DrawnGrids", "Finding", "check_grids", "find_grid_communities"]

KIND_ORDER, SEVERITY_ORDER = list(FindingKind), list(Severity)


def check_grids(town: Town, drawn: DrawnGrids, profile: Profile) -> list[Finding]:
    """Find everything that is wrong with drawn grids.

    Parameters
    ----------
    town : Town
        Communities and buildings in metres.
    drawn : DrawnGrids
        Grids in the same CRS.
    profile : Profile
        The range that sizes are measured by.

    Returns
    -------
    list of Finding
        The gravest first, then by kind and by size.
    """
    home = find_grid_communities(town, drawn)
    of_land = _add_affected_counts([*check_land(town, drawn, home), *check_communities(town)], town)
    found = [*of_land, *check_buildings(town, drawn, home, profile)]
    return sorted(
        found, key=lambda each: (SEVERITY_ORDER.index(each.severity), KIND_ORDER.index(each.kind), -each.area_m2)
    )


def _add_affected_counts(findings: list[Finding], town: Town) -> list[Finding]:
    """Findings of land with the buildings whose middle lies on it, and their households."""
    if not findings:
        return []
    lots = town.buildings.geometry.to_numpy()
    shapes = np.array([finding.geometry for finding in findings], dtype=object)
    finding, building = shapely.STRtree(lots).query(shapes, predicate="intersects")
    on_it = shapely.intersects(shapes[finding], shapely.point_on_surface(lots[building]))
    finding, building = finding[on_it], building[on_it]
    buildings = np.bincount(finding, minlength=len(findings)).tolist()
    households = np.bincount(finding, town.buildings["households"].to_numpy()[building], len(findings)).tolist()
    peopled = zip(findings, buildings, households, strict=True)
    return [replace(each, buildings=count, households=int(people)) for each, count, people in peopled]


def find_grid_communities(town: Town, drawn: DrawnGrids) -> IntArray:
    """Community that each grid belongs to: the one it names, or else the one that holds most of it; -1 outside all.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids
    """
    communities = town.communities.geometry.to_numpy()
    loose = buffer_by_half_sliver(communities)
    grid, community = shapely.STRtree(loose).query(drawn.shapes)
    whole = shapely.covers(loose[community], drawn.shapes[grid])
    torn = ~whole & (np.bincount(grid, whole, len(drawn)) == 0)[grid]
    held = np.where(whole, np.inf, 0.0)
    held[torn] = shapely.area(shapely.intersection(drawn.shapes[grid[torn]], communities[community[torn]]))
    order = np.lexsort((-community, held, grid))
    order = order[held[order] > 0]
    home = np.full(len(drawn), -1, dtype=np.int64)
    home[grid[order]] = community[order]
    return np.where(drawn.community >= 0, drawn.community, home)
