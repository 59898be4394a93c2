"""Reasons why a grid is out of range."""

import numpy as np
import shapely

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.labels import label_components
from gridmap.core.partition.certificates import ExceptionProof
from gridmap.core.partition.components import CommunityAtoms, PartitionComponent
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.search import GraphPlan
from gridmap.core.plans.plan import CertificateNode, ExceptionCertificate
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridStatus

BEYOND_REACH = N_(
    "only {reached} households live within {distance} m of a building here, fewer than {minimum}, and no grid may be"
    " wider than that"
)
UNWALKABLE = N_("includes a part that no street leads to, because that part is too small for a grid of its own")
PROVEN = N_(
    "buildings or courtyards here with {sizes} households cannot all be in grids of {minimum} to {maximum} households:"
    " this is proven, whatever the partition"
)


def explain_grids(
    component: PartitionComponent, plan: GraphPlan, community_atoms: CommunityAtoms, profile: Profile
) -> list[Message | None]:
    """Return a reason for each grid that is out of range or not walkable as a whole; None for the others.

    Parameters
    ----------
    component : PartitionComponent
        The component that was partitioned.
    plan : GraphPlan
        Its grids, numbered from 0 without gaps, and the proofs that excuse some.
    community_atoms : CommunityAtoms
        The community it belongs to.
    profile : Profile
        The range.

    Returns
    -------
    list of Message or None, one per grid

    Examples
    --------
    >>> from gridmap.core.partition.atoms import AtomBorders
    >>> borders = AtomBorders(np.array([0]), np.array([1]), np.ones(1), np.ones(1), np.array([True]))
    >>> atoms = CommunityAtoms(np.array([100, 150]), borders, np.zeros(2), np.array([None, None]))
    >>> graph = Graph(atoms.households, borders.left, borders.right, borders.cost)
    >>> component = PartitionComponent(np.arange(2), graph, borders.walkable)
    >>> [str(reason) for reason in explain_grids(component, GraphPlan(np.array([0, 0]), {}), atoms, Profile())]
    ['the whole community has 250 households, fewer than 300']
    """
    parts = _count_walkable_parts(component, plan.grid)
    return [
        _grid_reason(component, np.flatnonzero(plan.grid == number), community_atoms, profile, proof)
        or (Message(UNWALKABLE) if parts[number] > 1 else None)
        for number, proof in ((number, plan.certificates.get(number)) for number in range(len(parts)))
    ]


def certify_exception(grid: int, proof: ExceptionProof, households: IntArray) -> ExceptionCertificate:
    """Return a proof as a certificate whose members are the nodes of the component.

    Parameters
    ----------
    grid : int
        Grid that the proof excuses.
    proof : ExceptionProof
    households : ndarray of int, one per node
        Households of the component's nodes.

    Examples
    --------
    >>> proof = ExceptionProof((1,), (), (250,), (0, 1), ((0, 1),))
    >>> certificate = certify_exception(3, proof, np.array([400, 250]))
    >>> [(node.households, node.is_core) for node in certificate.nodes], certificate.links
    ([(400, False), (250, True)], ((0, 1),))
    """
    position = {node: number for number, node in enumerate(proof.nodes)}
    nodes = tuple(CertificateNode((node,), int(households[node]), node in proof.core) for node in proof.nodes)
    return ExceptionCertificate(grid, nodes, tuple((position[one], position[two]) for one, two in proof.links))


