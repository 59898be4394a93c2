"""Border streets of a revision: with the plan, a street is given to the grid on one side and counts there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.core.plans.border_streets import BorderStretch, find_border_stretches
from gridmap.core.plans.grid_codes import short_code
from gridmap.services.grids import in_force
from gridmap.services.plans.revisions import RevisionSummary, get_community, require_latest
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.plans import revision_contents, revision_streets
from gridmap.store.queries.plans.revision_streets import (
    GivenStreetRow,
    RevisionStreetRow,
    StreetLayers,
    StreetSides,
)
from gridmap.store.queries.plans.revisions import RevisionRow
from gridmap.store.reprojection import to_degrees
from gridmap.store.writes.plans import NewRevisionStreet, copy_revision, insert_revision_streets

__all__ = [
    "BorderStreet",
    "BorderStreets",
    "GivenStreetRow",
    "StreetSide",
    "copy_given_streets",
    "list_border_streets",
    "list_given_streets",
    "save_streets",
]

COUNTED_PERIOD = timedelta(days=364)
"""A year with the day itself: enough to see on which side of a street something happens."""
LAND_REPLACED = N_("The land was rebuilt since this plan: partition the community again, and give streets then.")
NOT_ON_BORDER = N_("This street does not run along the border of two grids of this plan.")
NOT_A_SIDE = N_("{street} does not run along the border of this grid.")
NO_CHANGE = N_("Every street counts as before: nothing was saved.")


@dataclass(frozen=True)
class StreetSide:
    """Grid on one side of a street, with the ordinary incidents of a year on the border there.

    Parameters
    ----------
    grid_id : int
    code : str
    short_code : str
        As maps show it: the end of the code, after that of the community.
    name : str or None
    incidents : int
    """

    grid_id: int
    code: str
    short_code: str
    name: str | None
    incidents: int


@dataclass(frozen=True)
class BorderStreet:
    """Street along the border of two grids of a revision.

    Parameters
    ----------
    key : str
        Names it among the streets of the revision.
    name : str or None
    sides : pair of StreetSide
    length_m : float
        Length along the border.
    street_ids : sequence of int
        Its parts.
    shape : str
        GeoJSON of what runs along the border.
    grid_id : int or None
        Grid in which its border incidents count; None where they count as drawn.
    """

    key: str
    name: str | None
    sides: tuple[StreetSide, StreetSide]
    length_m: float
    street_ids: Sequence[int]
    shape: str = field(repr=False)
    grid_id: int | None

    @property
    def incidents(self) -> int:
        """Number of incidents on both sides."""
        return sum(side.incidents for side in self.sides)


@dataclass(frozen=True)
class BorderStreets:
    """Border streets of a revision, those with the most incidents first.

    Parameters
    ----------
    streets : sequence of BorderStreet
    without_border : sequence of RevisionStreetRow
        Streets that the revision gives to a side, and that no longer run between the two grids: their incidents count
        as drawn.
    """

    streets: Sequence[BorderStreet]
    without_border: Sequence[RevisionStreetRow]


def list_border_streets(session: Session, caller: Caller, revision: RevisionRow, on: date) -> BorderStreets:
    """Return the streets along which borders of a revision run, with the ordinary incidents of a year.

    Parameters
    ----------
    session : Session
    caller : Caller
    revision : RevisionRow
    on : date
        Last day of the year.
    """
    layers = revision_streets.load_street_layers(session, caller, revision)
    stretches = find_border_stretches(layers.grids, layers.streets)
    given = revision_streets.list_revision_streets(session, caller, revision.id)
    year = DateRange(in_force.date_before(on, COUNTED_PERIOD), on)
    counts = revision_streets.count_border_incidents(session, caller, revision.id, year)
    sides = _list_sides(session, caller, revision)
    given_grids = {row.sides: row.grid_id for row in given}
    groups = _group_by_street(layers, stretches)
    streets = [_border_street(layers, group, sides, counts, given_grids) for group in groups]
    found = {_sides_of(layers, each) for each in stretches}
    return BorderStreets(
        sorted(streets, key=lambda street: (-street.incidents, -street.length_m, street.key)),
        [row for row in given if row.sides not in found],
    )


def list_given_streets(session: Session, caller: Caller, revision_id: int) -> Sequence[GivenStreetRow]:
    """Return the streets that a revision gives to a side, for a map."""
    return revision_streets.list_revision_stretches(session, caller, revision_id)


def save_streets(
    session: Session,
    caller: Caller,
    revision: RevisionSummary,
    choices: Mapping[str, int | None],
    base_revision_id: int | None,
    note: str | None,
) -> RevisionRow:
    """Save a revision with the same grids and other streets as the next one.

    Parameters
    ----------
    session : Session
        Of a planner of the community.
    caller : Caller
    revision : RevisionSummary
        Revision that the planner changed; it stays as it is.
    choices : mapping of str to int or None
        Grid by key of a border street; None to count as drawn. The other streets stay as they are.
    base_revision_id : int or None
        Latest revision that the planner has seen.
    note : str or None

    Raises
    ------
    InvalidInput
        If a street runs along no border of the revision, a grid is on no side of it, or nothing changes.
    NotPossible
        If the land of the community was rebuilt since.
    gridmap.services.plans.revisions.EditConflict
        If others saved a newer revision.
    """
    require_latest(session, caller, revision.row.community_id, base_revision_id)
    if not revision_streets.has_newest_land(session, caller, revision.row):
        raise NotPossible(Message(LAND_REPLACED))
    current = list_border_streets(session, caller, revision.row, revision.created_at.date())
    by_key = {street.key: street for street in current.streets}
    for key, grid_id in choices.items():
        _require_side(by_key.get(key), grid_id)
    chosen = {key: choices.get(key, street.grid_id) for key, street in by_key.items()}
    if all(chosen[key] == street.grid_id for key, street in by_key.items()):
        raise InvalidInput([InputFault(Message(NO_CHANGE))])
    saved = copy_revision(session, caller, revision.row, note)
    given = [each for key, street in by_key.items() for each in _new_rows(street, chosen[key])]
    insert_revision_streets(session, saved, given)
    return saved


def copy_given_streets(session: Session, caller: Caller, parent_id: int, saved: RevisionRow) -> None:
    """Give the streets of a revision to the same sides in the one that follows it, where they still run between them.

    Parameters
    ----------
    session : Session
        In which the revision was just saved.
    caller : Caller
    parent_id : int
    saved : RevisionRow
    """
    given = revision_streets.list_revision_streets(session, caller, parent_id)
    if not given:
        return
    layers = revision_streets.load_street_layers(session, caller, saved)
    found = {_sides_of(layers, each) for each in find_border_stretches(layers.grids, layers.streets)}
    rows = [NewRevisionStreet(row.sides, row.grid_id, row.street_name) for row in given if row.sides in found]
    insert_revision_streets(session, saved, rows)


def _sides_of(layers: StreetLayers, stretch: BorderStretch) -> StreetSides:
    first, second = layers.grid_ids[stretch.first], layers.grid_ids[stretch.second]
    return StreetSides(layers.street_ids[stretch.street], first, second)


def _group_by_street(layers: StreetLayers, stretches: Sequence[BorderStretch]) -> Sequence[Sequence[BorderStretch]]:
    """Return the stretches of one name between two grids together; a street without a name by itself."""
    groups: dict[tuple[str | int, int, int], list[BorderStretch]] = {}
    for each in stretches:
        street = layers.street_names[each.street] or layers.street_ids[each.street]
        groups.setdefault((street, each.first, each.second), []).append(each)
    return list(groups.values())


def _list_sides(session: Session, caller: Caller, revision: RevisionRow) -> Mapping[int, StreetSide]:
    """Return the grids of a revision by key, each without incidents."""
    community_code = get_community(session, caller, revision.community_id).code
    grids = revision_contents.list_revision_grids(session, caller, revision.id)
    return {
        grid.grid_id: StreetSide(grid.grid_id, grid.code, short_code(grid.code, community_code), grid.name, 0)
        for grid in grids
    }


def _border_street(
    layers: StreetLayers,
    group: Sequence[BorderStretch],
    sides: Mapping[int, StreetSide],
    counts: Mapping[tuple[StreetSides, int], int],
    given_grids: Mapping[StreetSides, int],
) -> BorderStreet:
    parts = [_sides_of(layers, each) for each in group]
    given = {given_grids.get(part) for part in parts} - {None}
    first, second = (
        replace(sides[grid_id], incidents=sum(counts.get((part, grid_id), 0) for part in parts))
        for grid_id in parts[0][1:]
    )
    return BorderStreet(
        key="-".join(map(str, parts[0])),
        name=layers.street_names[group[0].street],
        sides=(first, second),
        length_m=sum(each.length_m for each in group),
        street_ids=[part.street_id for part in parts],
        shape=_encode_shape(layers, group),
        grid_id=given.pop() if len(given) == 1 else None,
    )


def _encode_shape(layers: StreetLayers, group: Sequence[BorderStretch]) -> str:
    whole = shapely.line_merge(shapely.union_all([each.shape for each in group]))
    return str(shapely.to_geojson(to_degrees(np.array([whole]), layers.crs)[0]))


def _require_side(street: BorderStreet | None, grid_id: int | None) -> None:
    if street is None:
        raise InvalidInput([InputFault(Message(NOT_ON_BORDER))])
    if grid_id is not None and grid_id not in [side.grid_id for side in street.sides]:
        raise InvalidInput([InputFault(Message(NOT_A_SIDE, {"street": street.name or street.key}))])


def _new_rows(street: BorderStreet, grid_id: int | None) -> Iterator[NewRevisionStreet]:
    if grid_id is None:
        return
    first, second = (side.grid_id for side in street.sides)
    for street_id in street.street_ids:
        yield NewRevisionStreet(StreetSides(street_id, first, second), grid_id, street.name)
