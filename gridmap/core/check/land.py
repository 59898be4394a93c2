"""Faults of land: what no grid covers, what several cover, what lies where it should not."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridmap.core.arrays import Flags, Ints, Shapes
from gridmap.core.check.drawn import DrawnGrids, Finding
from gridmap.core.check.surfaces import CRUMB_M2, HAIR_M, loosened, merged, solid, unmatched
from gridmap.core.errors import N_, Message
from gridmap.core.names import FaultKind, Severity
from gridmap.core.town import Town

SAME_SHARE = 0.95
"""Two grids that share more than this of what they cover together are one grid drawn twice."""
NEAR_M = 0.5
"""Unmatched edges this near a gap or an overlap are its rim."""


def land_findings(town: Town, drawn: DrawnGrids, home: Ints) -> list[Finding]:
    """Everything wrong with the land of drawn grids.

    Parameters
    ----------
    town : Town
        Communities, and the subdistrict where it is known.
    drawn : DrawnGrids
    home : ndarray of int
        Community each grid belongs to, by its word or by where most of it lies; -1 for none.

    Returns
    -------
    list of Finding
    """
    edges = unmatched(drawn.shapes)
    clean = shapely.is_empty(edges) & ~drawn.mended
    communities = town.communities.geometry.to_numpy()
    leaving = _leaving(drawn, communities, home)
    found = [
        *_gaps(drawn, communities, clean, np.where(leaving, -1, home)),
        *_overlaps(drawn, clean),
        *_strays(drawn, communities, home, np.flatnonzero(leaving)),
        *_pieces(drawn, communities, home),
        *_mended(drawn),
    ]
    return found + list(_blemishes(drawn, communities, edges, found))


def _leaving(drawn: DrawnGrids, communities: Shapes, home: Ints) -> Flags:
    """Grids that have land outside their community."""
    covered = shapely.covers(loosened(communities)[home], drawn.shapes)
    return np.asarray((home < 0) | ~covered)


def _gaps(drawn: DrawnGrids, communities: Shapes, clean: Flags, only: Ints) -> Iterator[Finding]:
    """Land of a community that no grid covers; `only` is the community of grids that have no land in others, or -1."""
    tree = shapely.STRtree(drawn.shapes)
    community, grid = tree.query(communities, predicate="intersects")
    useful = (only[grid] < 0) | (only[grid] == community)
    order = np.lexsort((grid[useful], community[useful]))
    ends = np.searchsorted(community[useful][order], np.arange(1, len(communities)))
    near = np.split(grid[useful][order], ends)
    covered = np.array([merged(drawn.shapes[each], clean[each]) for each in near], dtype=object)
    for position in np.flatnonzero(~shapely.covers(loosened(covered), communities)).tolist():
        for piece in solid(shapely.difference(communities[position], covered[position])):
            beside, suggestion = _longest_neighbour(drawn, tree, piece)
            yield Finding(FaultKind.GAP, Severity.HIGH, piece, suggestion, beside, position)


def _longest_neighbour(
    drawn: DrawnGrids, tree: shapely.STRtree, piece: shapely.Polygon
) -> tuple[tuple[int, ...], Message]:
    """Grids along a piece of land, the one with the longest border first, and the advice to extend that one."""
    rim = shapely.buffer(shapely.boundary(piece), NEAR_M / 10, cap_style="flat")
    near = np.sort(tree.query(rim, predicate="intersects"))
    shared = shapely.area(shapely.intersection(drawn.shapes[near], rim))
    order = near[np.argsort(-shared, kind="stable")][: np.count_nonzero(shared > 0)]
    if not len(order):
        return (), Message(N_("draw a grid here"))
    text = N_("extend grid {grid}, which has the longest border here")
    return tuple(order.tolist()), Message(text, {"grid": drawn.name(order[0])})


def _overlaps(drawn: DrawnGrids, clean: Flags) -> Iterator[Finding]:
    """Land that two grids cover, and grids drawn twice; only grids with unmatched edges can be concerned."""
    dirty = np.flatnonzero(~clean)
    found, beside = shapely.STRtree(drawn.shapes).query(drawn.shapes[dirty], predicate="intersects")
    one, two = np.unique(np.sort(np.stack([dirty[found], beside]), axis=0), axis=1)
    one, two = one[one < two], two[one < two]
    both = shapely.intersection(drawn.shapes[one], drawn.shapes[two])
    joint = shapely.area(both)
    either = shapely.area(drawn.shapes[one]) + shapely.area(drawn.shapes[two]) - joint
    for pair in np.flatnonzero(joint >= CRUMB_M2):
        grids = (int(one[pair]), int(two[pair]))
        if joint[pair] > SAME_SHARE * either[pair]:
            yield Finding(FaultKind.DUPLICATE, Severity.HIGH, both[pair], Message(N_("delete one of the two")), grids)
        else:
            for piece in solid(both[pair]):
                yield Finding(FaultKind.OVERLAP, Severity.HIGH, piece, _smaller_share(drawn, grids), grids)


def _smaller_share(drawn: DrawnGrids, grids: tuple[int, int]) -> Message:
    """Land that two grids claim goes to the smaller one, so that sizes even out."""
    larger, smaller = sorted(grids, key=lambda grid: -float(shapely.area(drawn.shapes[grid])))
    values = {"larger": drawn.name(larger), "smaller": drawn.name(smaller)}
    return Message(N_("take it from grid {larger} and leave it to grid {smaller}"), values)


def _strays(drawn: DrawnGrids, communities: Shapes, home: Ints, leaving: Ints) -> Iterator[Finding]:
    """Land of grids outside every community, or in another than their own."""
    tree = shapely.STRtree(communities)
    for grid in leaving.tolist():
        shape, near = drawn.shapes[grid], np.sort(tree.query(drawn.shapes[grid], predicate="intersects"))
        for piece in solid(shapely.difference(shape, shapely.union_all(communities[near]))):
            text = N_("cut the grid off at the boundary")
            yield Finding(FaultKind.SPILL, Severity.MEDIUM, piece, Message(text), (grid,), int(home[grid]))
        for other in near[near != home[grid]].tolist():
            for piece in solid(shapely.intersection(shape, communities[other])):
                text = N_("leave this land to the grids of its own community")
                yield Finding(FaultKind.FOREIGN_COMMUNITY, Severity.HIGH, piece, Message(text), (grid,), other)


def _pieces(drawn: DrawnGrids, communities: Shapes, home: Ints) -> Iterator[Finding]:
    """Grids in several pieces within one part of their community; every piece but the largest is reported."""
    for grid in np.flatnonzero(shapely.get_num_geometries(drawn.shapes) > 1).tolist():
        for part in shapely.get_parts(communities[home[grid]]) if home[grid] >= 0 else []:
            pieces = solid(shapely.intersection(drawn.shapes[grid], part))
            order = np.argsort(-shapely.area(pieces), kind="stable")
            for piece in pieces[order[1:]]:
                text = N_("give this piece to a neighbour, or join it to the rest of its grid")
                yield Finding(FaultKind.MULTIPART, Severity.MEDIUM, piece, Message(text), (grid,), int(home[grid]))


def _mended(drawn: DrawnGrids) -> Iterator[Finding]:
    """Polygons that crossed or doubled themselves."""
    for grid in np.flatnonzero(drawn.mended).tolist():
        text = N_("draw its outline again: it crosses itself")
        yield Finding(FaultKind.INVALID, Severity.HIGH, drawn.shapes[grid], Message(text), (grid,))


def _blemishes(drawn: DrawnGrids, communities: Shapes, edges: Shapes, found: list[Finding]) -> Iterator[Finding]:
    """Edges that do not match a neighbour's vertex for vertex, where no land is missing or doubled.

    Along the outline of a community it is the outline that is so narrow, or the neighbouring community's.
    """
    segments, owner = _away(edges, np.array([finding.geometry for finding in found], dtype=object))
    grids, towns = shapely.STRtree(drawn.shapes), shapely.STRtree(communities)
    for grid in np.unique(owner).tolist():
        edge = shapely.multilinestrings(segments[owner == grid])
        beside = np.setdiff1d(grids.query(edge, predicate="dwithin", distance=HAIR_M), grid)
        touching = shapely.buffer(shapely.union_all(drawn.shapes[beside]), HAIR_M)
        outlines = shapely.boundary(communities[towns.query(edge, predicate="dwithin", distance=HAIR_M)])
        rest = shapely.difference(touching & edge, shapely.union_all(shapely.buffer(outlines, HAIR_M)))
        if shapely.length(rest) > 0:
            text = N_("snap its vertices to its neighbours': no land is missing, but the borders are not one line")
            yield Finding(FaultKind.INVALID, Severity.LOW, rest, Message(text), (grid,))


def _away(edges: Shapes, found: Shapes) -> tuple[Shapes, Ints]:
    """Straight pieces of edges that are not the rim of something found, and the grid of each."""
    lines, grid = shapely.get_parts(edges, return_index=True)
    points, line = shapely.get_coordinates(lines, return_index=True)
    along = line[1:] == line[:-1]
    segments = shapely.linestrings(np.stack([points[:-1][along], points[1:][along]], axis=1))
    near, _ = shapely.STRtree(found).query(segments, predicate="dwithin", distance=NEAR_M)
    return np.delete(segments, near), np.delete(grid[line[1:][along]], near)
