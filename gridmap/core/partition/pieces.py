"""Pieces of a community that are divided each on its own: what people reach on foot, as far as that holds grids."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.arrays import Flags, Floats, Ints, Shapes
from gridmap.core.land.adjacency import spread
from gridmap.core.partition.atoms import AtomBorders, Atoms
from gridmap.core.partition.graph import Graph, components
from gridmap.core.partition.profile import Profile

CROWD_SHARE = 0.1
"""A piece with less than this share of the minimum joins a grid above the maximum, where nothing else is in reach."""


@dataclass(frozen=True, eq=False)
class Ground:
    """The atoms of one community that grids of households are made of.

    Parameters
    ----------
    weight : ndarray of int
        Households of each atom.
    borders : AtomBorders
        Borders between them.
    island : ndarray of int
        Number of the part of the community each lies in.
    shape : ndarray of MultiPolygon, metres
        Where each lies.
    """

    weight: Ints
    borders: AtomBorders
    island: Ints
    shape: Shapes

    @classmethod
    def of(cls, atoms: Atoms, chosen: Ints, island: Ints, cells: Shapes) -> "Ground":
        """The ground of chosen atoms, with the island of each; `cells` are the shapes of the town's cells."""
        number = np.full(len(atoms.households), -1, dtype=np.int64)
        number[chosen] = np.arange(len(chosen))
        of_cell = number[atoms.of_cell]
        order = np.argsort(of_cell, kind="stable")
        order = order[of_cell[order] >= 0]
        shape = shapely.multipolygons(cells[order], indices=of_cell[order])
        return cls(atoms.households[chosen], atoms.among(chosen), island, shape)


@dataclass(frozen=True, eq=False)
class Piece:
    """Atoms divided together.

    Parameters
    ----------
    nodes : ndarray of int
        Nodes of the ground that the graph stands for.
    graph : Graph
        Their households and borders; connected.
    on_foot : ndarray of bool, one per border of the graph
        False where pieces are joined that nobody gets between on foot.
    """

    nodes: Ints
    graph: Graph
    on_foot: Flags


def hosts(ground: Ground, large: Flags) -> Ints:
    """Node that each node goes along with: land without households that nobody reaches joins its longest neighbour.

    Parameters
    ----------
    ground : Ground
    large : ndarray of bool
        Nodes above the maximum, each a grid of its own: no way leads through them.

    Returns
    -------
    ndarray of int
        Its own number for every node that stands for itself.
    """
    reached = _on_foot(ground, large)
    peopled = np.bincount(reached, ground.weight) > 0
    own = np.where(peopled[reached] | large, np.arange(len(reached)), -1)
    host = spread(own, ground.borders.left, ground.borders.right, ground.borders.length)
    alone = np.flatnonzero(host < 0)
    if len(alone) < len(host):
        settled = np.flatnonzero(host >= 0)
        host[alone] = host[settled[shapely.STRtree(ground.shape[settled]).nearest(ground.shape[alone])]]
        return host
    return np.zeros(len(host), dtype=np.int64)


def _on_foot(ground: Ground, large: Flags) -> Ints:
    """Number of the piece of land that people on foot reach from each node, not through large ones."""
    open_ = ground.borders.walkable & ~large[ground.borders.left] & ~large[ground.borders.right]
    return components(len(large), ground.borders.left[open_], ground.borders.right[open_])


def join(ground: Ground, host: Ints, large: Flags, profile: Profile) -> Ints:
    """Number the pieces to divide; those whose households fit no grids join a neighbour across what parts them.

    Parameters
    ----------
    ground : Ground
    host : ndarray of int
        From `hosts`.
    large : ndarray of bool
        Nodes above the maximum.
    profile : Profile
        The range that decides what fits.

    Returns
    -------
    ndarray of int
        Piece of each node. A large node is a piece of its own, with at most a few neighbours that fit nowhere else.
    """
    piece = _on_foot(ground, large)[host]
    helpless: set[int] = set()
    while (wanting := _wanting(ground, piece, large, profile, helpless)) is not None:
        other = _neighbour(ground, piece, large, wanting, profile)
        if other is None:
            helpless.add(wanting)
        else:
            piece[piece == wanting] = other
            helpless.discard(other)
    return piece


