"""A building moved to another grid: what that does to both grids and to the rules, and saved as the next revision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from gridmap.core.arrays import Ints
from gridmap.core.errors import N_, BadInput, Fault, Message, Unable, Unseen
from gridmap.core.measures import outlines
from gridmap.core.moving import Divided, beside, parted_courtyards, unit_of
from gridmap.core.names import GridKind
from gridmap.core.plan import Plan
from gridmap.core.rules import Breach, breaches
from gridmap.services.grids import State, state_of
from gridmap.services.revisions import REMADE, save_revision
from gridmap.services.versions import Version, check_newest
from gridmap.store import planned
from gridmap.store.kept import KeptTown, town_of
from gridmap.store.schema import Revision

REASON = 4
"""Fewest letters of a reason: 便于管理 is one."""
FOUND = 50
"""Buildings that a search lists: more are not read, but the search made narrower."""
SAME = N_("The building is in grid {grid} already")
NO_GRID = N_("There is no grid {grid} in this version")
WHY = N_("Write down why: at least four letters")
IN_PIECES = N_("Grid {grid} would lie in {number} pieces that do not touch")
MIXED = N_("Grid {grid} would mix dedicated land with other land")
OTHERWISE = N_("{rule}: {place} ({number})")
PARTED = N_("Courtyard {courtyard} would be divided between {number} grids")
LEAVES = N_("Grid {grid} would leave the range: {households} households, asked for are {minimum} to {maximum}")
RULES = {"in_one_piece": IN_PIECES, "keeps_dedicated": MIXED}


@dataclass(frozen=True)
class Wish:
    """A building, by its key, that is to go to a grid, by its code; `alone` leaves its courtyard behind."""

    building: int
    grid: str
    alone: bool = False


@dataclass(frozen=True)
class Chosen:
    """A building that may move: the code of its grid, and how many buildings go if its courtyard stays whole."""

    id: int
    code: str
    households: int
    grid: str
    together: int
    name: str | None
    address: str | None
    courtyard: str | None


@dataclass(frozen=True)
class Target:
    """A grid that a building may go to: households now, and metres of border with it (0: they do not touch)."""

    code: str
    name: str | None
    households: int
    state: State
    border: float


@dataclass(frozen=True)
class Side:
    """A grid before and after a move: households, buildings and state of each."""

    code: str
    households: tuple[int, int]
    buildings: tuple[int, int]
    states: tuple[State, State]


@dataclass(frozen=True, eq=False)
class Effect:
    """What a move does.

    Parameters
    ----------
    sides : tuple of Side
        The grid that is left and the one that is joined.
    along : sequence of str
        Codes of the buildings that go.
    cells : sequence of int
        Keys of the cells that go.
    broken : sequence of Message
        Rules of the land that it would break: it cannot be saved.
    wants_reason : sequence of Message
        What may be done for a written reason only.
    """

    sides: tuple[Side, Side]
    along: Sequence[str]
    cells: Sequence[int]
    broken: Sequence[Message]
    wants_reason: Sequence[Message]


@dataclass(frozen=True, eq=False)
class Ground:
    """A version on its land, as a move looks at it: grids by position in `codes`."""

    version: Version
    kept: KeptTown
    divided: Divided
    codes: Sequence[str]
    kinds: Sequence[GridKind]
    names: Mapping[str, str | None]

    def position(self, building: int) -> int:
        """Where a building stands in the town; there is no such building: `Unseen`."""
        found = np.flatnonzero(self.kept.buildings == building)
        if not len(found):
            raise Unseen
        return int(found[0])

    def state(self, grid: int, households: int) -> State:
        """State of a grid with so many households."""
        return state_of(self.kinds[grid], households, *self.allowed)

    @property
    def allowed(self) -> tuple[int, int]:
        """Fewest and most households asked for."""
        return self.version.revision.minimum, self.version.revision.maximum

    def households(self, divided: Divided) -> Ints:
        """Households of each grid."""
        counted = self.kept.town.buildings["households"].to_numpy()
        return np.bincount(divided.of_building, counted, len(self.codes)).astype(np.int64)

    def buildings(self, divided: Divided) -> Ints:
        """Buildings of each grid."""
        return np.bincount(divided.of_building, minlength=len(self.codes))


def search(session: Session, revision: Revision, words: str, day: date) -> tuple[Sequence[Any], int]:
    """Buildings of a version whose code, name, address or courtyard holds some words: the first ones, and how many.

    Those that people live in come before sheds and the like.
    """
    wanted = words.casefold().split()
    rows = planned.buildings(session, revision, day)
    found = [row for row in rows if all(word in _told(row) for word in wanted)]
    return sorted(found, key=lambda row: row.households == 0)[:FOUND], len(found)


def ground(session: Session, version: Version, day: date) -> Ground:
    """A version on its land.

    Raises
    ------
    Unable
        If the land was made anew since.
    """
    kept = town_of(session, version.revision.community_id, day)
    if kept is None or kept.number != version.revision.land_id:
        raise Unable(Message(REMADE))
    code_of = planned.code_of_cells(session, version.id)
    codes, of_cell = np.unique([code_of[cell] for cell in kept.cells.tolist()], return_inverse=True)
    grids = {row.code: row.RevisionGrid for row in planned.grids(session, version.id)}
    kinds = [GridKind(grids[code].kind) for code in codes.tolist()]
    divided = Divided(kept.town, kept.land, of_cell.ravel().astype(np.int64))
    return Ground(version, kept, divided, codes.tolist(), kinds, {code: each.name for code, each in grids.items()})


def targets(ground: Ground, building: int, *, alone: bool) -> Sequence[Target]:
    """Grids that a building may go to, those it touches first, the one with the longest border before the others."""
    position = ground.position(building)
    near = beside(ground.divided, unit_of(ground.divided, position, alone=alone))
    border = dict(zip(*(each.tolist() for each in near), strict=True))
    own = int(ground.divided.of_building[position])
    households = ground.households(ground.divided)
    others = [grid for grid in range(len(ground.codes)) if grid not in border and grid != own]
    return [_target(ground, grid, int(households[grid]), border.get(grid, 0.0)) for grid in [*border, *others]]


def chosen(ground: Ground, building: int) -> Chosen:
    """A building that may move."""
    position = ground.position(building)
    row = ground.kept.town.buildings.iloc[position]
    cells = unit_of(ground.divided, position, alone=False)
    together = int(np.isin(ground.kept.land.building_cell, cells).sum())
    grid = ground.codes[int(ground.divided.of_building[position])]
    words = {name: row[name] or None for name in ("name", "address", "courtyard")}
    return Chosen(building, row["building_id"], int(row["households"]), grid, together, **words)


def effect(ground: Ground, wish: Wish) -> Effect:
    """What a move does to both grids and to the rules.

    Raises
    ------
    BadInput
        If the building is in the grid already, or there is no such grid.
    Unseen
        If there is no such building.
    """
    position = ground.position(wish.building)
    source, target = int(ground.divided.of_building[position]), _grid(ground, position, wish.grid)
    cells = unit_of(ground.divided, position, alone=wish.alone)
    after = ground.divided.moved(cells, target)
    sides = _side(ground, after, source), _side(ground, after, target)
    moved = ground.divided.of_building != after.of_building
    return Effect(
        sides=sides,
        along=ground.kept.town.buildings["building_id"].to_numpy()[moved].tolist(),
        cells=ground.kept.cells[after.of_cell != ground.divided.of_cell].tolist(),
        broken=_broken(ground, after),
        wants_reason=[*_parted(ground, after), *_out_of_range(ground, sides)],
    )


def save(session: Session, ground: Ground, wish: Wish, seen: int, note: str, day: date) -> Revision:
    """Save a move as the next revision.

    Parameters
    ----------
    session : Session
        Of a planner of the community.
    ground : Ground
        The version that was looked at.
    wish : Wish
    seen : int
        The newest version that the planner knew.
    note : str
        Why; needed where the move divides a courtyard or takes a grid out of range.
    day : date
        Households are counted as of it.

    Raises
    ------
    BadInput
        If a rule of the land would be broken, or a reason is missing.
    gridmap.services.versions.Outdated
        If others saved a newer version meanwhile.
    """
    check_newest(session, ground.version.revision.community_id, seen)
    found = effect(ground, wish)
    if found.broken:
        raise BadInput([Fault(each) for each in found.broken])
    if found.wants_reason and len("".join(note.split())) < REASON:
        raise BadInput([Fault(Message(WHY), column="note")])
    return save_revision(session, ground.version.id, dict.fromkeys(found.cells, wish.grid), day=day, note=note or None)


def _told(row: Any) -> str:
    return " ".join(str(each) for each in (row.code, row.name, row.address, row.courtyard) if each).casefold()


def _target(ground: Ground, grid: int, households: int, border: float) -> Target:
    code = ground.codes[grid]
    return Target(code, ground.names[code], households, ground.state(grid, households), border)


def _grid(ground: Ground, building: int, code: str) -> int:
    if code not in ground.codes:
        raise BadInput([Fault(Message(NO_GRID, {"grid": code}), column="grid")])
    found = ground.codes.index(code)
    if found == ground.divided.of_building[building]:
        raise BadInput([Fault(Message(SAME, {"grid": code}), column="grid")])
    return found


def _side(ground: Ground, after: Divided, grid: int) -> Side:
    households = tuple(int(ground.households(each)[grid]) for each in (ground.divided, after))
    buildings = tuple(int(ground.buildings(each)[grid]) for each in (ground.divided, after))
    before, then = (ground.state(grid, each) for each in households)
    return Side(ground.codes[grid], (households[0], households[1]), (buildings[0], buildings[1]), (before, then))


def _broken(ground: Ground, after: Divided) -> list[Message]:
    """Rules of the land that the plan breaks after the move."""
    kept, of_cell = np.unique(after.of_cell, return_inverse=True)
    kinds = tuple(ground.kinds[grid] for grid in kept)
    plan = Plan(of_cell.ravel(), np.zeros(len(kept), dtype=np.int64), kinds, (None,) * len(kept))
    found = breaches(ground.kept.town, ground.kept.land, plan, outlines(plan, ground.kept.land))
    return [_sentence(each, [ground.codes[grid] for grid in kept]) for each in found]


def _sentence(breach: Breach, codes: Sequence[str]) -> Message:
    kind, _, position = breach.place.partition(" ")
    place, number = codes[int(position)] if kind == "grid" else breach.place, f"{breach.number:g}"
    if breach.rule in RULES:
        return Message(RULES[breach.rule], {"grid": place, "number": number})
    return Message(OTHERWISE, {"rule": breach.rule, "place": place, "number": number})


def _parted(ground: Ground, after: Divided) -> list[Message]:
    """Courtyards that the move divides, or divides further."""
    town = ground.kept.town
    before = parted_courtyards(town, ground.divided.of_building)
    found = parted_courtyards(town, after.of_building)
    new = {name: count for name, count in found.items() if count > before.get(name, 1)}
    return [Message(PARTED, {"courtyard": name, "number": count}) for name, count in new.items()]


def _out_of_range(ground: Ground, sides: tuple[Side, Side]) -> list[Message]:
    """Grids that were in range and are no more; one that ends is not out of range."""
    minimum, maximum = ground.allowed
    allowed = {"minimum": minimum, "maximum": maximum}
    return [
        Message(LEAVES, {"grid": side.code, "households": side.households[1], **allowed})
        for side in sides
        if side.states[0] == "in_range" and side.states[1] != "in_range" and side.buildings[1]
    ]
