"""What pages tell of every grid on a day: the overview's figures, and what the pages of grids list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.services import grids
from gridmap.services.grids import GridInForce
from gridmap.store import contents, incidents
from gridmap.store.contents import Spot
from gridmap.store.in_force import Day
from gridmap.store.incidents import Span
from gridmap.store.linked import SERVICES

LONG_AGO = date(2000, 1, 1)


@dataclass(frozen=True)
class Seen:
    """A grid on a day; `households` are by kind, `listed` has keys by what they are of."""

    code: str
    community: int
    workers: Sequence[str]
    households: Mapping[str, int]
    residents: int | None
    buildings: int
    incidents: int
    listed: Mapping[str, Sequence[int]]

    def number(self, name: str) -> int:
        """How many residents, buildings or incidents there are, or things of those that are listed."""
        return len(self.listed[name]) if name in self.listed else int(getattr(self, name))


def by_grid(session: Session, day: Day) -> dict[int, Seen]:
    """Grids in force on a day that the account of a session sees, by their keys and in the order of codes."""
    happened = incidents_by_grid(session, day, LONG_AGO)
    return {grid.id: _seen(session, day, grid, happened.get(grid.id, 0)) for grid in grids.all_of(session, day)}


def incidents_by_grid(session: Session, day: Day, first: date) -> dict[int | None, int]:
    """Incidents from a day on that the account sees, by grid in force on the day they end with; None for no grid."""
    found = incidents.by_grid(session, day, Span(first, day.on))
    return {grid: sum(each.now.values()) for grid, each in found.items() if each.now}


def _seen(session: Session, day: Day, grid: GridInForce, incidents: int) -> Seen:
    spot = Spot(day, grid.id)
    return Seen(
        code=grid.code,
        community=grid.community,
        workers=grid.workers,
        households={row.kind: row.households for row in contents.households(session, spot)},
        residents=grid.residents.number,
        buildings=grid.buildings,
        incidents=incidents,
        listed=_listed(session, spot),
    )


def _listed(session: Session, spot: Spot) -> Mapping[str, Sequence[int]]:
    found = {name: [each.id for each in contents.services(session, spot, name)] for name in SERVICES}
    found["standing"] = [each.id for each in contents.buildings(session, spot)]
    found["open_incidents"] = [each.Incident.id for each in contents.open_incidents(session, spot)]
    return found
