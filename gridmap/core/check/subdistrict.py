"""Faults between communities, and against the subdistrict they make up (R14)."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridmap.core.arrays import Ints, Shapes
from gridmap.core.check.drawn import Finding
from gridmap.core.check.surfaces import merged, solid, unmatched
from gridmap.core.errors import N_, Message
from gridmap.core.names import FaultKind, Severity
from gridmap.core.town import Town

NOISE_M2 = 1.0
"""Outlines that differ by less are the same, but for digitising."""


def community_findings(town: Town) -> Iterator[Finding]:
    """Gaps and overlaps between communities, and what lies outside the subdistrict.

    Parameters
    ----------
    town : Town
        Communities; its subdistrict, where there is one.

    Yields
    ------
    Finding
        Without grids: the fault lies with the communities.
    """
    communities = town.communities.geometry.to_numpy()
    clean = shapely.is_empty(unmatched(communities))
    yield from _claimed_twice(communities, np.flatnonzero(~clean))
    whole = merged(communities, clean)
    lacking, beyond = _between_them(town, whole), shapely.MultiPolygon()
    if town.subdistrict is not None:
        lacking, beyond = shapely.difference(town.subdistrict, whole), shapely.difference(whole, town.subdistrict)
    for piece in solid(lacking):
        yield _between(FaultKind.GAP, piece, N_("no community claims this land: give it to one"), -1)
    for piece in solid(beyond):
        yield _between(FaultKind.SPILL, piece, N_("this land lies outside the subdistrict"), -1)


def _claimed_twice(communities: Shapes, dirty: Ints) -> Iterator[Finding]:
    """Land of two communities; only those that do not match their neighbours can be concerned."""
    found, beside = shapely.STRtree(communities).query(communities[dirty], predicate="intersects")
    pairs = {tuple(sorted(pair)) for pair in zip(dirty[found].tolist(), beside.tolist(), strict=True)}
    for first, second in sorted(pair for pair in pairs if pair[0] != pair[1]):
        for piece in solid(shapely.intersection(communities[first], communities[second])):
            yield _between(FaultKind.OVERLAP, piece, N_("two communities claim this land: agree on one border"), first)


def _between(kind: FaultKind, piece: shapely.Polygon, text: str, community: int) -> Finding:
    return Finding(kind, Severity.MEDIUM, piece, Message(text), (), community)


def _between_them(town: Town, whole: shapely.Geometry) -> shapely.Geometry:
    """Holes of the union that are no hole of a community: several communities leave them open between them."""
    holes = _holes(shapely.get_parts(whole))
    own = _holes(shapely.get_parts(town.communities.geometry.to_numpy()))
    hole, ring = shapely.STRtree(own).query(holes, predicate="intersects")
    same = shapely.area(shapely.symmetric_difference(holes[hole], own[ring])) < NOISE_M2
    return shapely.union_all(np.delete(holes, hole[same]))


def _holes(polygons: Shapes) -> Shapes:
    """The holes of polygons, as polygons."""
    holed = polygons[shapely.get_num_interior_rings(polygons) > 0]
    filled = shapely.polygons(shapely.get_exterior_ring(holed))
    return np.asarray(shapely.get_parts(shapely.difference(filled, holed)))