def _grid_reason(
    component: PartitionComponent,
    nodes: IntArray,
    community_atoms: CommunityAtoms,
    profile: Profile,
    certificate: ExceptionProof | None,
) -> Message | None:
    weight = component.graph.weight
    households, total = int(weight[nodes].sum()), int(weight.sum())
    values: dict[str, object] = {
        "households": households,
        "minimum": profile.minimum,
        "maximum": profile.maximum,
        "total": total,
        "largest": int(weight[nodes].max()),
    }
    if profile.status(households) is GridStatus.IN_RANGE:
        return None
    reached = _households_in_reach(component, nodes, community_atoms, profile)
    if weight[nodes].max() > profile.maximum:
        text = N_("a single building, courtyard or group of overlapping buildings has {largest} households")
    elif reached < min(profile.minimum, total):
        text = BEYOND_REACH
        values |= {"reached": reached, "distance": int(2 * profile.max_radius_m)}
    elif not profile.is_partitionable(total):
        text = _total_reason(component, community_atoms, profile)
    elif _is_hemmed_in(component.graph, nodes, profile):
        text = N_("a building with {largest} households has only neighbours that would bring its grid above {maximum}")
    elif certificate:
        text = PROVEN
        values["sizes"] = ", ".join(map(str, sorted(certificate.households, reverse=True)))
    elif profile.max_radius_m:
        values["radius"] = int(profile.max_radius_m)
        text = N_(
            "no partition of the land around it into grids of {minimum} to {maximum} households within {radius} m of"
            " their centres was found"
        )
    else:
        text = N_("no partition of the land around it into grids of {minimum} to {maximum} households was found")
    return Message(text, values)


def _households_in_reach(
    component: PartitionComponent, nodes: IntArray, community_atoms: CommunityAtoms, profile: Profile
) -> int:
    """Return the most households that a grid can have with every atom of a grid: none is farther than two radii."""
    weight = component.graph.weight
    if community_atoms.homes is None:
        return int(weight.sum())
    homes = community_atoms.homes[component.nodes]
    inhabited = nodes[weight[nodes] > 0]
    reach = shapely.distance(homes[inhabited][:, None], homes[None, :]) <= 2 * profile.max_radius_m
    return int((reach @ weight).min(initial=weight.sum()))


def _total_reason(component: PartitionComponent, community_atoms: CommunityAtoms, profile: Profile) -> str:
    total, community_total = int(component.graph.weight.sum()), int(community_atoms.households.sum())
    if total >= profile.minimum:
        return N_("{total} households do not fit any number of grids of {minimum} to {maximum}")
    if total == community_total:
        return N_("the whole community has {total} households, fewer than {minimum}")
    if not _is_cut_off(component, community_atoms):
        return N_("only {total} households remain around what is a grid of its own, fewer than {minimum}")
    return N_("this part of the community is cut off and has {total} households, fewer than {minimum}")


def _is_cut_off(component: PartitionComponent, community_atoms: CommunityAtoms) -> bool:
    """Return whether no path leads from a component to households elsewhere in its community."""
    borders = community_atoms.borders
    walkable = borders.walkable
    part = label_components(len(community_atoms.households), borders.left[walkable], borders.right[walkable])
    reached = np.isin(part, part[component.nodes])
    return int(community_atoms.households[reached].sum()) == int(component.graph.weight.sum())


def _count_walkable_parts(component: PartitionComponent, grid: IntArray) -> IntArray:
    """Return the number of parts of each grid between which nobody can walk within it."""
    left, right = component.graph.left, component.graph.right
    inside = (grid[left] == grid[right]) & component.walkable
    part = label_components(len(grid), left[inside], right[inside])
    first = np.unique(part, return_index=True)[1]
    return np.bincount(grid[first], minlength=grid.max() + 1)


def _is_hemmed_in(graph: Graph, nodes: IntArray, profile: Profile) -> bool:
    """Return whether the largest atom of a grid below the minimum cannot grow: no plan would be better for it.

    The search passes through atoms without households.
    """
    start = int(nodes[graph.weight[nodes].argmax()])
    reached, queue = {start}, [start]
    while queue:
        node = queue.pop()
        neighbours = np.concatenate([graph.right[graph.left == node], graph.left[graph.right == node]])
        for neighbour in neighbours.tolist():
            if neighbour not in reached:
                reached.add(neighbour)
                queue += [neighbour] if graph.weight[neighbour] == 0 else []
    others = [int(graph.weight[node]) for node in reached - {start} if graph.weight[node] > 0]
    own = int(graph.weight[start])
    return own < profile.minimum and all(own + other > profile.maximum for other in others)
