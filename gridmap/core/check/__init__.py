"""What is wrong with grids drawn by hand: land, people, sizes, codes, and the communities themselves."""

from dataclasses import replace

import numpy as np
import shapely

from gridmap.core.arrays import Ints
from gridmap.core.check.drawn import DrawnGrids, Finding
from gridmap.core.check.land import land_findings
from gridmap.core.check.people import people_findings
from gridmap.core.check.subdistrict import community_findings
from gridmap.core.check.surfaces import loosened
from gridmap.core.names import FaultKind, Severity
from gridmap.core.partition.profile import Profile
from gridmap.core.town import Town

__all__ = ["DrawnGrids", "Finding", "check", "homes"]

KINDS, SEVERITIES = list(FaultKind), list(Severity)


def check(town: Town, drawn: DrawnGrids, profile: Profile) -> list[Finding]:
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
    home = homes(town, drawn)
    of_land = _peopled([*land_findings(town, drawn, home), *community_findings(town)], town)
    found = [*of_land, *people_findings(town, drawn, home, profile)]
    return sorted(found, key=lambda each: (SEVERITIES.index(each.severity), KINDS.index(each.kind), -each.area_m2))


def _peopled(found: list[Finding], town: Town) -> list[Finding]:
    """Findings of land with the buildings whose middle lies on it, and their households."""
    if not found:
        return []
    lots = town.buildings.geometry.to_numpy()
    shapes = np.array([finding.geometry for finding in found], dtype=object)
    finding, building = shapely.STRtree(lots).query(shapes, predicate="intersects")
    on_it = shapely.intersects(shapes[finding], shapely.point_on_surface(lots[building]))
    finding, building = finding[on_it], building[on_it]
    buildings = np.bincount(finding, minlength=len(found)).tolist()
    households = np.bincount(finding, town.buildings["households"].to_numpy()[building], len(found)).tolist()
    peopled = zip(found, buildings, households, strict=True)
    return [replace(each, buildings=count, households=int(people)) for each, count, people in peopled]


def homes(town: Town, drawn: DrawnGrids) -> Ints:
    """Community that each grid belongs to: the one it names, or else the one that holds most of it; -1 outside all.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids
    """
    communities = town.communities.geometry.to_numpy()
    loose = loosened(communities)
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
