"""What the database is given before people come: the schema of this version and, where it is empty, the demo."""

import json
import subprocess
import sys
from collections.abc import Sequence

from gridmap.core.errors import Message, NotPossible
from gridmap.postgres.databases import fetch_rows
from gridmap.services.imports.demo_accounts import DemoReport
from gridmap.store.migrations import ensure

CLI_CODE = "from gridmap.cli.main import main; main()"


def prepare_database(owner_url: str, *, demo: bool) -> Sequence[Message]:
    """Make the database ready.

    Parameters
    ----------
    owner_url : str
        Its address, for the owner.
    demo : bool
        Whether an empty one is given the demo subdistrict.

    Returns
    -------
    sequence of Message
        What the person who started the service should be told once it is ready.

    Raises
    ------
    NotPossible
        When the demo could not be loaded.
    """
    ensure.ensure_upgraded(owner_url)
    return load_demo_in_subprocess() if demo and _is_empty(owner_url) else ()


def load_demo_in_subprocess() -> Sequence[Message]:
    """Load the demo in a process of its own: what that takes of memory and threads is no load for the supervisor."""
    command = [sys.executable, "-c", CLI_CODE, "demo", "--json"]
    loading = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)  # noqa: S603
    told = json.loads(loading.stdout or "{}")
    if loading.returncode:
        raise NotPossible(Message("{error}", {"error": told.get("error", loading.returncode)}))
    return DemoReport.from_json(told).summary()


def _is_empty(owner_url: str) -> bool:
    [(empty,)] = fetch_rows(owner_url, "SELECT NOT EXISTS (SELECT FROM subdistrict)")
    return bool(empty)
