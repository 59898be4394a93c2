"""The other side of `gridmap.services.plans.partition`: divides what it is handed, and answers with the plan."""

import pickle
import signal
import sys
from typing import Any, BinaryIO

from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.plan import GridPlan
from gridmap.store.message_json import message_to_json


def answer_request(input_stream: BinaryIO, output_stream: BinaryIO) -> None:
    """Read a town, its land and how to divide it; write the plan. Ends by itself at the deadline, whoever waits."""
    deadline, town, land, profile, seed = pickle.load(input_stream)  # noqa: S301 - from the process that started this one
    signal.alarm(deadline)
    pickle.dump(plan_values(partition_town(town, land, PartitionSettings(profile, seed=seed))), output_stream)


def plan_values(plan: GridPlan) -> dict[str, Any]:
    """A plan as values that need no class of ours to be read."""
    reasons = [message_to_json(reason) if reason else None for reason in plan.reason]
    notes = [message_to_json(note) for note in plan.notes]
    return {
        "of_cell": plan.grid_of_cell,
        "community": plan.community,
        "kind": plan.kind,
        "reason": reasons,
        "notes": notes,
    }


if __name__ == "__main__":
    out, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library may say is not the answer
    answer_request(sys.stdin.buffer, out)
