"""Faults between communities, and between them and their subdistrict (R14)."""

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
    """Find gaps and overlaps between communities, and land outside the subdistrict.

    Parameters
    ----------
    town : Town
        Town with its communities, and its subdistrict if known.

    Yields
    ------
    Finding
        Findings without grids.
    """
    communities = town.communities.geometry.to_numpy()
    has_matched_edges = shapely.is_empty(find_unmatched_edges(communities))
    yield from _find_community_overlaps(communities, np.flatnonzero(~has_matched_edges))
    union = dissolve(communities, has_matched_edges)
    gaps, outside = _gaps_between_communities(town, union), shapely.MultiPolygon()
    if town.subdistrict is not None:
        gaps, outside = shapely.difference(town.subdistrict, union), shapely.difference(union, town.subdistrict)
    for piece in remove_slivers(gaps):
        yield _community_finding(FindingKind.GAP, piece, N_("no community contains this land: add it to one"), -1)
    for piece in remove_slivers(outside):
        yield _community_finding(FindingKind.SPILL, piece, N_("this land lies outside the subdistrict"), -1)


def _find_community_overlaps(communities: GeometryArray, unmatched: IntArray) -> Iterator[Finding]:
    """Find land of two communities; only communities with unmatched edges can overlap."""
    position, other = shapely.STRtree(communities).query(communities[unmatched], predicate="intersects")
    pairs = {tuple(sorted(pair)) for pair in zip(unmatched[position].tolist(), other.tolist(), strict=True)}
    for first, second in sorted(pair for pair in pairs if pair[0] != pair[1]):
        for piece in remove_slivers(shapely.intersection(communities[first], communities[second])):
            yield _community_finding(
                FindingKind.OVERLAP, piece, N_("two communities contain this land: agree on one border"), first
            )


def _community_finding(kind: FindingKind, piece: shapely.Polygon, text: str, community: int) -> Finding:
    return Finding(kind, Severity.MEDIUM, piece, Message(text), (), community)


def _gaps_between_communities(town: Town, union: shapely.Geometry) -> shapely.Geometry:
    """Return the holes of the union that are not holes of a single community."""
    holes = _hole_polygons(shapely.get_parts(union))
    own = _hole_polygons(shapely.get_parts(town.communities.geometry.to_numpy()))
    hole, ring = shapely.STRtree(own).query(holes, predicate="intersects")
    same = shapely.area(shapely.symmetric_difference(holes[hole], own[ring])) < DIGITISING_NOISE_M2
    return shapely.union_all(np.delete(holes, hole[same]))


def _hole_polygons(polygons: GeometryArray) -> GeometryArray:
    """Return the holes of polygons, as polygons."""
    with_holes = polygons[shapely.get_num_interior_rings(polygons) > 0]
    filled = shapely.polygons(shapely.get_exterior_ring(with_holes))
    return np.asarray(shapely.get_parts(shapely.difference(filled, with_holes)))
