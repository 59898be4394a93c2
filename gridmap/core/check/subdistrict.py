"""Faults between communities, and against the subdistrict they make up (R14)."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridmap.core.arrays import Shapes
from gridmap.core.check.drawn import Finding
from gridmap.core.check.surfaces import solid
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
    one, two = shapely.STRtree(communities).query(communities, predicate="intersects")
    for first, second in zip(one[one < two].tolist(), two[one < two].tolist(), strict=True):
        for piece in solid(shapely.intersection(communities[first], communities[second])):
            yield _between(FaultKind.OVERLAP, piece, N_("two communities claim this land: agree on one border"), first)
    whole = shapely.union_all(communities)
    outline = _outline(town, whole)
    for piece in solid(shapely.difference(outline, whole)):
        yield _between(FaultKind.GAP, piece, N_("no community claims this land: give it to one"), -1)
    for piece in solid(shapely.difference(whole, outline)):
        yield _between(FaultKind.SPILL, piece, N_("this land lies outside the subdistrict"), -1)


def _between(kind: FaultKind, piece: shapely.Polygon, text: str, community: int) -> Finding:
    return Finding(kind, Severity.MEDIUM, piece, Message(text), (), community)


def _outline(town: Town, whole: shapely.Geometry) -> shapely.Geometry:
    """The subdistrict; without one, the communities with the gaps that they close in together filled."""
    if town.subdistrict is not None:
        return town.subdistrict
    parts = shapely.get_parts(whole)
    return shapely.union_all([*parts, *_gaps_between(town, parts)])


def _gaps_between(town: Town, parts: Shapes) -> Shapes:
    """Holes of the union that are no hole of a community: several communities leave them open between them."""
    rings = shapely.get_rings(parts)
    outer = shapely.get_exterior_ring(parts)
    holes = shapely.polygons(rings[~np.isin(shapely.to_wkb(rings), shapely.to_wkb(outer))])
    own = shapely.polygons(shapely.get_rings(shapely.get_parts(town.communities.geometry.to_numpy())))
    hole, ring = shapely.STRtree(own).query(holes, predicate="intersects")
    same = shapely.area(shapely.symmetric_difference(holes[hole], own[ring])) < NOISE_M2
    return np.asarray(np.delete(holes, hole[same]))
