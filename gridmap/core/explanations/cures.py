"""Cures of exceptions: what would bring a certified grid into the range, tried by the search itself.

Each change is made in the surroundings of the grid: its own grids and those within two grids of it. It is a cure where
the search then finds grids that hold every atom of the core within the range, and no more grids out of range than the
others there. The rest of the plan stays as it is, so that a cure is a plan, not a guess.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from gridmap.core.array_types import BoolArray, IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.explanations.cure_ground import Cure, CureGround, CureRegion, ExceptionKey, divide_node
from gridmap.core.labels import label_components, renumber_nodes
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.certificates import prove_exception
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.partition.radius import count_far_homes
from gridmap.core.partition.search import build_objective, partition_graph
from gridmap.core.plans.plan import ExceptionCertificate, GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import BLOCKING_BORDER_KINDS, BorderKind, CureKind, GridKind, SearchEffort

MAX_CERTIFICATES = 40
"""Certificates of a plan for which cures are looked for; they take about a second each."""
MAX_DISTANCE = 2
"""Distance, in grids, within which grids may change."""
CROSSINGS = {
    BorderKind.MOTORWAY: N_("let a grid cross the motorway here"),
    BorderKind.RAIL: N_("let a grid cross the railway here"),
    BorderKind.WATER: N_("let a grid cross the water here"),
}


class CureSearch:
    """Search for cures of the exceptions of one plan.

    Parameters
    ----------
    ground : CureGround
    plan : GridPlan
    """

    def __init__(self, ground: CureGround, plan: GridPlan) -> None:
        self.ground, self.plan = ground, plan
        self.town, self.land, self.settings = ground.town, ground.land, ground.settings
        self.atoms, self.borders, self.buildings_of_atom = ground.atoms, ground.borders, ground.buildings_of_atom
        self.grid = np.empty(len(self.atoms.households), dtype=np.int64)
        self.grid[self.atoms.atom_of_cell] = plan.grid_of_cell
        self.is_fixed = np.array([kind is GridKind.DEDICATED for kind in plan.kind])
        largest = np.zeros(len(plan), dtype=np.int64)
        np.maximum.at(largest, self.grid, self.atoms.households)
        self.is_fixed |= largest > self.settings.profile.maximum

    def find_all(self) -> dict[int, list[Cure]]:
        """Return the cures of the first certificates by their grids, the smallest changes first."""
        return {each.grid: self.find(each) for each in self.plan.certificates[:MAX_CERTIFICATES]}

    def find(self, certificate: ExceptionCertificate) -> list[Cure]:
        """Return what would bring the grid of a certificate into the range, the smallest changes first.

        The same exception in the same surroundings, of another plan, has the same cures: they are looked for once.
        """
        cells = [cell for node in certificate.nodes if node.is_core for cell in node.members]
        core = np.unique(self.atoms.atom_of_cell[cells])
        core = core[self.atoms.households[core] > 0]
        key = self._exception_key(certificate, core)
        if key not in self.ground.known:
            self.ground.known[key] = self._find_cures(certificate, core)
        return self.ground.known[key]

    def _exception_key(self, certificate: ExceptionCertificate, core: IntArray) -> ExceptionKey:
        atoms = self._surroundings(certificate, core, np.ones(len(self.borders.left), dtype=np.bool_)).atoms
        atoms = np.sort(atoms)
        grids, first, number = np.unique(self.grid[atoms], return_index=True, return_inverse=True)
        order = np.argsort(np.argsort(first))
        households = np.bincount(self.grid, self.atoms.households, len(self.is_fixed))[grids]
        is_out = self._is_out(households, self.settings.profile)[np.argsort(first)]
        own = int(order[np.flatnonzero(grids == certificate.grid)[0]])
        parts = atoms.tobytes(), order[number].tobytes(), own, is_out.tobytes()
        return ExceptionKey(certificate.nodes, certificate.links, *parts)

    def _find_cures(self, certificate: ExceptionCertificate, core: IntArray) -> list[Cure]:
        found = [
            self._change_of_range(certificate, core),
            *self._divisions(certificate, core),
            *self._crossings(certificate, core),
            *self._moved_boundaries(certificate, core),
        ]
        return sorted((cure for cure in found if cure is not None), key=lambda cure: cure.households)

    @property
    def _is_inner(self) -> BoolArray:
        """Return whether each border is within one community."""
        community = self.atoms.community
        return np.asarray(community[self.borders.left] == community[self.borders.right])

    def _surroundings(self, certificate: ExceptionCertificate, core: IntArray, usable: BoolArray) -> CureRegion:
        """Return the land around a grid that usable borders connect, with its grids out of range."""
        left, right = self.borders.left[usable], self.borders.right[usable]
        grids = np.unique(np.r_[certificate.grid, self.grid[core]])
        for _ in range(MAX_DISTANCE):
            around = np.r_[
                self.grid[right[np.isin(self.grid[left], grids)]], self.grid[left[np.isin(self.grid[right], grids)]]
            ]
            grids = np.union1d(grids, around[~self.is_fixed[around]])
        atoms = np.flatnonzero(np.isin(self.grid, grids))
        number = renumber_nodes(atoms, len(self.grid))
        inside = (number[left] >= 0) & (number[right] >= 0)
        left, right, cost = number[left[inside]], number[right[inside]], self.borders.cost[usable][inside]
        part = label_components(len(atoms), left, right)
        nodes = np.flatnonzero(part == part[number[core[0]]])
        graph = Graph(self.atoms.households[atoms], left, right, cost).subgraph(nodes)
        core_nodes = renumber_nodes(nodes, len(atoms))[number[core]]
        return CureRegion(atoms[nodes], graph, core_nodes[core_nodes >= 0])

    def _solve(self, place: CureRegion) -> IntArray | None:
        """Return grids with every node of the core in range and fewer of the others out of range; None without any.

        Where the radius is limited, they keep it.
        """
        profile, graph = self.settings.profile, place.graph
        if graph.weight.max() > profile.maximum:
            return None
        objective = build_objective(profile, self.settings.weights, int(graph.weight.sum()))
        limit = self.ground.limit_radius(place)
        grid = partition_graph(graph, objective, self.settings.seed, SearchEffort.FAST, limit).grid
        if limit is not None and count_far_homes(limit, grid).any():
            return None
        is_out = self._is_out(np.bincount(grid, graph.weight), profile)
        before = self._is_out(np.bincount(self.grid, self.atoms.households), profile)
        others = int(before[np.unique(self.grid[place.atoms])].sum()) - 1
        return None if is_out[grid[place.core]].any() or is_out.sum() > others else grid

    @staticmethod
    def _is_out(households: IntArray, profile: Profile) -> BoolArray:
        return np.asarray((households < profile.minimum) | (households > profile.maximum))

    def _change_of_range(self, certificate: ExceptionCertificate, core: IntArray) -> Cure:
        """Return the exception itself, and whether the program proves that less would not do."""
        profile = self.settings.profile
        households = int(self.atoms.households[self.grid == certificate.grid].sum())
        is_over = households > profile.maximum
        low, high = (profile.minimum, households - 1) if is_over else (households + 1, profile.maximum)
        place = self._surroundings(certificate, core, self._is_inner & self.borders.walkable)
        is_least = prove_exception(place.graph, place.core, low, high) is not None
        text = N_("allow {households} households in this grid")
        if is_least and is_over:
            text = N_("allow {households} households in this grid; a lower maximum would not do")
        elif is_least:
            text = N_("allow {households} households in this grid; a higher minimum would not do")
        kind = CureKind.RAISE_MAXIMUM if is_over else CureKind.LOWER_MINIMUM
        off = households - profile.maximum if is_over else profile.minimum - households
        return Cure(kind, Message(text, {"households": households}), off)

    def _divisions(self, certificate: ExceptionCertificate, core: IntArray) -> Iterator[Cure]:
        """Yield each courtyard or tower of the core whose division would help."""
        place = self._surroundings(certificate, core, self._is_inner & self.borders.walkable)
        for node in place.core.tolist():
            atom = int(place.atoms[node])
            rows = self.buildings_of_atom[atom]
            parts = self.town.loads[rows]
            parts = parts[parts > 0]
            is_tower = len(parts) == 1
            divided = _divide_evenly(int(parts[0]), self.settings.profile.maximum) if is_tower else parts.tolist()
            if min(divided) > 0 and self._solve(divide_node(place, node, divided)) is not None:
                yield self._division(rows, int(parts.sum()), is_tower)

    def _division(self, rows: IntArray, households: int, is_tower: bool) -> Cure:
        buildings = self.town.buildings.iloc[rows]
        first = buildings.iloc[int(np.argmax(self.town.loads[rows]))]
        courtyard = self.town.courtyards.of_building[rows].max()
        named = self.town.courtyards.names[courtyard] if courtyard >= 0 and not is_tower else str(first["building_id"])
        values = {"name": named, "households": households}
        if is_tower:
            text = N_("divide building {name} with {households} households by stairs or storeys")
            return Cure(CureKind.DIVIDE_BUILDING, Message(text, values), households)
        text = N_("divide {name} with {households} households between its buildings")
        return Cure(CureKind.DIVIDE_COURTYARD, Message(text, values), households)

    def _crossings(self, certificate: ExceptionCertificate, core: IntArray) -> Iterator[Cure]:
        """Yield the barrier that a grid would have to cross, where that would help."""
        is_inner = self._is_inner
        place = self._surroundings(certificate, core, is_inner)
        grid = self._solve(place)
        if grid is None:
            return
        number = renumber_nodes(place.atoms, len(self.grid))
        left, right = number[self.borders.left], number[self.borders.right]
        joined = is_inner & ~self.borders.walkable & (left >= 0) & (right >= 0)
        joined[joined] = grid[left[joined]] == grid[right[joined]]
        kind = self._blocking_kind(joined)
        if kind is not None:
            yield Cure(CureKind.CROSS_BARRIER, Message(CROSSINGS[kind]), int(self.atoms.households[core].sum()))

    def _blocking_kind(self, joined: BoolArray) -> BorderKind | None:
        """Return the kind of barrier that most metres of some borders of atoms run along."""
        atom, borders = self.atoms.atom_of_cell, self.land.borders
        pairs = set(zip(self.borders.left[joined].tolist(), self.borders.right[joined].tolist(), strict=True))
        low, high = np.sort(atom[np.stack([borders.left, borders.right])], axis=0)
        used = [(one, two) in pairs for one, two in zip(low.tolist(), high.tolist(), strict=True)]
        length = borders.length[np.array(used, dtype=np.bool_)].sum(axis=0)[list(BLOCKING_BORDER_KINDS)]
        return BLOCKING_BORDER_KINDS[int(length.argmax())] if length.any() else None

    def _moved_boundaries(self, certificate: ExceptionCertificate, core: IntArray) -> Iterator[Cure]:
        """Yield the buildings that would have to change community, where that would help."""
        place = self._surroundings(certificate, core, self.borders.walkable)
        communities = np.unique(self.atoms.community[place.atoms])
        grid = self._solve(place) if len(communities) > 1 else None
        if grid is None:
            return
        community = self.atoms.community[place.atoms]
        shares = np.zeros((grid.max() + 1, communities.max() + 1))
        np.add.at(shares, (grid, community), place.graph.weight)
        moved = place.atoms[(shares.argmax(axis=1)[grid] != community) & (place.graph.weight > 0)]
        buildings = sum(len(self.buildings_of_atom[atom]) for atom in moved.tolist())
        values = {
            "buildings": buildings,
            "households": int(self.atoms.households[moved].sum()),
            "communities": ", ".join(self.town.communities["name"].iloc[communities]),
        }
        text = N_(
            "move the boundary of {communities}: {buildings} buildings with {households} households change community"
        )
        yield Cure(CureKind.MOVE_BOUNDARY, Message(text, values), int(self.atoms.households[moved].sum()))


def _divide_evenly(households: int, maximum: int) -> list[int]:
    """Return the households of a tower in two parts, or in as many as bring each to the maximum or below."""
    parts = max(2, -(-households // maximum))
    return [(households + part) // parts for part in range(parts)]


def find_cures(
    town: Town, land: LandCoverage, plan: GridPlan, settings: PartitionSettings
) -> Mapping[int, Sequence[Cure]]:
    """Return what would bring certified grids of a plan into the range, by grid, the smallest changes first.

    Parameters
    ----------
    town, land, plan : Town, LandCoverage, GridPlan
    settings : PartitionSettings
        Those that the plan was made with; with the effort ``fast``, nothing is tried.

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.core.partition.partition import partition_town
    >>> from gridmap.demo.town import build_town
    >>> town, settings = build_town(1_500), PartitionSettings()
    >>> land = build_land(town)
    >>> find_cures(town, land, partition_town(town, land, settings), settings)
    {}
    """
    if not plan.certificates or settings.effort is SearchEffort.FAST:
        return {}
    return CureSearch(CureGround(town, land, settings), plan).find_all()
