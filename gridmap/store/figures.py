"""What is in each grid that is in force on a day: a join through the land, so that every date has its own answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Executable, Row, Select, Subquery, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from gridmap.core.names import HouseholdKind, IncidentStatus
from gridmap.store import access
from gridmap.store.schema import (
    Adoption,
    Assignment,
    Building,
    BuildingCell,
    Community,
    Duty,
    Facility,
    Grid,
    HouseholdCount,
    Incident,
    Organisation,
    Revision,
    RevisionGrid,
    Shop,
    Worker,
)

PLACES = {"shops": Shop, "facilities": Facility, "organisations": Organisation}


@dataclass
class Figures:
    """What is in a grid, or in a whole community.

    Parameters
    ----------
    code : str
        Of the grid, or of the community.
    community : int
        Number of its community, or its own.
    community_code : str
    households : dict of HouseholdKind to int
        By kind, from the newest count of each building up to the day; of kinds that were counted.
    buildings, shops, facilities, organisations : int
        Those of the day.
    residents, elderly : int or None
        Persons, and those of 60 and older; None where they are one to four and the account may not see them.
    incidents, open_incidents : int
        Those of the time asked for, and those of them not closed.
    categories : dict of str to int
        Incidents by category.
    in_charge : list of str
        Names of the workers who answer for the grid.
    """

    code: str
    community: int
    community_code: str
    households: dict[HouseholdKind, int] = field(default_factory=dict)
    buildings: int = 0
    shops: int = 0
    facilities: int = 0
    organisations: int = 0
    residents: int | None = 0
    elderly: int | None = 0
    incidents: int = 0
    open_incidents: int = 0
    categories: dict[str, int] = field(default_factory=dict)
    in_charge: list[str] = field(default_factory=list)


def by_grid(session: Session, home: int, day: date, since: datetime, until: datetime) -> Mapping[int, Figures]:
    """Figures of every grid of a subdistrict that is in force on a day.

    Parameters
    ----------
    session : Session
        Rows come as the account may see them; a worker's incidents are those of the own grids.
    home : int
        Subdistrict.
    day : date
    since, until : datetime
        Incidents from the one and before the other.

    Returns
    -------
    mapping of int to Figures
        By the number of the grid, in the order of codes.
    """
    found = {
        row.id: Figures(row.code, row.community_id, row.community_code)
        for row in session.execute(_grids(session, home, day))
    }
    cells = _cells(session, home, day).subquery()
    _add_buildings(session, found, cells, day)
    for name, table in PLACES.items():
        for row in session.execute(_places(session, cells, table, day)):
            setattr(found[row.grid_id], name, row.number)
    for row in session.execute(_incidents(session, cells, since, until)):
        _add_incidents(found[row.grid_id], row)
    _add_people(session, found, home, day)
    return found


def by_community(grids: Mapping[int, Figures]) -> Mapping[int, Figures]:
    """The figures of grids added up by community; a grid whose persons may not be told adds none, so that no
    difference gives them away.

    Examples
    --------
    >>> few, many = Figures("A-001", 7, "A", residents=None, shops=1), Figures("A-002", 7, "A", residents=30, shops=2)
    >>> by_community({1: few, 2: many})[7].residents
    30
    """
    found: dict[int, Figures] = {}
    for grid in grids.values():
        whole = found.setdefault(grid.community, _of_community(grid))
        for name in ("buildings", *PLACES, "residents", "elderly", "incidents", "open_incidents"):
            setattr(whole, name, (getattr(whole, name) or 0) + (getattr(grid, name) or 0))
        for kind, households in grid.households.items():
            whole.households[kind] = whole.households.get(kind, 0) + households
        for category, count in grid.categories.items():
            whole.categories[category] = whole.categories.get(category, 0) + count
    return found


def _of_community(grid: Figures) -> Figures:
    """Figures to add to, of the community of a grid."""
    return Figures(grid.community_code, grid.community, grid.community_code)


def _grids(session: Session, home: int, day: date) -> Executable:
    return (
        select(Grid.id, Grid.code, Grid.community_id, Community.code.label("community_code"))
        .join(Community, Community.id == Grid.community_id)
        .join(RevisionGrid, RevisionGrid.grid_id == Grid.id)
        .join(Adoption, Adoption.revision_id == RevisionGrid.revision_id)
        .where(Adoption.subdistrict_id == home, Adoption.valid.contains(day), access.only(session, Grid))
        .order_by(Grid.code)
    )


def _cells(session: Session, home: int, day: date) -> Select[int, int, int]:
    """Cells with the grid in force on the day, and the land they are of."""
    return (
        select(Assignment.cell_id, Assignment.grid_id, Revision.land_id)
        .join(Revision, Revision.id == Assignment.revision_id)
        .join(Adoption, Adoption.revision_id == Revision.id)
        .where(Adoption.subdistrict_id == home, Adoption.valid.contains(day), access.only(session, Assignment))
    )


def _add_buildings(session: Session, found: Mapping[int, Figures], cells: Subquery, day: date) -> None:
    standing = (
        select(cells.c.grid_id, Building.id)
        .join(BuildingCell, (BuildingCell.cell_id == cells.c.cell_id) & (BuildingCell.land_id == cells.c.land_id))
        .join(Building, Building.id == BuildingCell.building_id)
        .where(Building.valid.contains(day), access.only(session, Building))
        .subquery()
    )
    counted = select(standing.c.grid_id, func.count().label("number")).group_by(standing.c.grid_id)
    for row in session.execute(counted):
        found[row.grid_id].buildings = row.number
    for row in session.execute(_households(session, standing, day)):
        found[row.grid_id].households[HouseholdKind(row.kind)] = row.households


def _households(session: Session, standing: Subquery, day: date) -> Executable:
    """The newest count of each building and kind up to the day, added up by grid."""
    newest = (
        select(HouseholdCount.kind, HouseholdCount.households, standing.c.grid_id)
        .ext(distinct_on(HouseholdCount.building_id, HouseholdCount.kind))
        .join(standing, standing.c.id == HouseholdCount.building_id)
        .where(HouseholdCount.as_of <= day, access.only(session, HouseholdCount))
        .order_by(HouseholdCount.building_id, HouseholdCount.kind, HouseholdCount.as_of.desc())
        .subquery()
    )
    total = func.sum(newest.c.households).label("households")
    return select(newest.c.grid_id, newest.c.kind, total).group_by(newest.c.grid_id, newest.c.kind)


def _places(session: Session, cells: Subquery, table: Any, day: date) -> Executable:
    return (
        select(cells.c.grid_id, func.count().label("number"))
        .join(table, table.cell_id == cells.c.cell_id)
        .where(table.valid.contains(day), access.only(session, table))
        .group_by(cells.c.grid_id)
    )


def _incidents(session: Session, cells: Subquery, since: datetime, until: datetime) -> Executable:
    open_ = func.count().filter(Incident.status == IncidentStatus.OPEN)
    return (
        select(cells.c.grid_id, Incident.category, func.count().label("number"), open_.label("open"))
        .join(Incident, Incident.cell_id == cells.c.cell_id)
        .where(Incident.occurred_at >= since, Incident.occurred_at < until, access.only(session, Incident))
        .group_by(cells.c.grid_id, Incident.category)
        .order_by(Incident.category)
    )


def _add_incidents(figures: Figures, row: Row[Any]) -> None:
    figures.incidents += row.number
    figures.open_incidents += row.open
    figures.categories[row.category] = row.number


def _add_people(session: Session, found: Mapping[int, Figures], home: int, day: date) -> None:
    """Residents, from a function that counts them for those who may not see them; and who is in charge."""
    counted = func.residents_by_grid(home, day).table_valued("grid_id", "community_id", "residents", "elderly")
    for row in session.execute(select(counted)):
        found[row.grid_id].residents, found[row.grid_id].elderly = row.residents, row.elderly
    on_duty = (
        select(Duty.grid_id, Worker.name)
        .join(Worker, Worker.id == Duty.worker_id)
        .where(Duty.subdistrict_id == home, Duty.in_charge, Duty.valid.contains(day), Worker.valid.contains(day))
        .where(access.only(session, Duty), access.only(session, Worker))
        .order_by(Worker.id)
    )
    for row in session.execute(on_duty):
        if row.grid_id in found:
            found[row.grid_id].in_charge.append(row.name)