def _wanting(ground: Ground, piece: Ints, large: Flags, profile: Profile, helpless: set[int]) -> int | None:
    """The smallest piece that fits no number of grids and may still find a neighbour."""
    households = np.bincount(piece, ground.weight)
    holds_large = np.bincount(piece, large) > 0
    for number in np.argsort(households, kind="stable"):
        present = (piece == number).any() and not holds_large[number]
        if present and int(number) not in helpless and not profile.fits(int(households[number])):
            return int(number)
    return None


def _neighbour(
    ground: Ground,
    piece: Ints,
    large: Flags,
    wanting: int,
    profile: Profile,
) -> int | None:
    """The piece to join: by the longest border; for an island too small for a grid, the nearest of another."""
    households = int(ground.weight[piece == wanting].sum())
    left, right = piece[ground.borders.left], piece[ground.borders.right]
    touching = (left == wanting) != (right == wanting)
    other = np.where(left == wanting, right, left)[touching]
    length = np.bincount(other, ground.borders.length[touching], piece.max() + 1)
    crowd = np.bincount(piece, large, piece.max() + 1) > 0
    small = np.where(crowd, 0.0, length)
    if small.any():
        return int(small.argmax())
    if length.any():
        return int(length.argmax()) if households <= CROWD_SHARE * profile.minimum else None
    home = np.isin(ground.island, ground.island[piece == wanting])
    apart = np.flatnonzero(~home & ~crowd[piece])
    if ground.weight[home].sum() >= profile.minimum or not len(apart):
        return None
    near = shapely.distance(shapely.union_all(ground.shape[piece == wanting]), ground.shape[apart])
    return int(piece[apart[near.argmin()]])


def pieces(ground: Ground, host: Ints, piece: Ints, large: Flags) -> list[Piece]:
    """Graphs of the pieces, in the order of their first nodes.

    Parameters
    ----------
    ground : Ground
    host, piece : ndarray of int
        From `hosts` and `join`.
    large : ndarray of bool
        Nodes above the maximum.
    """
    left, right = host[ground.borders.left], host[ground.borders.right]
    kept = (left != right) & (piece[left] == piece[right])
    open_ = ground.borders.walkable & ~large[ground.borders.left] & ~large[ground.borders.right]
    number = components(len(host), left[kept & open_], right[kept & open_])
    usable = kept & (open_ | (number[left] != number[right]))
    found = []
    for which in dict.fromkeys(piece.tolist()):
        nodes = np.flatnonzero((piece == which) & (host == np.arange(len(host))))
        here = usable & (piece[left] == which)
        found.append(_piece(ground, nodes, left[here], right[here], ground.borders.cost[here], open_[here]))
    return found


def _piece(
    ground: Ground,
    nodes: Ints,
    left: Ints,
    right: Ints,
    cost: Floats,
    open_: Flags,
) -> Piece:
    number = np.full(len(ground.weight), -1, dtype=np.int64)
    number[nodes] = np.arange(len(nodes))
    ends = np.sort(number[np.stack([left, right])], axis=0)
    pairs, pair = np.unique(ends.T, axis=0, return_inverse=True)
    pair = pair.ravel()
    costs = np.bincount(pair, cost, len(pairs)).astype(np.float64)
    foot = np.bincount(pair, open_, len(pairs)) > 0
    graph = Graph(ground.weight[nodes], pairs[:, 0], pairs[:, 1], costs)
    return Piece(nodes, *_bridged(ground, nodes, graph, foot))


def _bridged(ground: Ground, nodes: Ints, graph: Graph, foot: Flags) -> tuple[Graph, Flags]:
    """The graph with a free border from every island to the nearest land: nothing is cut where nothing is shared."""
    island = components(len(graph), graph.left, graph.right)
    left, right = [graph.left], [graph.right]
    for number in range(1, island.max(initial=0) + 1):
        here, there = np.flatnonzero(island == number), np.flatnonzero(island < number)
        tree = shapely.STRtree(ground.shape[nodes[there]])
        (one, two), _ = tree.query_nearest(ground.shape[nodes[here]], return_distance=True, all_matches=False)
        apart = shapely.distance(ground.shape[nodes[here[one]]], ground.shape[nodes[there[two]]])
        left.append(here[one[[apart.argmin()]]])
        right.append(there[two[[apart.argmin()]]])
    bridges = sum(len(more) for more in left[1:])
    cost, foot = np.r_[graph.cost, np.zeros(bridges)], np.r_[foot, np.zeros(bridges, dtype=np.bool_)]
    return Graph(graph.weight, np.concatenate(left), np.concatenate(right), cost), foot
