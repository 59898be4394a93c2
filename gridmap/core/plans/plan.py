"""Plans: assignments of cells to grids."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gridmap.core.array_types import IntArray
from gridmap.core.errors import Message
from gridmap.core.vocabulary import GridKind


@dataclass(frozen=True)
class CertificateNode:
    """An atom, with the empty land that goes with it, in the certificate of an exception.

    Parameters
    ----------
    members : tuple of int
        Its parts, by the numbers of whoever holds the certificate: atoms of a community, of a town, or cells.
    households : int
    is_core : bool
        Whether it must be in a grid within the range.
    """

    members: tuple[int, ...]
    households: int
    is_core: bool


@dataclass(frozen=True)
class ExceptionCertificate:
    """Proof, in a form that others can check, that a grid out of range cannot be avoided.

    Grids are connected sets of nodes, without a node in common. No choice of grids within the range holds all nodes of
    the core.

    Parameters
    ----------
    grid : int
        Grid out of range that it excuses.
    nodes : tuple of CertificateNode
    links : tuple of pairs of int
        Positions of nodes that are neighbours.
    """

    grid: int
    nodes: tuple[CertificateNode, ...]
    links: tuple[tuple[int, int], ...]

    def renumber(self, first_grid: int, find_members: Callable[[tuple[int, ...]], IntArray]) -> "ExceptionCertificate":
        """Return the same certificate with other numbers of grids and members."""
        nodes = tuple(replace(node, members=tuple(find_members(node.members).tolist())) for node in self.nodes)
        return ExceptionCertificate(first_grid + self.grid, nodes, self.links)


@dataclass(frozen=True, eq=False)
class GridPlan:
    """A partition of a town, as an immutable value.

    Parameters
    ----------
    grid_of_cell : ndarray of int
        Grid of each cell, numbered from 0 without gaps.
    community : ndarray of int, one per grid
        Position of the community of each grid.
    kind : tuple of GridKind, one per grid
    reason : tuple of Message or None, one per grid
        Reason why a grid is out of range or otherwise unusual.
    notes : tuple of Message
        Exceptions that concern no single grid, such as divided courtyards.
    certificates : tuple of ExceptionCertificate
        Proofs of exceptions; their members are cells.
    """

    grid_of_cell: IntArray
    community: IntArray
    kind: tuple[GridKind, ...]
    reason: tuple[Message | None, ...]
    notes: tuple[Message, ...] = ()
    certificates: tuple[ExceptionCertificate, ...] = ()

    def __len__(self) -> int:
        return len(self.community)
