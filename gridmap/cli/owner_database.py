"""The database as the owner's commands have it."""

from typing import Any

from gridmap.cli.output import Output
from gridmap.cli.progress import progress_bar


def open_database(out: Output) -> Any:
    """The database, running, at the schema of this version, acting for nobody and seeing everything."""
    from gridmap.postgres import lifecycle
    from gridmap.store.migrations import ensure
    from gridmap.store.session import Database

    with progress_bar(out.language) as progress:
        url = lifecycle.start(progress)
    ensure.ensure_upgraded(url)
    return Database(url, trusted=True)
