"""The grids of today on the land of a town, and the graphs in which they may change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, IntArray
from gridmap.core.labels import heaviest_labels, label_components
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.atoms import AtomBorders, Atoms, aggregate_atoms, build_atoms, locate_homes
from gridmap.core.partition.components import (
    CommunityAtoms,
    PartitionComponent,
    build_components,
    merge_components,
)
from gridmap.core.partition.radius import RadiusLimit, limit_radius
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.repartition.present_graph import PresentGraph
from gridmap.core.vocabulary import GridKind

FREE = -1


@dataclass(frozen=True, eq=False)
class PresentPlan:
    """The grids of today.

    Parameters
    ----------
    grid_of_cell : ndarray of int
        Grid of each cell of the land.
    codes : sequence of str, one per grid
    kind : sequence of GridKind, one per grid
    locked : frozenset of str
        Codes of grids that stay exactly as they are.
    """

    grid_of_cell: IntArray
    codes: Sequence[str]
    kind: Sequence[GridKind]
    locked: Collection[str] = frozenset()

    def is_locked(self) -> BoolArray:
        """Return whether each grid is locked."""
        return np.isin(np.array(self.codes, dtype=object), list(self.locked))

    def is_dedicated(self) -> BoolArray:
        """Return whether each grid is dedicated."""
        return np.array([kind is GridKind.DEDICATED for kind in self.kind], dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class PresentComponent:
    """Atoms that may change their grids together.

    Parameters
    ----------
    component : PartitionComponent
    present : PresentGraph
    is_oversize : bool
        Whether a single atom is above the maximum: then all of the component is one grid.
    limit : RadiusLimit, optional
        Limit of the radius of grids, where the profile has one.
    """

    component: PartitionComponent
    present: PresentGraph
    is_oversize: bool
    limit: RadiusLimit | None = None


@dataclass(frozen=True, eq=False)
class PresentCommunity:
    """A community with its grids of today.

    Parameters
    ----------
    members : ndarray of int
        Its atoms.
    fixed : ndarray of int, one per atom
        Grid of atoms that stay in it; numbers from the number of grids upwards are new grids of dedicated land;
        -1 for atoms that may change their grid.
    free : ndarray of int
        Positions of those among `members`.
    atoms : CommunityAtoms
        Those atoms.
    components : sequence of PresentComponent
    """

    members: IntArray
    fixed: IntArray
    free: IntArray
    atoms: CommunityAtoms
    components: Sequence[PresentComponent]


def build_present_atoms(
    town: Town, land: LandCoverage, present: PresentPlan, profile: Profile, weights: CostWeights
) -> Atoms:
    """Group cells that are never separated; atoms that the grids of today part are parted, so that these stay as is.

    Parameters
    ----------
    town, land : Town, LandCoverage
    present : PresentPlan
    profile : Profile
        Its maximum decides which courtyards stay whole; homes are located where it limits the radius.
    weights : CostWeights
    """
    atoms = build_atoms(town, land, profile, weights)
    borders = land.borders
    label = np.unique(np.stack([atoms.atom_of_cell, present.grid_of_cell]), axis=1, return_inverse=True)[1].ravel()
    same = label[borders.left] == label[borders.right]
    piece = label_components(len(label), borders.left[same], borders.right[same])
    homes = locate_homes(town, land, piece) if profile.max_radius_m else None
    return replace(aggregate_atoms(town, land, piece, weights), notes=atoms.notes, homes=homes)


def group_atoms(town: Town, land: LandCoverage, atoms: Atoms, group_of_building: IntArray) -> IntArray:
    """Return the group that most households of each atom belong to, -1 for none."""
    chosen = np.flatnonzero(group_of_building >= 0)
    households = town.buildings["households"].to_numpy(dtype=np.float64)[chosen]
    atom = atoms.atom_of_cell[land.cell_of_building[chosen]]
    items, labels = heaviest_labels(atom, group_of_building[chosen], households)
    group = np.full(len(atoms.households), -1, dtype=np.int64)
    group[items] = labels
    return group


def build_present_community(
    atoms: Atoms,
    land: LandCoverage,
    present: PresentPlan,
    groups: Sequence[IntArray],
    members: IntArray,
    profile: Profile,
) -> PresentCommunity:
    """Part a community into atoms that stay in their grids and components whose atoms may change theirs.

    Parameters
    ----------
    atoms : Atoms
        From `build_present_atoms`.
    land : LandCoverage
    present : PresentPlan
    groups : sequence of ndarray of int
        From `group_atoms`, for each kind of group.
    members : ndarray of int
        Atoms of the community.
    profile : Profile
    """
    home = grids_of_atoms(atoms, present)[members]
    fixed = _fix_grids(atoms, present, home, members)
    free = np.flatnonzero(fixed == FREE)
    borders = atoms.borders_among(members)
    island = label_components(len(members), borders.left, borders.right)
    community = CommunityAtoms.from_atoms(atoms, members[free], island[free], land.cells)
    components = _list_components(community, home[free], [group[members[free]] for group in groups], profile)
    return PresentCommunity(members, fixed, free, community, components)


def grids_of_atoms(atoms: Atoms, present: PresentPlan) -> IntArray:
    """Return the grid of each atom; its cells have the same one."""
    home = np.empty(len(atoms.households), dtype=np.int64)
    home[atoms.atom_of_cell] = present.grid_of_cell
    return home


def _fix_grids(atoms: Atoms, present: PresentPlan, home: IntArray, members: IntArray) -> IntArray:
    """Return the grids that stay: locked ones, and dedicated ones with one land; other dedicated land gets new ones."""
    dedicated = atoms.dedicated[members]
    pairs = np.unique(np.stack([home, dedicated])[:, dedicated >= 0], axis=1)
    lands = np.bincount(pairs[0], minlength=len(present.codes))
    stays = present.is_locked() | (present.is_dedicated() & (lands <= 1))
    borders = atoms.borders_among(members)
    same = dedicated[borders.left] == dedicated[borders.right]
    piece = label_components(len(members), borders.left[same], borders.right[same])
    return np.where(stays[home], home, np.where(dedicated >= 0, len(present.codes) + piece, FREE))


def _list_components(
    community: CommunityAtoms, home: IntArray, groups: Sequence[IntArray], profile: Profile
) -> list[PresentComponent]:
    """Return the components of the atoms that may change their grids."""
    if not len(home):
        return []
    oversize = community.households > profile.maximum
    alone = np.arange(len(home))
    joined = replace(community, borders=_join_present_grids(community, home, ~oversize))
    component = merge_components(joined, alone, oversize, profile)
    return [
        PresentComponent(
            each,
            _present_graph(each, home, groups),
            bool(oversize[each.nodes].any()),
            _limit_radius(community, each, profile),
        )
        for each in build_components(joined, alone, component, oversize)
    ]


def _limit_radius(community: CommunityAtoms, component: PartitionComponent, profile: Profile) -> RadiusLimit | None:
    """Return the limit of the radius of the grids of a component; None where the profile has none."""
    if community.homes is None:
        return None
    alone = np.arange(len(community.households))
    return limit_radius(community.shape, community.homes, alone, component.nodes, profile.max_radius_m)


def _present_graph(component: PartitionComponent, home: IntArray, groups: Sequence[IntArray]) -> PresentGraph:
    own = np.unique(home[component.nodes], return_inverse=True)[1]
    return PresentGraph(component.graph, own.astype(np.int64), tuple(group[component.nodes] for group in groups))


def _join_present_grids(community: CommunityAtoms, home: IntArray, passable: BoolArray) -> AtomBorders:
    """Return the borders, of which those count as walkable that alone hold a grid of today together."""
    borders, count = community.borders, len(home)
    inside = (home[borders.left] == home[borders.right]) & passable[borders.left] & passable[borders.right]
    walkable = inside & borders.walkable
    piece = label_components(count, borders.left[walkable], borders.right[walkable])
    bridges = inside & (piece[borders.left] != piece[borders.right])
    borders = replace(borders, walkable=borders.walkable | bridges)
    piece = label_components(count, borders.left[inside], borders.right[inside])
    return _bridge_islands(community, borders, home, np.where(passable, piece, FREE))


def _bridge_islands(community: CommunityAtoms, borders: AtomBorders, home: IntArray, piece: IntArray) -> AtomBorders:
    """Add a border without length between the parts of a grid of today that lie on several islands."""
    left, right = [borders.left], [borders.right]
    for grid in np.unique(home):
        pieces = np.unique(piece[(home == grid) & (piece >= 0)])
        for before, after in pairwise(pieces.tolist()):
            one, other = np.flatnonzero(piece == before), np.flatnonzero(piece == after)
            if community.island[one[0]] != community.island[other[0]]:
                (near, far), _ = shapely.STRtree(community.shape[other]).query_nearest(
                    community.shape[one], return_distance=True, all_matches=False
                )
                nearest = shapely.distance(community.shape[one[near]], community.shape[other[far]]).argmin()
                left.append(one[near[[nearest]]])
                right.append(other[far[[nearest]]])
    added = len(left) - 1
    return AtomBorders(
        np.concatenate(left),
        np.concatenate(right),
        np.r_[borders.length, np.zeros(added)],
        np.r_[borders.cost, np.zeros(added)],
        np.r_[borders.walkable, np.ones(added, dtype=np.bool_)],
    )
