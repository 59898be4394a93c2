"""Ground on which cures of exceptions are looked for: atoms, borders and parts of a town, shared by its plans."""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from gridmap.core.array_types import IntArray
from gridmap.core.errors import Message
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.atoms import AtomBorders, Atoms, aggregate_borders, build_atoms
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.partition.radius import RadiusLimit, limit_radius
from gridmap.core.plans.plan import CertificateNode
from gridmap.core.vocabulary import CureKind

INNER_COST = 1.0
"""Cost of a border between two halves of a tower."""


@dataclass(frozen=True)
class Cure:
    """A change that would bring a grid into the range.

    Parameters
    ----------
    kind : CureKind
    text : Message
        What to do.
    households : int
        Households that the change is about; smaller changes come first.
    """

    kind: CureKind
    text: Message
    households: int


@dataclass(frozen=True, eq=False)
class CureRegion:
    """A connected part of a town in which grids may change.

    Parameters
    ----------
    atoms : ndarray of int
        Atom of each node.
    graph : Graph
    core : ndarray of int
        Nodes that must be in grids within the range.
    """

    atoms: IntArray
    graph: Graph
    core: IntArray


@dataclass(frozen=True)
class ExceptionKey:
    """Everything that the cures of an exception depend on, but for the town.

    Parameters
    ----------
    nodes, links : tuple
        Of the certificate.
    atoms : bytes
        Atoms in grids that may change, over all borders.
    grids : bytes
        Grid of each of them, numbered as they come.
    grid : int
        Number of the grid of the certificate among them.
    out_of_range : bytes
        Whether each of these grids is out of range.
    """

    nodes: tuple[CertificateNode, ...]
    links: tuple[tuple[int, int], ...]
    atoms: bytes
    grids: bytes
    grid: int
    out_of_range: bytes


class CureGround:
    """Atoms and borders of a town, on which the cures of all its plans are looked for.

    Parameters
    ----------
    town, land : Town, LandCoverage
    settings : PartitionSettings
        Those that the plans were made with.
    """

    def __init__(self, town: Town, land: LandCoverage, settings: PartitionSettings) -> None:
        self.town, self.land, self.settings = town, land, settings
        self.atoms: Atoms = build_atoms(town, land, settings.profile, settings.weights)
        self.borders = self._all_borders()
        atom_of_building = self.atoms.atom_of_cell[land.cell_of_building]
        self.buildings_of_atom = {
            int(atom): rows for atom, rows in town.buildings.groupby(atom_of_building).indices.items()
        }
        self.known: dict[ExceptionKey, list[Cure]] = {}
        """Cures of exceptions that were looked for; plans often share one."""

    def limit_radius(self, place: CureRegion) -> RadiusLimit | None:
        """Return the limit of the radius for a place; None without any. Parts of an atom share its land evenly."""
        if self.atoms.homes is None:
            return None
        atoms, node, parts = np.unique(place.atoms, return_inverse=True, return_counts=True)
        land = [shapely.multipolygons(self.land.cells[self.atoms.list_cells([atom])]) for atom in atoms.tolist()]
        every = np.arange(len(atoms))
        radius_m = self.settings.profile.max_radius_m
        limit = limit_radius(np.array(land), self.atoms.homes[atoms], every, every, radius_m).subset(node.ravel())
        share = parts[node.ravel()]
        return limit._replace(area=limit.area / share, east=limit.east / share, north=limit.north / share)

    def _all_borders(self) -> AtomBorders:
        """Return the borders between atoms, of different communities, too."""
        one_community = np.zeros(len(self.atoms.households), dtype=np.int64)
        cost = self.settings.weights.border_cost(self.land.borders.length)
        return aggregate_borders(self.land, self.atoms.atom_of_cell, one_community, cost)


def divide_node(place: CureRegion, node: int, parts: list[int]) -> CureRegion:
    """Return surroundings with a node divided into parts, each of which borders on all its neighbours."""
    graph, count = place.graph, len(place.graph)
    touches = (graph.left == node) | (graph.right == node)
    neighbour = np.where(graph.left == node, graph.right, graph.left)[touches]
    numbers = [node, *range(count, count + len(parts) - 1)]
    pairs = [(one, two) for position, one in enumerate(numbers) for two in numbers[position + 1 :]]
    left = np.r_[graph.left, np.repeat(numbers[1:], len(neighbour)), [one for one, _ in pairs]].astype(np.int64)
    right = np.r_[graph.right, np.tile(neighbour, len(parts) - 1), [two for _, two in pairs]].astype(np.int64)
    cost = np.r_[graph.cost, np.tile(graph.cost[touches], len(parts) - 1), np.full(len(pairs), INNER_COST)]
    weight = np.r_[graph.weight, parts[1:]].astype(np.int64)
    weight[node] = parts[0]
    core = np.r_[place.core, numbers[1:]].astype(np.int64)
    atoms = np.r_[place.atoms, np.full(len(parts) - 1, place.atoms[node])]
    return replace(place, atoms=atoms, graph=Graph(weight, left, right, cost), core=core)
