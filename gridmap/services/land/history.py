"""Lands of a community: when each was built, why, and what it changed."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.services.plans.revisions import get_community
from gridmap.store.queries.land import lands
from gridmap.store.queries.land.lands import LandRow

__all__ = ["LandRow", "find_newest_land_id", "list_lands"]


def find_newest_land_id(session: Session, caller: Caller, community_id: int) -> int | None:
    """Return the key of the newest land of a community; drafts of another land cannot be approved any more."""
    land = lands.find_newest_land(session, caller, community_id)
    return land.id if land else None


def list_lands(session: Session, caller: Caller, community_id: int) -> Sequence[LandRow]:
    """Return the lands of a community, the newest first.

    Raises
    ------
    NotFound
        If the caller does not work in the community.
    """
    get_community(session, caller, community_id)
    return lands.list_lands(session, caller, community_id)
