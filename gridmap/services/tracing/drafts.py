"""Drafts of the first day: loaded, saved, checked, and mended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.plans.norm import Norm
from gridmap.core.tracing.assembly import PlacedBuildings, is_in_community, list_faults, place_buildings
from gridmap.core.tracing.checks import TracingFault, check_shapes, close_gaps
from gridmap.core.tracing.placement import Affine, move_with_picture
from gridmap.core.tracing.shapes import ListedBuilding, ShapeKind, TracedShape, TracedTown
from gridmap.services.grids import norms
from gridmap.services.tracing.document import read_draft, write_draft
from gridmap.store import locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import territory
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans import first_days as tracing_queries
from gridmap.store.queries.plans.first_days import FirstDaySubdistrict, TracingRow
from gridmap.store.queries.territory import CommunityRow, SubdistrictRow
from gridmap.store.writes.tracing.drafts import save_tracing

CHANGED_BY_OTHERS = N_("{name} saved this draft at {time}, after you opened it. Nothing of yours was stored yet.")
SOMEBODY = N_("Somebody else")
OUTSIDE = N_("{building} must stay within its community: it was put back.")
HAS_LAND = N_("The land of this subdistrict is built already: change its plans instead.")


@dataclass(frozen=True)
class Draft:
    """A draft of a subdistrict.

    Parameters
    ----------
    subdistrict : SubdistrictRow
    communities : sequence of CommunityRow
    version : int
        0 before the first save.
    town : TracedTown
    saved_by, saved_at
        Last save; None before the first one.
    """

    subdistrict: SubdistrictRow
    communities: Sequence[CommunityRow]
    version: int
    town: TracedTown = field(repr=False)
    saved_by: str | None = None
    saved_at: datetime | None = None

    @property
    def community_names(self) -> Mapping[str, str]:
        """Return the names of the communities by their codes."""
        return {community.code: community.name for community in self.communities}


@dataclass(frozen=True)
class DraftCheck:
    """Result of the checks of a draft: faults of shapes, and all that is missing before the land can be built."""

    shape_faults: Sequence[TracingFault]
    missing: Sequence[Message]
    placed: PlacedBuildings = field(repr=False)

    @property
    def is_ready(self) -> bool:
        """Return whether the land can be built."""
        return not self.missing and not any(fault.blocks for fault in self.shape_faults)


class DraftConflict(NotPossible):
    """A save that began from an older version: another planner, or another tab, saved in between.

    Parameters
    ----------
    row : TracingRow
        The draft as it is stored now.
    """

    def __init__(self, row: TracingRow) -> None:
        values = {"name": row.saved_by or SOMEBODY, "time": row.saved_at.strftime("%H:%M")}
        super().__init__(Message(CHANGED_BY_OTHERS, values))
        self.row = row


def list_subdistricts(session: Session, caller: Caller) -> Sequence[FirstDaySubdistrict]:
    """Return the subdistricts that a planner works in as a whole."""
    return tracing_queries.list_first_day_subdistricts(session, caller)


def require_subdistrict(session: Session, caller: Caller, subdistrict_id: int) -> SubdistrictRow:
    """Return a subdistrict that the caller works in as a whole.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = territory.find_subdistrict(session, caller, subdistrict_id)
    if found is None or not (caller.trusted or subdistrict_id in caller.whole_subdistrict_ids):
        raise NotFound
    return found


def has_land(session: Session, caller: Caller, subdistrict_id: int) -> bool:
    """Return whether the land of a subdistrict is built."""
    return tracing_queries.has_land(session, caller, subdistrict_id)


def get_norm(session: Session, caller: Caller, subdistrict_id: int) -> Norm:
    """Return the norm of a subdistrict today, by which its traced grids are judged at first."""
    return norms.load_norms(session, caller, SubdistrictDay(subdistrict_id, get_today(session))).subdistrict.norm


def load_draft(session: Session, caller: Caller, subdistrict_id: int) -> Draft:
    """Return the draft of a subdistrict; an empty one before the first save.

    Raises
    ------
    NotFound
        If the caller does not work in the whole subdistrict.
    """
    subdistrict = require_subdistrict(session, caller, subdistrict_id)
    communities = territory.list_communities(session, caller, subdistrict_id)
    row = tracing_queries.find_tracing(session, caller, subdistrict_id)
    if row is None:
        return Draft(subdistrict, communities, 0, TracedTown())
    return Draft(subdistrict, communities, row.version, read_draft(row.content), row.saved_by, row.saved_at)


def check_draft(draft: Draft) -> DraftCheck:
    """Return what a draft lacks."""
    placed = place_buildings(draft.town)
    missing = list_faults(draft.town, draft.community_names, placed)
    names = draft.community_names
    named = [
        replace(shape, name=names.get(shape.code, "")) if shape.kind is ShapeKind.COMMUNITY else shape
        for shape in draft.town.shapes
    ]
    return DraftCheck(check_shapes(named), missing, placed)


