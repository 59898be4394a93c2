"""Worker process of `gridmap.services.plans.partition`: it reads a town from its input and writes a plan."""

import pickle
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import BinaryIO, TypedDict

from gridmap.core.array_types import IntArray
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.plan import GridPlan
from gridmap.core.vocabulary import GridKind
from gridmap.store.message_json import message_to_json


class PlanValues(TypedDict):
    """A plan as plain values; messages as JSON."""

    of_cell: IntArray
    community: IntArray
    kind: tuple[GridKind, ...]
    reason: Sequence[Mapping[str, object] | None]
    notes: Sequence[Mapping[str, object]]


def answer_request(input_stream: BinaryIO, output_stream: BinaryIO) -> None:
    """Read a town, its land, the profile and the seed; write the plan. The process ends at the deadline by itself."""
    deadline_s, town, land, profile, seed = pickle.load(input_stream)  # noqa: S301 - from our own process
    signal.alarm(deadline_s)
    pickle.dump(plan_values(partition_town(town, land, PartitionSettings(profile, seed=seed))), output_stream)


def plan_values(plan: GridPlan) -> PlanValues:
    """Return a plan as plain values."""
    return {
        "of_cell": plan.grid_of_cell,
        "community": plan.community,
        "kind": plan.kind,
        "reason": [message_to_json(reason) if reason else None for reason in plan.reason],
        "notes": [message_to_json(note) for note in plan.notes],
    }


if __name__ == "__main__":
    output, sys.stdout = sys.stdout.buffer, sys.stderr  # libraries may print; that is not the answer
    answer_request(sys.stdin.buffer, output)
