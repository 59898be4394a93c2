"""Faults of land: what no grid covers, what several cover, what lies where it should not."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.coverage.drawn_grids import DrawnGrids, Finding
from gridmap.core.coverage.geometry import (
    MIN_FINDING_M2,
    SLIVER_WIDTH_M,
    buffer_by_half_sliver,
    dissolve,
    find_unmatched_edges,
    remove_slivers,
)
from gridmap.core.errors import N_, Message
from gridmap.core.land.town import Town
from gridmap.core.vocabulary import FindingKind, Severity

MIN_DUPLICATE_SHARE = 0.95
"""Two grids that share more than this of what they cover together are one grid drawn twice."""
RIM_DISTANCE_M = 0.5
"""Unmatched edges this near a gap or an overlap are its rim."""


def check_land(town: Town, drawn: DrawnGrids, community_of_grid: IntArray) -> list[Finding]:
    """Everything wrong with the land of drawn grids.

    Parameters
    ----------
    town : Town
        Communities, and the subdistrict where it is known.
    drawn : DrawnGrids
    community_of_grid : ndarray of int
        Community each grid belongs to, by its word or by where most of it lies; -1 for none.

    Returns
    -------
    list of Finding
    """
    edges = find_unmatched_edges(drawn.shapes)
    clean = shapely.is_empty(edges) & ~drawn.repaired
    communities = town.communities.geometry.to_numpy()
    leaving = _has_land_outside(drawn, communities, community_of_grid)
    found = [
        *_find_gaps(drawn, communities, clean, np.where(leaving, -1, community_of_grid)),
        *_find_overlaps(drawn, clean),
        *_find_spill(drawn, communities, community_of_grid, np.flatnonzero(leaving)),
        *_find_multipart(drawn, communities, community_of_grid),
        *_find_invalid(drawn),
    ]
    return found + list(_find_unmatched_borders(drawn, communities, edges, found))


def _has_land_outside(drawn: DrawnGrids, communities: GeometryArray, community_of_grid: IntArray) -> BoolArray:
    """Grids that have land outside their community."""
    covered = shapely.covers(buffer_by_half_sliver(communities)[community_of_grid], drawn.shapes)
    return np.asarray((community_of_grid < 0) | ~covered)


def _find_gaps(
    drawn: DrawnGrids, communities: GeometryArray, has_matched_edges: BoolArray, sole_community: IntArray
) -> Iterator[Finding]:
    """Land of a community that no grid covers; `sole_community` is the community of grids that have no land in others, or -1."""
    tree = shapely.STRtree(drawn.shapes)
    community, grid = tree.query(communities, predicate="intersects")
    useful = (sole_community[grid] < 0) | (sole_community[grid] == community)
    order = np.lexsort((grid[useful], community[useful]))
    ends = np.searchsorted(community[useful][order], np.arange(1, len(communities)))
    near = np.split(grid[useful][order], ends)
    covered = np.array([dissolve(drawn.shapes[each], has_matched_edges[each]) for each in near], dtype=object)
    for position in np.flatnonzero(~shapely.covers(buffer_by_half_sliver(covered), communities)).tolist():
        for piece in remove_slivers(shapely.difference(communities[position], covered[position])):
            beside, suggestion = _gap_neighbours(drawn, tree, piece)
            yield Finding(FindingKind.GAP, Severity.HIGH, piece, suggestion, beside, position)


def _gap_neighbours(
    drawn: DrawnGrids, tree: shapely.STRtree, piece: shapely.Polygon
) -> tuple[tuple[int, ...], Message]:
    """Grids along a piece of land, the one with the longest border first, and the advice to extend that one."""
    rim = shapely.buffer(shapely.boundary(piece), RIM_DISTANCE_M / 10, cap_style="flat")
    near = np.sort(tree.query(rim, predicate="intersects"))
    shared = shapely.area(shapely.intersection(drawn.shapes[near], rim))
    order = near[np.argsort(-shared, kind="stable")][: np.count_nonzero(shared > 0)]
    if not len(order):
        return (), Message(N_("draw a grid here"))
    text = N_("extend grid {grid}, which has the longest border here")
    return tuple(order.tolist()), Message(text, {"grid": drawn.label(order[0])})


def _find_overlaps(drawn: DrawnGrids, has_matched_edges: BoolArray) -> Iterator[Finding]:
    """Land that two grids cover, and grids drawn twice; only grids with unmatched edges can be concerned."""
    dirty = np.flatnonzero(~has_matched_edges)
    found, beside = shapely.STRtree(drawn.shapes).query(drawn.shapes[dirty], predicate="intersects")
    one, two = np.unique(np.sort(np.stack([dirty[found], beside]), axis=0), axis=1)
    one, two = one[one < two], two[one < two]
    both = shapely.intersection(drawn.shapes[one], drawn.shapes[two])
    joint = shapely.area(both)
    either = shapely.area(drawn.shapes[one]) + shapely.area(drawn.shapes[two]) - joint
    for pair in np.flatnonzero(joint >= MIN_FINDING_M2):
        grids = (int(one[pair]), int(two[pair]))
        if joint[pair] > MIN_DUPLICATE_SHARE * either[pair]:
            yield Finding(FindingKind.DUPLICATE, Severity.HIGH, both[pair], Message(N_("delete one of the two")), grids)
        else:
            for piece in remove_slivers(both[pair]):
                yield Finding(FindingKind.OVERLAP, Severity.HIGH, piece, _overlap_suggestion(drawn, grids), grids)


def _overlap_suggestion(drawn: DrawnGrids, grids: tuple[int, int]) -> Message:
    """Land that two grids claim goes to the smaller one, so that sizes even out."""
    larger, smaller = sorted(grids, key=lambda grid: -float(shapely.area(drawn.shapes[grid])))
    values = {"larger": drawn.label(larger), "smaller": drawn.label(smaller)}
    return Message(N_("take it from grid {larger} and leave it to grid {smaller}"), values)


def _find_spill(
    drawn: DrawnGrids, communities: GeometryArray, community_of_grid: IntArray, spilling_grids: IntArray
) -> Iterator[Finding]:
    """Land of grids outside every community, or in another than their own."""
    tree = shapely.STRtree(communities)
    for grid in spilling_grids.tolist():
        shape, near = drawn.shapes[grid], np.sort(tree.query(drawn.shapes[grid], predicate="intersects"))
        for piece in remove_slivers(shapely.difference(shape, shapely.union_all(communities[near]))):
            text = N_("cut the grid off at the boundary")
            yield Finding(
                FindingKind.SPILL, Severity.MEDIUM, piece, Message(text), (grid,), int(community_of_grid[grid])
            )
        for other in near[near != community_of_grid[grid]].tolist():
            for piece in remove_slivers(shapely.intersection(shape, communities[other])):
                text = N_("leave this land to the grids of its own community")
                yield Finding(FindingKind.FOREIGN_COMMUNITY, Severity.HIGH, piece, Message(text), (grid,), other)


def _find_multipart(drawn: DrawnGrids, communities: GeometryArray, community_of_grid: IntArray) -> Iterator[Finding]:
    """Grids in several pieces within one part of their community; every piece but the largest is reported."""
    for grid in np.flatnonzero(shapely.get_num_geometries(drawn.shapes) > 1).tolist():
        for part in shapely.get_parts(communities[community_of_grid[grid]]) if community_of_grid[grid] >= 0 else []:
            pieces = remove_slivers(shapely.intersection(drawn.shapes[grid], part))
            order = np.argsort(-shapely.area(pieces), kind="stable")
            for piece in pieces[order[1:]]:
                text = N_("give this piece to a neighbour, or join it to the rest of its grid")
                yield Finding(
                    FindingKind.MULTIPART, Severity.MEDIUM, piece, Message(text), (grid,), int(community_of_grid[grid])
                )


def _find_invalid(drawn: DrawnGrids) -> Iterator[Finding]:
    """Polygons that crossed or doubled themselves."""
    for grid in np.flatnonzero(drawn.repaired).tolist():
        text = N_("draw its outline again: it crosses itself")
        yield Finding(FindingKind.INVALID, Severity.HIGH, drawn.shapes[grid], Message(text), (grid,))


def _find_unmatched_borders(
    drawn: DrawnGrids, communities: GeometryArray, unmatched_edges: GeometryArray, findings: list[Finding]
) -> Iterator[Finding]:
    """Edges that do not match a neighbour's vertex for vertex, where no land is missing or doubled.

    Along the outline of a community it is the outline that is so narrow, or the neighbouring community's.
    """
    segments, owner = _segments_away_from_findings(
        unmatched_edges, np.array([finding.geometry for finding in findings], dtype=object)
    )
    grids, towns = shapely.STRtree(drawn.shapes), shapely.STRtree(communities)
    for grid in np.unique(owner).tolist():
        edge = shapely.multilinestrings(segments[owner == grid])
        beside = np.setdiff1d(grids.query(edge, predicate="dwithin", distance=SLIVER_WIDTH_M), grid)
        touching = shapely.buffer(shapely.union_all(drawn.shapes[beside]), SLIVER_WIDTH_M)
        outlines = shapely.boundary(communities[towns.query(edge, predicate="dwithin", distance=SLIVER_WIDTH_M)])
        rest = shapely.difference(touching & edge, shapely.union_all(shapely.buffer(outlines, SLIVER_WIDTH_M)))
        if shapely.length(rest) > 0:
            text = N_("snap its vertices to its neighbours': no land is missing, but the borders are not one line")
            yield Finding(FindingKind.INVALID, Severity.LOW, rest, Message(text), (grid,))


def _segments_away_from_findings(
    unmatched_edges: GeometryArray, finding_shapes: GeometryArray
) -> tuple[GeometryArray, IntArray]:
    """Straight pieces of edges that are not the rim of something found, and the grid of each."""
    lines, grid = shapely.get_parts(unmatched_edges, return_index=True)
    points, line = shapely.get_coordinates(lines, return_index=True)
    along = line[1:] == line[:-1]
    segments = shapely.linestrings(np.stack([points[:-1][along], points[1:][along]], axis=1))
    near, _ = shapely.STRtree(finding_shapes).query(segments, predicate="dwithin", distance=RIM_DISTANCE_M)
    return np.delete(segments, near), np.delete(grid[line[1:][along]], near)
