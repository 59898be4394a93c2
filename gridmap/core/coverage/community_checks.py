"""Faults between communities, and against the subdistrict they make up (R14)."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.coverage.drawn_grids import Finding
from gridmap.core.coverage.geometry import dissolve, find_unmatched_edges, remove_slivers
from gridmap.core.errors import N_, Message
from gridmap.core.land.cells import DIGITISING_NOISE_M2
from gridmap.core.land.town import Town
from gridmap.core.vocabulary import FindingKind, Severity


def check_communities(town: Town) -> Iterator[Finding]:
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
    clean = shapely.is_empty(find_unmatched_edges(communities))
    yield from _find_community_overlaps(communities, np.flatnonzero(~clean))
    whole = dissolve(communities, clean)
    lacking, beyond = _gaps_between_communities(town, whole), shapely.MultiPolygon()
    if town.subdistrict is not None:
        lacking, beyond = shapely.difference(town.subdistrict, whole), shapely.difference(whole, town.subdistrict)
    for piece in remove_slivers(lacking):
        yield _community_finding(FindingKind.GAP, piece, N_("no community claims this land: give it to one"), -1)
    for piece in remove_slivers(beyond):
        yield _community_finding(FindingKind.SPILL, piece, N_("this land lies outside the subdistrict"), -1)


def _find_community_overlaps(communities: GeometryArray, unmatched: IntArray) -> Iterator[Finding]:
    """Land of two communities; only those that do not match their neighbours can be concerned."""
    found, beside = shapely.STRtree(communities).query(communities[unmatched], predicate="intersects")
    pairs = {tuple(sorted(pair)) for pair in zip(unmatched[found].tolist(), beside.tolist(), strict=True)}
    for first, second in sorted(pair for pair in pairs if pair[0] != pair[1]):
        for piece in remove_slivers(shapely.intersection(communities[first], communities[second])):
            yield _community_finding(
                FindingKind.OVERLAP, piece, N_("two communities claim this land: agree on one border"), first
            )


def _community_finding(kind: FindingKind, piece: shapely.Polygon, text: str, community: int) -> Finding:
    return Finding(kind, Severity.MEDIUM, piece, Message(text), (), community)


def _gaps_between_communities(town: Town, union: shapely.Geometry) -> shapely.Geometry:
    """Holes of the union that are no hole of a community: several communities leave them open between them."""
    holes = _hole_polygons(shapely.get_parts(union))
    own = _hole_polygons(shapely.get_parts(town.communities.geometry.to_numpy()))
    hole, ring = shapely.STRtree(own).query(holes, predicate="intersects")
    same = shapely.area(shapely.symmetric_difference(holes[hole], own[ring])) < DIGITISING_NOISE_M2
    return shapely.union_all(np.delete(holes, hole[same]))


def _hole_polygons(polygons: GeometryArray) -> GeometryArray:
    """The holes of polygons, as polygons."""
    holed = polygons[shapely.get_num_interior_rings(polygons) > 0]
    filled = shapely.polygons(shapely.get_exterior_ring(holed))
    return np.asarray(shapely.get_parts(shapely.difference(filled, holed)))