def save_shapes(
    session: Session, caller: Caller, subdistrict_id: int, shapes: Sequence[TracedShape], version: int
) -> Draft:
    """Save the shapes of a draft; its buildings stay.

    Parameters
    ----------
    session : Session
        Of a planner of the whole subdistrict.
    caller : Caller
    subdistrict_id : int
    shapes : sequence of TracedShape
    version : int
        Version that the planner began from.

    Returns
    -------
    Draft
        The next version.

    Raises
    ------
    NotFound
        If the caller does not work in the whole subdistrict.
    DraftConflict
        If the draft was saved in between.
    NotPossible
        If the land is built already.
    """
    draft = lock_draft(session, caller, subdistrict_id, version)
    return _save(session, caller, replace(draft, town=replace(draft.town, shapes=shapes)))


def save_buildings(
    session: Session, caller: Caller, subdistrict_id: int, buildings: Sequence[ListedBuilding], version: int
) -> Draft:
    """Save the list of buildings of a draft; see `save_shapes`. Buildings that were moved keep their places."""
    draft = lock_draft(session, caller, subdistrict_id, version)
    places = {(each.estate, each.number): each.place for each in draft.town.buildings}
    kept = [each if each.place else replace(each, place=places.get((each.estate, each.number))) for each in buildings]
    return _save(session, caller, replace(draft, town=replace(draft.town, buildings=kept)))


def move_building(
    session: Session, caller: Caller, subdistrict_id: int, key: tuple[str, str], place: tuple[float, float] | None
) -> Draft:
    """Put a building of the list somewhere else; see `save_shapes`.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    key : tuple of str
        Estate and number.
    place : tuple of float or None
        Longitude and latitude; None puts it back in order.

    Raises
    ------
    NotFound
        If the list has no such building.
    NotPossible
        If the place is outside of the community that the building belongs to.
    """
    draft = lock_draft(session, caller, subdistrict_id, None)
    if all((each.estate, each.number) != key for each in draft.town.buildings):
        raise NotFound
    if place and not is_in_community(draft.town, key[0], place):
        raise NotPossible(Message(OUTSIDE, {"building": " ".join(key)}))
    moved = [replace(each, place=place) if (each.estate, each.number) == key else each for each in draft.town.buildings]
    return _save(session, caller, replace(draft, town=replace(draft.town, buildings=moved)))


def fix_shapes(session: Session, caller: Caller, subdistrict_id: int, version: int) -> Draft:
    """Close gaps and overlaps of neighbours in a draft; see `save_shapes`."""
    draft = lock_draft(session, caller, subdistrict_id, version)
    return _save(session, caller, replace(draft, town=replace(draft.town, shapes=close_gaps(draft.town.shapes))))


def move_draft(session: Session, caller: Caller, subdistrict_id: int, earlier: Affine, later: Affine) -> None:
    """Let a draft follow its picture, which was placed anew."""
    import shapely

    draft = lock_draft(session, caller, subdistrict_id, None)
    if not draft.version:
        return
    shapes = [
        replace(each, geometry=shapely.transform(each.geometry, lambda xy: move_with_picture(xy, earlier, later)))
        for each in draft.town.shapes
    ]
    buildings = [
        replace(each, place=_moved_place(each.place, earlier, later)) if each.place else each
        for each in draft.town.buildings
    ]
    _save(session, caller, replace(draft, town=TracedTown(shapes, buildings)))


def _moved_place(place: tuple[float, float], earlier: Affine, later: Affine) -> tuple[float, float]:
    import numpy as np

    ((longitude, latitude),) = move_with_picture(np.array([place]), earlier, later).tolist()
    return longitude, latitude


def lock_draft(session: Session, caller: Caller, subdistrict_id: int, version: int | None) -> Draft:
    """Return the draft, locked until the transaction ends.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    version : int or None
        Version that the caller has seen; None for whatever is stored.

    Raises
    ------
    NotFound
        If the caller does not work in the whole subdistrict.
    DraftConflict
        If another version is stored.
    NotPossible
        If the land is built already.
    """
    require_subdistrict(session, caller, subdistrict_id)
    locks.lock_tracing(session, subdistrict_id)
    if has_land(session, caller, subdistrict_id):
        raise NotPossible(Message(HAS_LAND))
    row = tracing_queries.find_tracing(session, caller, subdistrict_id)
    if version is not None and row is not None and row.version != version:
        raise DraftConflict(row)
    return load_draft(session, caller, subdistrict_id)


def _save(session: Session, caller: Caller, draft: Draft) -> Draft:
    content: dict[str, Any] = write_draft(draft.town)
    save_tracing(session, caller, draft.subdistrict.id, draft.version, content)
    return load_draft(session, caller, draft.subdistrict.id)
