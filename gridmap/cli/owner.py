"""The database as the owner's commands have it."""

from typing import Any

from gridmap.cli.progress import shown
from gridmap.cli.voice import Voice


def database(voice: Voice) -> Any:
    """The database, running, at the schema of this version, acting for nobody and seeing everything."""
    from gridmap.store import cluster, upgrades
    from gridmap.store.session import Database

    with shown(voice.language) as progress:
        url = cluster.start(progress)
    upgrades.ensure(url)
    return Database(url, trusted=True)
