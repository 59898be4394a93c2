"""The other side of `gridmap.services.partitioning`: divides what it is handed, and answers with the plan."""

import pickle
import signal
import sys
from typing import Any, BinaryIO

from gridmap.core.partition.divide import Settings, divide
from gridmap.core.plan import Plan
from gridmap.store.words import as_json


def answer(given: BinaryIO, told: BinaryIO) -> None:
    """Read a town, its land and how to divide it; write the plan. Ends by itself at the deadline, whoever waits."""
    deadline, town, land, profile, seed = pickle.load(given)  # noqa: S301 - from the process that started this one
    signal.alarm(deadline)
    pickle.dump(plain(divide(town, land, Settings(profile, seed=seed))), told)


def plain(plan: Plan) -> dict[str, Any]:
    """A plan as values that need no class of ours to be read."""
    reasons = [as_json(reason) if reason else None for reason in plan.reason]
    notes = [as_json(note) for note in plan.notes]
    return {"of_cell": plan.of_cell, "community": plan.community, "kind": plan.kind, "reason": reasons, "notes": notes}


if __name__ == "__main__":
    out, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library may say is not the answer
    answer(sys.stdin.buffer, out)
