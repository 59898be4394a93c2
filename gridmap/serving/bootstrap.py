"""Preparation of the database before the service starts: the current schema and, in an empty one, the demo."""

import json
import logging
import subprocess
import sys
from collections.abc import Sequence

from gridmap import config
from gridmap.core.errors import Message, NotPossible
from gridmap.postgres.databases import fetch_rows
from gridmap.services.accounts.encryption_keys import create_first_key
from gridmap.services.accounts.pepper import find_missing_peppers
from gridmap.services.imports.demo_accounts import DemoReport
from gridmap.store.migrations import ensure
from gridmap.store.session import Database
from gridmap.store.writes import installation

log = logging.getLogger(__name__)
CLI_CODE = "from gridmap.cli.main import main; main()"


def prepare_database(owner_url: str, *, demo: bool) -> Sequence[Message]:
    """Upgrade the schema and, if asked for, load the demo into an empty database.

    Parameters
    ----------
    owner_url : str
        Address of the database for its owner.
    demo : bool
        Whether an empty database gets the demo subdistrict.

    Returns
    -------
    sequence of Message
        Messages to print when the service is ready.

    Raises
    ------
    NotPossible
        If the demo cannot be loaded.
    """
    ensure.ensure_upgraded(owner_url)
    _set_rehearsal_date(owner_url)
    messages = load_demo_in_subprocess() if demo and _is_empty(owner_url) else ()
    return [*messages, *_check_secrets(owner_url)]


def load_demo_in_subprocess() -> Sequence[Message]:
    """Load the demo in a subprocess, so that its memory and threads do not burden the supervisor."""
    command = [sys.executable, "-c", CLI_CODE, "demo", "--json"]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)  # noqa: S603 - our arguments
    report = json.loads(run.stdout or "{}")
    if run.returncode:
        raise NotPossible(Message("{error}", {"error": report.get("error", run.returncode)}))
    return DemoReport.from_json(report).summary()


def _set_rehearsal_date(owner_url: str) -> None:
    """Let the database take another date for today, or end a rehearsal; only the owner can."""
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        installation.set_rehearsal_date(session, config.rehearsal_date())
    database.close()


def _check_secrets(owner_url: str) -> list[Message]:
    """Create the first key; return what the operator has to know about passwords that nobody can verify, and log it."""
    database = Database(owner_url, trusted=True)
    try:
        with database.transaction() as session:
            create_first_key(session)
            messages = find_missing_peppers(session)
    finally:
        database.close()
    for message in messages:
        log.error("%s", message)
    return messages


def _is_empty(owner_url: str) -> bool:
    [(empty,)] = fetch_rows(owner_url, "SELECT NOT EXISTS (SELECT FROM subdistrict)")
    return bool(empty)
