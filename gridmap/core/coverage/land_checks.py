"""Faults of land: gaps, overlaps, land outside the community, detached parts, invalid outlines."""

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
"""Two grids whose intersection is a larger share of their union are one grid drawn twice."""
RIM_DISTANCE_M = 0.5
"""Unmatched edges within this distance of a gap or an overlap belong to it."""


def check_land(town: Town, drawn: DrawnGrids, community_of_grid: IntArray) -> list[Finding]:
    """Find all faults of the land of drawn grids.

    Parameters
    ----------
    town : Town
        Town with its communities.
    drawn : DrawnGrids
    community_of_grid : ndarray of int
        Community of each grid, from `find_grid_communities`; -1 for none.

    Returns
    -------
    list of Finding
    """
    edges = find_unmatched_edges(drawn.shapes)
    has_matched_edges = shapely.is_empty(edges) & ~drawn.repaired
    communities = town.communities.geometry.to_numpy()
    is_spilling = _has_land_outside(drawn, communities, community_of_grid)
    findings = [
        *_find_gaps(drawn, communities, has_matched_edges, np.where(is_spilling, -1, community_of_grid)),
        *_find_overlaps(drawn, has_matched_edges),
        *_find_spill(drawn, communities, community_of_grid, np.flatnonzero(is_spilling)),
        *_find_multipart(drawn, communities, community_of_grid),
        *_find_invalid(drawn),
    ]
    return findings + list(_find_unmatched_borders(drawn, communities, edges, findings))


def _has_land_outside(drawn: DrawnGrids, communities: GeometryArray, community_of_grid: IntArray) -> BoolArray:
    """Return whether each grid has land outside its community."""
    covered = shapely.covers(buffer_by_half_sliver(communities)[community_of_grid], drawn.shapes)
    return np.asarray((community_of_grid < 0) | ~covered)


def _find_gaps(
    drawn: DrawnGrids, communities: GeometryArray, has_matched_edges: BoolArray, sole_community: IntArray
) -> Iterator[Finding]:
    """Find land of a community that no grid covers.

    `sole_community` is the community of each grid without land in another one, and -1 for the others.
    """
    tree = shapely.STRtree(drawn.shapes)
    community, grid = tree.query(communities, predicate="intersects")
    relevant = (sole_community[grid] < 0) | (sole_community[grid] == community)
    order = np.lexsort((grid[relevant], community[relevant]))
    ends = np.searchsorted(community[relevant][order], np.arange(1, len(communities)))
    grids_by_community = np.split(grid[relevant][order], ends)
    covered = np.array(
        [dissolve(drawn.shapes[grids], has_matched_edges[grids]) for grids in grids_by_community], dtype=object
    )
    for position in np.flatnonzero(~shapely.covers(buffer_by_half_sliver(covered), communities)).tolist():
        for piece in remove_slivers(shapely.difference(communities[position], covered[position])):
            neighbours, suggestion = _gap_neighbours(drawn, tree, piece)
            yield Finding(FindingKind.GAP, Severity.HIGH, piece, suggestion, neighbours, position)


def _gap_neighbours(
    drawn: DrawnGrids, tree: shapely.STRtree, piece: shapely.Polygon
) -> tuple[tuple[int, ...], Message]:
    """Return the grids along a gap, the longest border first, and the advice to extend the first one."""
    rim = shapely.buffer(shapely.boundary(piece), RIM_DISTANCE_M / 10, cap_style="flat")
    grids = np.sort(tree.query(rim, predicate="intersects"))
    shared_area = shapely.area(shapely.intersection(drawn.shapes[grids], rim))
    neighbours = grids[np.argsort(-shared_area, kind="stable")][: np.count_nonzero(shared_area > 0)]
    if not len(neighbours):
        return (), Message(N_("draw a grid here"))
    text = N_("extend grid {grid}, which has the longest border here")
    return tuple(neighbours.tolist()), Message(text, {"grid": drawn.label(neighbours[0])})


def _find_overlaps(drawn: DrawnGrids, has_matched_edges: BoolArray) -> Iterator[Finding]:
    """Find land of two grids, and grids drawn twice; only grids with unmatched edges can overlap."""
    unmatched = np.flatnonzero(~has_matched_edges)
    position, other = shapely.STRtree(drawn.shapes).query(drawn.shapes[unmatched], predicate="intersects")
    first, second = np.unique(np.sort(np.stack([unmatched[position], other]), axis=0), axis=1)
    first, second = first[first < second], second[first < second]
    overlaps = shapely.intersection(drawn.shapes[first], drawn.shapes[second])
    overlap_area = shapely.area(overlaps)
    union_area = shapely.area(drawn.shapes[first]) + shapely.area(drawn.shapes[second]) - overlap_area
    for pair in np.flatnonzero(overlap_area >= MIN_FINDING_M2):
        grids = (int(first[pair]), int(second[pair]))
        if overlap_area[pair] > MIN_DUPLICATE_SHARE * union_area[pair]:
            advice = Message(N_("delete one of the two"))
            yield Finding(FindingKind.DUPLICATE, Severity.HIGH, overlaps[pair], advice, grids)
        else:
            for piece in remove_slivers(overlaps[pair]):
                yield Finding(FindingKind.OVERLAP, Severity.HIGH, piece, _overlap_suggestion(drawn, grids), grids)


