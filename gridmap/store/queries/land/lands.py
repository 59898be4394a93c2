"""Lands of communities: the newest one, and those that were built anew with their reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.schema import Community, Land

TOUCHING_DEGREES = 1e-7
"""Degrees up to which communities are neighbours: a centimetre."""


@dataclass(frozen=True)
class LandRow:
    """A land of a community.

    Parameters
    ----------
    id, subdistrict_id, community_id : int
    crs : str
    holds_from : date or None
        First day on which its plans may be in force; None for the first land.
    created_at : datetime
    created_by : int or None
        Account that asked for it; None for a command.
    note : str or None
    report : mapping or None
        What building it anew changed; None for the first land.
    """

    id: int
    subdistrict_id: int
    community_id: int
    crs: str
    holds_from: date | None
    created_at: datetime
    created_by: int | None
    note: str | None
    report: Mapping[str, Any] | None = field(repr=False)


def find_newest_land(session: Session, caller: Caller, community_id: int) -> LandRow | None:
    """Return the newest land of a community; None where there is none, or the caller does not see it."""
    rows = select(Land).where(Land.community_id == community_id, row_filter.visible(caller, Land))
    land = session.scalar(rows.order_by(Land.id.desc()).limit(1))
    return None if land is None else _land_row(land)


def list_lands(session: Session, caller: Caller, community_id: int) -> Sequence[LandRow]:
    """Return the lands of a community in which the caller works, the newest first."""
    in_scope = Land.community_id == community_id, scope_filter.in_scope_communities(caller, Land)
    return [_land_row(land) for land in session.scalars(select(Land).where(*in_scope).order_by(Land.id.desc()))]


def list_neighbours(session: Session, caller: Caller, community_id: int) -> Sequence[int]:
    """Return the communities of the same subdistrict that touch a community, and the community itself, by key."""
    own = select(Community.geometry, Community.subdistrict_id).where(Community.id == community_id).subquery()
    touching = func.ST_DWithin(Community.geometry, own.c.geometry, TOUCHING_DEGREES)
    rows = select(Community.id).join(own, own.c.subdistrict_id == Community.subdistrict_id)
    return session.scalars(rows.where(touching, row_filter.visible(caller, Community)).order_by(Community.id)).all()


def _land_row(land: Land) -> LandRow:
    return LandRow(
        id=land.id,
        subdistrict_id=land.subdistrict_id,
        community_id=land.community_id,
        crs=land.crs,
        holds_from=land.holds_from,
        created_at=land.created_at,
        created_by=land.created_by,
        note=land.note,
        report=land.report,
    )
