"""Estates, courtyards and resident groups that several grids share, of a revision or of a plan that was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.groups.cut_groups import CutGroup
from gridmap.core.vocabulary import GroupKind
from gridmap.services.grids import norms
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store.queries.plans.building_groups import list_group_parts
from gridmap.store.queries.plans.norms import NormPlace


@dataclass(frozen=True)
class SharedGroup:
    """A group of buildings in several grids, with their codes.

    Parameters
    ----------
    kind : GroupKind
    name : str
    households : int
    least_grids : int
        Number of grids that its households need, none above the maximum.
    parts : sequence of (str, int)
        Code of each grid with the households of the group in it, by code.

    Examples
    --------
    >>> SharedGroup(GroupKind.ESTATE, "东湖花园", 501, 2, [("A-001", 300), ("A-002", 201)]).is_avoidable
    False
    """

    kind: GroupKind
    name: str
    households: int
    least_grids: int
    parts: Sequence[tuple[str, int]]

    @property
    def is_avoidable(self) -> bool:
        """Return whether it is in more grids than its households need."""
        return len(self.parts) > self.least_grids


def list_shared_groups(session: Session, caller: Caller, revision: RevisionSummary, on: date) -> Sequence[SharedGroup]:
    """Return the groups of a revision in several grids, those in most grids first, with the households of a day.

    Parameters
    ----------
    session : Session
    caller : Caller
    revision : RevisionSummary
    on : date
        The norm of the day says how many grids a group needs.
    """
    place = NormPlace(revision.row.subdistrict_id, revision.row.community_id)
    norm = norms.load_norm(session, caller, place, on)
    rows = list_group_parts(session, caller, revision.row, norm.basis(on))
    shared = []
    for (kind, _, name), members in groupby(rows, key=lambda row: (row.kind, row.group_id, row.name)):
        parts = [(row.grid, row.households) for row in members]
        total = sum(households for _, households in parts)
        if len(parts) > 1:
            shared.append(SharedGroup(kind, name, total, -(-total // norm.norm.maximum), parts))
    return sorted(shared, key=lambda group: -len(group.parts))


def cut_group_values(group: CutGroup, codes: Sequence[str]) -> Mapping[str, object]:
    """Return a group of a plan that was found as values of JSON, with the codes of its grids.

    Examples
    --------
    >>> group = CutGroup(GroupKind.ESTATE, "东湖花园", 0, 501, 2, {1: 201, 0: 300})
    >>> cut_group_values(group, ["A-001", "A-002"])["parts"]
    [('A-001', 300), ('A-002', 201)]
    """
    return {
        "kind": str(group.kind),
        "name": group.name,
        "households": group.households,
        "least_grids": group.least_grids,
        "parts": sorted((codes[grid], households) for grid, households in group.parts.items()),
    }


def read_cut_group(values: Mapping[str, Any]) -> SharedGroup:
    """Return the group that `cut_group_values` was given."""
    parts = [(str(code), int(households)) for code, households in values["parts"]]
    kind = GroupKind(values["kind"])
    return SharedGroup(kind, values["name"], values["households"], values["least_grids"], parts)