def _overlap_suggestion(drawn: DrawnGrids, grids: tuple[int, int]) -> Message:
    """Advise to keep an overlap in the smaller grid, so that sizes become more equal."""
    larger, smaller = sorted(grids, key=lambda grid: -float(shapely.area(drawn.shapes[grid])))
    values = {"larger": drawn.label(larger), "smaller": drawn.label(smaller)}
    return Message(N_("remove it from grid {larger} and keep it in grid {smaller}"), values)


def _find_spill(
    drawn: DrawnGrids, communities: GeometryArray, community_of_grid: IntArray, spilling_grids: IntArray
) -> Iterator[Finding]:
    """Find land of grids outside all communities or in another community."""
    tree = shapely.STRtree(communities)
    for grid in spilling_grids.tolist():
        shape, crossed = drawn.shapes[grid], np.sort(tree.query(drawn.shapes[grid], predicate="intersects"))
        for piece in remove_slivers(shapely.difference(shape, shapely.union_all(communities[crossed]))):
            text = N_("cut the grid off at the boundary")
            yield Finding(
                FindingKind.SPILL, Severity.MEDIUM, piece, Message(text), (grid,), int(community_of_grid[grid])
            )
        for other in crossed[crossed != community_of_grid[grid]].tolist():
            for piece in remove_slivers(shapely.intersection(shape, communities[other])):
                text = N_("give this land to the grids of its own community")
                yield Finding(FindingKind.FOREIGN_COMMUNITY, Severity.HIGH, piece, Message(text), (grid,), other)


def _find_multipart(drawn: DrawnGrids, communities: GeometryArray, community_of_grid: IntArray) -> Iterator[Finding]:
    """Find detached pieces of grids within a part of their community; the largest piece is not reported."""
    for grid in np.flatnonzero(shapely.get_num_geometries(drawn.shapes) > 1).tolist():
        for part in shapely.get_parts(communities[community_of_grid[grid]]) if community_of_grid[grid] >= 0 else []:
            pieces = remove_slivers(shapely.intersection(drawn.shapes[grid], part))
            order = np.argsort(-shapely.area(pieces), kind="stable")
            for piece in pieces[order[1:]]:
                text = N_("give this piece to a neighbour, or connect it to the rest of its grid")
                yield Finding(
                    FindingKind.MULTIPART, Severity.MEDIUM, piece, Message(text), (grid,), int(community_of_grid[grid])
                )


def _find_invalid(drawn: DrawnGrids) -> Iterator[Finding]:
    """Find outlines that crossed or repeated themselves."""
    for grid in np.flatnonzero(drawn.repaired).tolist():
        text = N_("redraw its outline: it crosses itself")
        yield Finding(FindingKind.INVALID, Severity.HIGH, drawn.shapes[grid], Message(text), (grid,))


def _find_unmatched_borders(
    drawn: DrawnGrids, communities: GeometryArray, unmatched_edges: GeometryArray, findings: list[Finding]
) -> Iterator[Finding]:
    """Find edges that do not match a neighbour vertex for vertex, without a gap or an overlap.

    Edges along the outline of a community are skipped: there the communities do not match.
    """
    segments, owner = _segments_away_from_findings(
        unmatched_edges, np.array([finding.geometry for finding in findings], dtype=object)
    )
    grid_tree, community_tree = shapely.STRtree(drawn.shapes), shapely.STRtree(communities)
    for grid in np.unique(owner).tolist():
        edges = shapely.multilinestrings(segments[owner == grid])
        neighbours = np.setdiff1d(grid_tree.query(edges, predicate="dwithin", distance=SLIVER_WIDTH_M), grid)
        neighbour_land = shapely.buffer(shapely.union_all(drawn.shapes[neighbours]), SLIVER_WIDTH_M)
        near_communities = community_tree.query(edges, predicate="dwithin", distance=SLIVER_WIDTH_M)
        outlines = shapely.buffer(shapely.boundary(communities[near_communities]), SLIVER_WIDTH_M)
        unmatched = shapely.difference(neighbour_land & edges, shapely.union_all(outlines))
        if shapely.length(unmatched) > 0:
            text = N_("snap its vertices to those of its neighbours: no land is missing, but the borders do not match")
            yield Finding(FindingKind.INVALID, Severity.LOW, unmatched, Message(text), (grid,))


def _segments_away_from_findings(
    unmatched_edges: GeometryArray, finding_shapes: GeometryArray
) -> tuple[GeometryArray, IntArray]:
    """Return the segments of unmatched edges away from findings, and the grid of each."""
    lines, grid = shapely.get_parts(unmatched_edges, return_index=True)
    points, line = shapely.get_coordinates(lines, return_index=True)
    same_line = line[1:] == line[:-1]
    segments = shapely.linestrings(np.stack([points[:-1][same_line], points[1:][same_line]], axis=1))
    near, _ = shapely.STRtree(finding_shapes).query(segments, predicate="dwithin", distance=RIM_DISTANCE_M)
    return np.delete(segments, near), np.delete(grid[line[1:][same_line]], near)
