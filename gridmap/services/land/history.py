"""Lands of a community: when each was built, why, and what it changed."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.services.plans.revisions import get_community
from gridmap.store.queries.land import lands
from gridmap.store.queries.land.lands import LandRow

__all__ = ["LandRow", "list_lands"]


def list_lands(session: Session, caller: Caller, community_id: int) -> Sequence[LandRow]:
    """Return the lands of a community, the newest first.

    Raises
    ------
    NotFound
        If the caller does not work in the community.
    """
    get_community(session, caller, community_id)
    return lands.list_lands(session, caller, community_id)
