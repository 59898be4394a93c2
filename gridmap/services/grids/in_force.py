"""Grids in force on a day with their status and figures, as a caller may know them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import Message
from gridmap.core.plans.grid_status import GridStatusName
from gridmap.core.plans.norm import GridLoad, judge_grid
from gridmap.core.privacy.disclosure import DisclosedCount
from gridmap.core.vocabulary import GridKind, HouseholdKind
from gridmap.services.grids import norms
from gridmap.services.grids.norms import NormInForce
from gridmap.services.grids.population import Population, PopulationBasis, to_population
from gridmap.store import day_bounds
from gridmap.store.queries.grids import grids_in_force
from gridmap.store.queries.grids import population as population_queries
from gridmap.store.queries.grids.grids_in_force import GridInForceRow, HouseholdTotals, SubdistrictDay

STATUS_ORDER: Sequence[GridStatusName] = ("no_counts", "under", "over", "in_range", "dedicated")
"""Order of the table by status: grids that need attention come first."""
SortKey = Callable[["GridInForce", Mapping[int, str]], tuple[float, tuple[str, ...]]]
SORT_KEYS: Mapping[str, SortKey] = {
    "code": lambda grid, _: (0, (grid.code,)),
    "community": lambda grid, community_names: (0, (community_names[grid.community_id],)),
    "status": lambda grid, _: (STATUS_ORDER.index(grid.status), ()),
    "workers": lambda grid, _: (0, tuple(grid.workers)),
    "households": lambda grid, _: (grid.households.number, ()),
    "residents": lambda grid, _: (-1 if grid.residents.number is None else grid.residents.number, ()),
    "buildings": lambda grid, _: (grid.buildings, ()),
    "area": lambda grid, _: (grid.area_m2, ()),
}
"""Sort key of each column of the table: a number, then texts."""


@dataclass(frozen=True)
class Households:
    """Households of a kind, with the range that holds if some are estimated."""

    number: int
    low: int
    high: int
    estimated: bool


@dataclass(frozen=True)
class GridInForce:
    """A grid in force on a day, with the figures of that day.

    Parameters
    ----------
    id : int
    code : str
    name : str or None
    community_id : int
    kind : GridKind
    status : {"under", "in_range", "over", "dedicated", "no_counts"}
    norm : NormInForce
        Norm of its community on the day, by which the status is judged.
    load : GridLoad
        Households and persons that the norm counts.
    since : date
        First day in force.
    households : Households
    buildings : int
    residents : DisclosedCount
    residents_60 : int or None
        Residents of 60 and older, where their number is known and disclosed.
    population_basis : PopulationBasis
        Whether residents were counted in the roster of persons or by counts of buildings.
    area_m2 : float
        Square metres.
    workers : sequence of str
        Names of the workers in charge.
    reason : Message or None
        Reason for being out of range.
    extent : Message or None
        Where it ends in the east, south, west and north; None for revisions that were made before this was written.
    shape : str
        GeoJSON.
    """

    id: int
    code: str
    name: str | None
    community_id: int
    kind: GridKind
    status: GridStatusName
    norm: NormInForce
    load: GridLoad
    since: date
    households: Households
    buildings: int
    residents: DisclosedCount
    residents_60: int | None
    population_basis: PopulationBasis
    area_m2: float
    workers: Sequence[str]
    reason: Message | None
    extent: Message | None
    shape: str = field(repr=False)


def get_today(session: Session) -> date:
    """Return the day that pages show where none is asked for."""
    return day_bounds.get_today(session)


def resolve_day(session: Session, subdistrict_id: int, on: date | None = None) -> SubdistrictDay:
    """Return a day of a subdistrict; today without a date."""
    return SubdistrictDay(subdistrict_id, on or day_bounds.get_today(session))


def find_grid_day(session: Session, caller: Caller, grid_id: int, on: date | None = None) -> SubdistrictDay | None:
    """Return a day of the subdistrict of a grid; None where the caller does not work in the grid."""
    subdistrict_id = grids_in_force.find_subdistrict_id(session, caller, grid_id)
    return None if subdistrict_id is None else resolve_day(session, subdistrict_id, on)


def date_before(on: date, span: timedelta) -> date:
    """Return the date a span before another one, or the first date there is.

    Examples
    --------
    >>> date_before(date(1, 1, 2), timedelta(days=30))
    datetime.date(1, 1, 1)
    """
    return on - min(span, on - date.min)


def list_grids(session: Session, caller: Caller, day: SubdistrictDay) -> Sequence[GridInForce]:
    """Return the grids in force in which the caller works, by code."""
    grids = _judge_rows(session, caller, day, grids_in_force.list_grids(session, caller, day))
    return sorted(grids, key=lambda grid: grid.code)


def get_grid(session: Session, caller: Caller, grid_id: int, on: date | None = None) -> GridInForce | None:
    """Return one grid on a day; None where it is not in force then, or the caller does not work in it."""
    day = find_grid_day(session, caller, grid_id, on)
    return None if day is None else get_grid_on(session, caller, day, grid_id)


def get_grid_on(session: Session, caller: Caller, day: SubdistrictDay, grid_id: int) -> GridInForce | None:
    """Return one grid as `get_grid` does, on a day that `find_grid_day` returned."""
    row = grids_in_force.find_grid(session, caller, day, grid_id)
    return None if row is None else _judge_rows(session, caller, day, [row])[0]


def sort_grids(
    grids: Sequence[GridInForce], community_names: Mapping[int, str], column: str, *, descending: bool
) -> Sequence[GridInForce]:
    """Return grids in the order of a column of the table; equal grids stay in the order of their codes.

    Parameters
    ----------
    grids : sequence of GridInForce
    community_names : mapping
        Names of the communities by key.
    column : str
        One of `SORT_KEYS`.
    descending : bool
        True for the largest first.
    """
    sort_key = SORT_KEYS[column]
    return sorted(grids, key=lambda grid: sort_key(grid, community_names), reverse=descending)


def households_by_kind(totals: Mapping[HouseholdKind, HouseholdTotals]) -> Mapping[HouseholdKind, Households]:
    """Return households by kind, in the order of the kinds."""
    return {kind: _households(totals[kind]) for kind in HouseholdKind if kind in totals}


def _judge_rows(
    session: Session, caller: Caller, day: SubdistrictDay, rows: Sequence[GridInForceRow]
) -> list[GridInForce]:
    """Return grids with the status by the norm of the day, their residents and workers."""
    population = population_queries.load_population_by_grid(session, caller, day)
    workers = grids_in_force.list_workers(session, caller, day)
    norms_of_day = norms.load_norms(session, caller, day)
    loads = norms.load_grid_loads(session, caller, day, rows, norms_of_day)
    return [
        _grid_in_force(
            row,
            (norms_of_day.of(row.community_id), loads[row.id]),
            to_population(population.get(row.id, population_queries.NOBODY)),
            workers.get(row.id, ()),
        )
        for row in rows
    ]


def _grid_in_force(
    row: GridInForceRow, judged_by: tuple[NormInForce, GridLoad], population: Population, workers: Sequence[str]
) -> GridInForce:
    norm, load = judged_by
    return GridInForce(
        id=row.id,
        code=row.code,
        name=row.name,
        community_id=row.community_id,
        kind=row.kind,
        status=judge_grid(row.kind, load, norm.norm),
        norm=norm,
        load=load,
        since=row.since,
        households=_households(row.households),
        buildings=row.buildings,
        residents=population.residents,
        residents_60=population.residents_60,
        population_basis=population.basis,
        area_m2=row.area_m2,
        workers=workers,
        reason=row.reason,
        extent=row.extent,
        shape=row.shape,
    )


def _households(totals: HouseholdTotals) -> Households:
    """Return households with the range widened to whole numbers."""
    return Households(totals.households, int(totals.low), -int(-totals.high // 1), totals.estimated)
