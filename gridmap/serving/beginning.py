"""What the database is given before people come: the schema of this version and, where it is empty, the demo."""

import json
import subprocess
import sys
from collections.abc import Sequence

from gridmap.core.errors import Message, Unable
from gridmap.services.demo_accounts import DemoReport
from gridmap.store import upgrades
from gridmap.store.cluster.databases import asked

LOAD = "from gridmap.cli import main; main()"


def prepare(owner: str, *, demo: bool) -> Sequence[Message]:
    """Make the database ready.

    Parameters
    ----------
    owner : str
        Its address, for the owner.
    demo : bool
        Whether an empty one is given the demo subdistrict.

    Returns
    -------
    sequence of Message
        What the person who started the service should be told once it is ready.

    Raises
    ------
    Unable
        When the demo could not be loaded.
    """
    upgrades.ensure(owner)
    return load_demo() if demo and _empty(owner) else ()


def load_demo() -> Sequence[Message]:
    """Load the demo in a process of its own: what that takes of memory and threads is no load for the supervisor."""
    command = [sys.executable, "-c", LOAD, "demo", "--json"]
    loading = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)  # noqa: S603
    told = json.loads(loading.stdout or "{}")
    if loading.returncode:
        raise Unable(Message("{error}", {"error": told.get("error", loading.returncode)}))
    return DemoReport.from_json(told).summary()


def _empty(owner: str) -> bool:
    [(empty,)] = asked(owner, "SELECT NOT EXISTS (SELECT FROM subdistrict)")
    return bool(empty)
