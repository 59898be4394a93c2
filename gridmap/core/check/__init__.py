"""What is wrong with grids drawn by hand: land, people, sizes, codes, and the communities themselves."""

import numpy as np
import shapely

from gridmap.core.arrays import Ints
from gridmap.core.check.drawn import DrawnGrids, Finding
from gridmap.core.check.land import land_findings
from gridmap.core.check.people import people_findings
from gridmap.core.check.subdistrict import community_findings
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
    found = [*land_findings(town, drawn, home), *people_findings(town, drawn, home, profile), *community_findings(town)]
    return sorted(found, key=lambda each: (SEVERITIES.index(each.severity), KINDS.index(each.kind), -each.area_m2))


def homes(town: Town, drawn: DrawnGrids) -> Ints:
    """Community that each grid belongs to: the one it names, or else the one that holds most of it; -1 outside all.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids
    """
    communities = town.communities.geometry.to_numpy()
    shapely.prepare(communities)
    grid, community = shapely.STRtree(communities).query(drawn.shapes, predicate="intersects")
    several = np.bincount(grid, minlength=len(drawn))[grid] > 1
    held = np.ones(len(grid))
    held[several] = shapely.area(shapely.intersection(drawn.shapes[grid[several]], communities[community[several]]))
    order = np.lexsort((-community, held, grid))
    home = np.full(len(drawn), -1, dtype=np.int64)
    home[grid[order]] = community[order]
    return np.where(drawn.community >= 0, drawn.community, home)
