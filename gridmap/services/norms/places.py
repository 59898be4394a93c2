"""Norms by place for those who may change them: what holds, what is planned, and everything that was entered."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.grids import norms
from gridmap.services.grids.norms import NormInForce, NormsOfDay
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import territory
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans import norms as norm_queries
from gridmap.store.queries.plans.norms import NormPlace, NormRow
from gridmap.store.queries.territory import CommunityRow, SubdistrictRow

NO_SUBDISTRICT = N_("There is no subdistrict {code}")
NO_COMMUNITY = N_("There is no community {code} in this subdistrict")
EDITORS = Role.PLANNER, Role.ADMIN
NormStatus = Literal["in_force", "planned", "past", "withdrawn"]


@dataclass(frozen=True)
class NormEntry:
    """A norm that was entered, with its status today and the names of those who entered and withdrew it."""

    row: NormRow
    status: NormStatus
    last: date | None
    created_by: str | None
    withdrawn_by: str | None


@dataclass(frozen=True)
class NormPage:
    """Norms of one place.

    Parameters
    ----------
    place : NormPlace
    subdistrict : SubdistrictRow
    community : CommunityRow or None
        None for the whole subdistrict.
    current : NormInForce
        Norm that the place is judged by today; perhaps that of the subdistrict, or the default.
    entries : sequence of NormEntry
        Everything that was entered for the place, the newest first day first.
    version : str
        Changes with every change of these entries.
    """

    place: NormPlace
    subdistrict: SubdistrictRow
    community: CommunityRow | None
    current: NormInForce
    entries: Sequence[NormEntry]
    version: str

    @property
    def key(self) -> Mapping[str, int]:
        """Key of the place, as its address names it."""
        if self.community:
            return {"community_id": self.community.id}
        return {"subdistrict_id": self.subdistrict.id}

    @property
    def name(self) -> str:
        """Name of the place."""
        return self.community.name if self.community else self.subdistrict.name

    def require_row(self, norm_id: int) -> NormRow:
        """Return one of the norms.

        Raises
        ------
        NotFound
            If the place has no such norm.
        """
        for entry in self.entries:
            if entry.row.id == norm_id:
                return entry.row
        raise NotFound(norm_id)


@dataclass(frozen=True)
class CommunityNorm:
    """Norm of a community today, and the norms of its own that are planned."""

    community: CommunityRow
    current: NormInForce
    planned: Sequence[NormRow]


@dataclass(frozen=True)
class SubdistrictNorms:
    """Norms of a subdistrict today and planned; `can_change` its own, not only those of communities."""

    subdistrict: SubdistrictRow
    can_change: bool
    current: NormInForce
    planned: Sequence[NormRow]
    communities: Sequence[CommunityNorm]


def list_places(session: Session, caller: Caller) -> Sequence[SubdistrictNorms]:
    """Return the norms of the subdistricts and communities in which the caller works."""
    today = get_today(session)
    return [_subdistrict_norms(session, caller, row, today) for row in territory.list_subdistricts(session, caller)]


def get_page(session: Session, caller: Caller, place: NormPlace) -> NormPage:
    """Return the norms of one place.

    Raises
    ------
    NotFound
        If the caller does not work in it.
    """
    subdistrict = territory.find_subdistrict(session, caller, place.subdistrict_id)
    community = None if place.community_id is None else territory.find_community(session, caller, place.community_id)
    if subdistrict is None or not can_change(caller, place) or (community is None) != (place.community_id is None):
        raise NotFound(place)
    today = get_today(session)
    rows = norm_queries.list_place_norms(session, caller, place)
    names = norm_queries.get_author_names(session, place.subdistrict_id)
    entries = [
        NormEntry(
            row,
            norm_status(row, today),
            norms.last_day(row),
            names.get(row.created_by or 0),
            names.get(row.withdrawn_by or 0),
        )
        for row in reversed(rows)
    ]
    current = norms.load_norm(session, caller, place, today)
    return NormPage(place, subdistrict, community, current, entries, _version(rows))


def find_place(
    session: Session, caller: Caller, subdistrict_id: int | None = None, community_id: int | None = None
) -> NormPlace:
    """Return a subdistrict, or a community, by its key, as a place of norms.

    Raises
    ------
    NotFound
        If the caller works in no such community; a subdistrict is checked where its norms are read.
    """
    if community_id is not None:
        return _find_community_place(session, caller, community_id)
    if subdistrict_id is None:
        raise NotFound
    return NormPlace(subdistrict_id)


def find_place_by_code(
    session: Session, caller: Caller, subdistrict_code: str, community_code: str | None = None
) -> NormPlace:
    """Return a subdistrict, or one community of it, by their codes.

    Raises
    ------
    InvalidInput
        If the caller sees no such place.
    """
    subdistrict = territory.find_subdistrict_by_code(session, caller, subdistrict_code)
    if subdistrict is None:
        raise InvalidInput([InputFault(Message(NO_SUBDISTRICT, {"code": subdistrict_code}))])
    if community_code is None:
        return NormPlace(subdistrict.id)
    for community in territory.list_communities(session, caller, subdistrict.id):
        if community.code == community_code:
            return NormPlace(subdistrict.id, community.id)
    raise InvalidInput([InputFault(Message(NO_COMMUNITY, {"code": community_code}))])


def _find_community_place(session: Session, caller: Caller, community_id: int) -> NormPlace:
    community = territory.find_community(session, caller, community_id)
    if community is None:
        raise NotFound(community_id)
    return NormPlace(community.subdistrict_id, community.id)


def can_change(caller: Caller, place: NormPlace) -> bool:
    """Return whether a caller may change the norms of a place: planners and administrators within their scopes."""
    if caller.trusted:
        return True
    if caller.role not in EDITORS:
        return False
    if place.community_id is None:
        return place.subdistrict_id in caller.whole_subdistrict_ids
    return place.community_id in caller.community_ids


def require_right(session: Session, caller: Caller, place: NormPlace) -> None:
    """Refuse a caller who may not change the norms of a place, as if it did not exist.

    Raises
    ------
    NotFound
        If the caller may not.
    """
    community_id = place.community_id
    if not can_change(caller, place) or (
        community_id and _find_community_place(session, caller, community_id) != place
    ):
        raise NotFound(place)


def find_version(session: Session, caller: Caller, place: NormPlace) -> str:
    """Return the version of the norms of a place, as `NormPage.version`."""
    return _version(norm_queries.list_place_norms(session, caller, place))


def norm_status(row: NormRow, today: date) -> NormStatus:
    """Return the status of a norm on a day."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.first > today:
        return "planned"
    return "in_force" if row.end is None or row.end > today else "past"


def _subdistrict_norms(session: Session, caller: Caller, subdistrict: SubdistrictRow, today: date) -> SubdistrictNorms:
    day = SubdistrictDay(subdistrict.id, today)
    of_day: NormsOfDay = norms.load_norms(session, caller, day)
    planned = norm_queries.list_norms_from(session, caller, subdistrict.id, today)
    return SubdistrictNorms(
        subdistrict=subdistrict,
        can_change=can_change(caller, NormPlace(subdistrict.id)),
        current=of_day.subdistrict,
        planned=[row for row in planned if row.place.community_id is None],
        communities=[
            CommunityNorm(
                community, of_day.of(community.id), [row for row in planned if row.place.community_id == community.id]
            )
            for community in territory.list_communities(session, caller, subdistrict.id)
        ],
    )


def _version(rows: Sequence[NormRow]) -> str:
    text = ";".join(f"{row.id},{row.end},{row.withdrawn_at}" for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
