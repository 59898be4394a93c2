"""What the database is given before people come."""

from collections.abc import Sequence

from gridmap.core.errors import Message
from gridmap.store.migrations import upgrade


def prepare(owner: str) -> Sequence[Message]:
    """Bring the database to the schema of this version.

    Parameters
    ----------
    owner : str
        Its address, for the owner.

    Returns
    -------
    sequence of Message
        What the person who started the service should be told once it is ready.
    """
    upgrade(owner)
    return ()
