"""One search over buildings, estates, doors, grids, organisations, shops and facilities; residents by whole name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.search.names import SearchName, find_best, make_name
from gridmap.core.vocabulary import Role, SearchKind
from gridmap.services.people import residents
from gridmap.services.people.residents import MaskedResident
from gridmap.store.memory_cache import MemoryCache
from gridmap.store.queries.search import places
from gridmap.store.queries.search import residents as resident_search
from gridmap.store.queries.search.places import DoorName, PlaceName

__all__ = ["DoorName", "Found", "PlaceMatch", "find_people", "find_places", "may_find_people"]
MAX_MATCHES = 8
"""Matches of a kind that are listed: as many as can be taken in at a glance; further letters narrow them."""
MAX_BUILDINGS_OF_DOORS = 50
MAX_CACHED_INDEXES = 20
"""Indexes that a process keeps: about 10 MB for a subdistrict of 10,000 buildings."""
DOOR = re.compile(r"(?P<building>\S.*?)\s+(?:(?P<unit>\d+)\s*单元\s*)?(?P<number>\d{2,5})\s*[室号]?")
PEOPLE_ROLES = (Role.WORKER, Role.STATION)
NAME_TOO_SHORT = N_("enter the whole name: parts of a name find nobody")
TOO_OFTEN = N_("too many searches for residents within an hour: wait a little")
PlaceIndex = Mapping[SearchKind, tuple[Sequence[PlaceName], Sequence[SearchName]]]
_indexes = MemoryCache(MAX_CACHED_INDEXES)


@dataclass(frozen=True)
class PlaceMatch:
    """A place that was found, and the grid that it lies in today, where there is one for the caller."""

    place: PlaceName
    grid_id: int | None


@dataclass(frozen=True)
class Found:
    """Places by kind with the number of all matches, and doors."""

    places: Mapping[SearchKind, tuple[Sequence[PlaceMatch], int]]
    doors: Sequence[DoorName]

    def __bool__(self) -> bool:
        return bool(self.places or self.doors)


def find_places(session: Session, caller: Caller, query: str) -> Found:
    """Return the places whose name, initials, address or code match a query, the best first.

    Parameters
    ----------
    session : Session
    caller : Caller
    query : str
        Letters of any script or initials of pinyin; ``building 2单元 1203`` finds a door, for those who see homes.
    """
    index = _load_index(session, caller)
    best = {kind: find_best(query, names, MAX_MATCHES) for kind, (_, names) in index.items()}
    chosen = {kind: [index[kind][0][name.key] for name in names] for kind, (names, _) in best.items() if names}
    grids = _grids_of(session, caller, [place for each in chosen.values() for place in each])
    matches = {
        kind: ([PlaceMatch(place, grids.get((kind, place.id))) for place in rows], best[kind][1])
        for kind, rows in chosen.items()
    }
    return Found(matches, _find_doors(session, caller, query, index))


def may_find_people(caller: Caller) -> bool:
    """Return whether the caller may look for residents.

    >>> may_find_people(Caller(role=Role.STATION)), may_find_people(Caller(role=Role.LEADER))
    (True, False)
    """
    return caller.role in PEOPLE_ROLES


def find_people(session: Session, caller: Caller, name: str, address: str | None = None) -> Sequence[MaskedResident]:
    """Return the residents of the caller's buildings with exactly a name, masked; the search is recorded.

    Raises
    ------
    InvalidInput
        If the name is shorter than two letters, or the account searches too often.
    """
    if len(name.strip()) < 2:
        raise InvalidInput([InputFault(Message(NAME_TOO_SHORT), column="query")])
    found = resident_search.find_residents_by_name(session, name.strip(), address)
    if found is None:
        raise InvalidInput([InputFault(Message(TOO_OFTEN), column="query")])
    return residents.mask_residents(session, caller, found)


def _load_index(session: Session, caller: Caller) -> PlaceIndex:
    """Return the names by kind with their forms; they are kept as long as no name changes."""
    key = caller.trusted, places.names_cache_key(session)
    if (cached := _indexes.get(key)) is not None:
        return cached  # type: ignore[return-value]  # a cache of indexes only
    rows = places.list_place_names(session, caller)
    index = {kind: _make_names([row for row in rows if row.kind is kind]) for kind in SearchKind}
    _indexes.put(key, index)
    return index


def _make_names(rows: Sequence[PlaceName]) -> tuple[Sequence[PlaceName], Sequence[SearchName]]:
    return rows, [make_name(position, row.name, row.detail) for position, row in enumerate(rows)]


def _grids_of(session: Session, caller: Caller, rows: Sequence[PlaceName]) -> Mapping[tuple[SearchKind, int], int]:
    buildings = [row.id for row in rows if row.kind is SearchKind.BUILDING]
    cells = {(SearchKind.BUILDING, key): ids for key, ids in _cells(session, caller, buildings).items()}
    cells |= {(row.kind, row.id): (row.cell_id,) for row in rows if row.cell_id is not None}
    grids = places.grids_of_cells(session, caller, sorted({cell for ids in cells.values() for cell in ids}))
    return {key: grids[cell] for key, ids in cells.items() for cell in ids if cell in grids}


def _cells(session: Session, caller: Caller, building_ids: Sequence[int]) -> Mapping[int, Sequence[int]]:
    return places.cells_of_buildings(session, caller, building_ids) if building_ids else {}


def _find_doors(session: Session, caller: Caller, query: str, index: PlaceIndex) -> Sequence[DoorName]:
    door = DOOR.fullmatch(query.strip())
    if door is None or not may_find_people(caller):
        return ()
    rows, names = index[SearchKind.BUILDING]
    buildings = [rows[name.key].id for name in find_best(door["building"], names, MAX_BUILDINGS_OF_DOORS)[0]]
    found = places.list_doors(session, caller, buildings, door["number"]) if buildings else ()
    return [each for each in found if door["unit"] is None or each.unit in (f"{door['unit']}单元", door["unit"])]
