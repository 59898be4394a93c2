"""Why a grid is out of range, in plain words."""

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.labels import label_components
from gridmap.core.partition.components import CommunityAtoms, PartitionComponent
from gridmap.core.partition.graph import Graph
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridStatus


def explain_grids(
    component: PartitionComponent, grid: IntArray, community_atoms: CommunityAtoms, profile: Profile
) -> list[Message | None]:
    """A reason for each grid of a piece that is out of range or in more than one piece; None for the others.

    Parameters
    ----------
    component : PartitionComponent
        What was divided.
    grid : ndarray of int, one per node of the piece
        Its grids, numbered from 0 without holes.
    community_atoms : CommunityAtoms
        The community it belongs to.
    profile : Profile
        The range.

    Returns
    -------
    list of Message or None, one per grid
    """
    return [
        _grid_reason(component, np.flatnonzero(grid == number), community_atoms, profile)
        for number in range(grid.max() + 1)
    ]


def _grid_reason(
    component: PartitionComponent, nodes: IntArray, community_atoms: CommunityAtoms, profile: Profile
) -> Message | None:
    weight = component.graph.weight
    households = int(weight[nodes].sum())
    values = {
        "households": households,
        "minimum": profile.minimum,
        "maximum": profile.maximum,
        "total": int(weight.sum()),
        "largest": int(weight[nodes].max()),
    }
    if profile.status(households) is GridStatus.IN_RANGE:
        return _unwalkable_reason(component, nodes)
    if values["largest"] > profile.maximum:
        return Message(N_("a building, courtyard or overlapping buildings alone have {largest} households"), values)
    if not profile.is_partitionable(values["total"]):
        return Message(_total_reason(component, community_atoms, profile), values)
    if _is_hemmed_in(component.graph, nodes, profile):
        return Message(
            N_("a building with {largest} households has only neighbours that would bring its grid above {maximum}"),
            values,
        )
    return Message(N_("no division of its surroundings within {minimum} to {maximum} was found"), values)


def _total_reason(component: PartitionComponent, community_atoms: CommunityAtoms, profile: Profile) -> str:
    total, whole = int(component.graph.weight.sum()), int(community_atoms.households.sum())
    if total >= profile.minimum:
        return N_("{total} households fit no number of grids of {minimum} to {maximum}")
    if total == whole:
        return N_("the whole community has {total} households, fewer than {minimum}")
    return N_("this part of the community is cut off and has {total} households, fewer than {minimum}")


def _unwalkable_reason(component: PartitionComponent, nodes: IntArray) -> Message | None:
    """A grid that nobody can walk all over says so."""
    number = np.full(len(component.nodes), -1, dtype=np.int64)
    number[nodes] = np.arange(len(nodes))
    left, right = number[component.graph.left], number[component.graph.right]
    inside = (left >= 0) & (right >= 0) & component.walkable
    parts = label_components(len(nodes), left[inside], right[inside])
    if parts.max(initial=0) == 0:
        return None
    return Message(N_("takes in a part that no street leads to, since that part is too small for a grid of its own"))


def _is_hemmed_in(graph: Graph, nodes: IntArray, profile: Profile) -> bool:
    """Whether the largest atom of a grid below the minimum cannot grow: proof that no plan does better for it."""
    start = int(nodes[graph.weight[nodes].argmax()])
    reached, around = {start}, [start]
    while around:
        node = around.pop()
        beside = np.concatenate([graph.right[graph.left == node], graph.left[graph.right == node]])
        for other in beside.tolist():
            if other not in reached:
                reached.add(other)
                around += [other] if graph.weight[other] == 0 else []
    others = [int(graph.weight[node]) for node in reached - {start} if graph.weight[node] > 0]
    own = int(graph.weight[start])
    return own < profile.minimum and all(own + other > profile.maximum for other in others)
