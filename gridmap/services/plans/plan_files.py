"""Plans as files: a partition that waits until the planner has decided whether it follows a newer revision."""

import gzip
import json
from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.plans.plan import GridPlan
from gridmap.core.vocabulary import GridKind
from gridmap.store.message_json import message_from_json, message_to_json
from gridmap.store.queries.plans.community_town import StoredCommunity

FILE_NAME, MEDIA_TYPE = "plan.json.gz", "application/gzip"
OTHER_LAND = N_("The land of the community was rebuilt since this partition: partition it again.")


class PlanValues(TypedDict):
    """A plan as values of JSON, which every process can read."""

    grid_of_cell: list[int]
    community: list[int]
    kind: list[str]
    reason: list[dict[str, object] | None]
    notes: list[dict[str, object]]


def plan_to_values(plan: GridPlan) -> PlanValues:
    """Return a plan as values of JSON."""
    return {
        "grid_of_cell": plan.grid_of_cell.tolist(),
        "community": plan.community.tolist(),
        "kind": [kind.value for kind in plan.kind],
        "reason": [message_to_json(reason) if reason else None for reason in plan.reason],
        "notes": [message_to_json(note) for note in plan.notes],
    }


def plan_from_values(values: PlanValues) -> GridPlan:
    """Return the plan that `plan_to_values` was given."""
    return GridPlan(
        np.array(values["grid_of_cell"], dtype=np.int64),
        np.array(values["community"], dtype=np.int64),
        tuple(map(GridKind, values["kind"])),
        tuple(message_from_json(reason) if reason else None for reason in values["reason"]),
        tuple(message_from_json(note) for note in values["notes"]),
    )


def write_plan(plan: GridPlan, stored: StoredCommunity, view: Mapping[str, object] | None = None) -> bytes:
    """Return a plan of a community as a compressed JSON file.

    Parameters
    ----------
    plan : GridPlan
    stored : StoredCommunity
    view : mapping, optional
        Further values of JSON, for a page that shows the plan.
    """
    values = {"land_id": stored.land_id, "cell_ids": stored.cell_ids.tolist(), "plan": plan_to_values(plan)}
    values |= {"view": view or {}}
    return gzip.compress(json.dumps(values).encode(), compresslevel=6)


def read_view(content: bytes) -> Mapping[str, Any]:
    """Return the values for a page of a file that `write_plan` has made."""
    view: Mapping[str, Any] = json.loads(gzip.decompress(content))["view"]
    return view


def read_codes(content: bytes) -> list[str]:
    """Return the codes of the grids of a plan from today's grids, in the order of its grids: that of their shapes."""
    return list(read_view(content)["shapes"])


def read_plan(content: bytes, stored: StoredCommunity) -> GridPlan:
    """Return the plan of a file that `write_plan` has made.

    Raises
    ------
    NotPossible
        If the community has other land by now.
    """
    values = json.loads(gzip.decompress(content))
    if values["land_id"] != stored.land_id or values["cell_ids"] != stored.cell_ids.tolist():
        raise NotPossible(Message(OTHER_LAND))
    return plan_from_values(values["plan"])
