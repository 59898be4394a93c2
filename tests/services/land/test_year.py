"""A year of a community through the services: figures of every date equal those computed from the events."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import InvalidInput
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import HouseholdKind
from gridmap.services.grids.incident_counts import DateRange, IncidentFilter, count_by_grid
from gridmap.services.land import buildings as building_services
from gridmap.services.land.buildings import BuildingRequest, NewCount
from gridmap.services.land.rebuild import RebuildRequest, rebuild_land
from gridmap.services.plans.adoption import adopt
from gridmap.services.plans.changes import save_revision
from gridmap.services.plans.revisions import list_community_revisions
from gridmap.store.queries.grids import grids_in_force, population
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans.revision_contents import get_grid_codes_by_cell
from gridmap.store.schema import Building, BuildingCell, Community, Grid, Household
from tests.fixtures.loaded_town import EFFECTIVE_DATE, load_town, rolled_back_session
from tests.services.land.land_town import WEST_CODE, grid_of_buildings, place
from tests.services.land.year_town import (
    Figures,
    PlainBuilding,
    compute_figures,
    compute_grids,
    grid_of,
    load_plans,
    year_layers,
)

DAY = timedelta(days=1)
SIDE = 400
INSERT_RESIDENTS = text("""
WITH h AS (INSERT INTO household (subdistrict_id, building_id, kind, source, valid)
    SELECT subdistrict_id, id, 'resident', 'test', '[2026-01-01,)' FROM building WHERE code = :code RETURNING *)
INSERT INTO resident (subdistrict_id, household_id, name, source, valid)
SELECT subdistrict_id, id, '张三', 'test', '[2026-01-01,)' FROM h, generate_series(1, :number)
""")
INSERT_INCIDENT = text("""
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
SELECT s.id, :number, 'street_lamp', 'hotline', '2026-03-02 10:00', (SELECT c.id FROM cell c
    WHERE ST_Intersects(c.geometry, p.g) ORDER BY c.id LIMIT 1), p.g
FROM subdistrict s, (SELECT ST_SetSRID(CAST(:shape AS geometry), 4326) AS g) p
""")


@dataclass(frozen=True)
class YearSize:
    """Numbers of events."""

    built: int
    demolished: int
    recounts: int
    samples: int


@dataclass
class Year:
    """A year that goes on day by day, with its events as plain values."""

    session: Session
    numbers: np.random.Generator
    buildings: list[PlainBuilding]
    points: list[shapely.Point]
    today: date = EFFECTIVE_DATE

    @property
    def west(self) -> int:
        return self.session.scalars(select(Community.id).where(Community.code == WEST_CODE)).one()

    @property
    def subdistrict_id(self) -> int:
        return self.session.scalars(select(Community.subdistrict_id).limit(1)).one()

    def go_to(self, on: date) -> None:
        self.today = on
        self.session.execute(text("UPDATE installation SET rehearsal_date = :on"), {"on": on})

    def key_of(self, code: str) -> int:
        return self.session.scalars(select(Building.id).where(Building.code == code)).one()

    def choose(self) -> PlainBuilding:
        standing = [each for each in self.buildings if each.stands(self.today) and each.first < self.today]
        return standing[self.numbers.integers(len(standing))]

    def build(self) -> None:
        """Build a house of 5 m by 5 m where a plan in force has one grid around it."""
        plans = load_plans(self.session)
        while True:
            x, y = self.numbers.uniform(5, (2 * SIDE - 10, SIDE - 10)).tolist()
            shape = place(x, y, 5, 5)
            inside = [plan for plan in plans if plan.first <= self.today and (not plan.end or self.today < plan.end)]
            if any(grid.covers(shape) for plan in inside for grid in plan.shapes):
                break
        centre, code = shape.centroid, f"new-{len(self.buildings)}"
        community = self.session.scalars(
            select(Community.id).where(Community.geometry.ST_Intersects(f"SRID=4326;{centre.wkt}"))
        ).one()
        households = int(self.numbers.integers(0, 30))
        request = BuildingRequest(code, shape, self.today, households=households)
        building_services.add_building(self.session, OWNER, community, request)
        self.buildings.append(PlainBuilding(code, shape, self.today, None, {self.today: households}))

    def demolish(self) -> None:
        building = self.choose()
        building_services.demolish_building(self.session, OWNER, self.key_of(building.code), self.today)
        building.end = self.today

    def recount(self) -> None:
        building, households = self.choose(), int(self.numbers.integers(0, 80))
        count = NewCount(HouseholdKind.RESIDENT, households, self.today, "walk")
        building_services.record_count(self.session, OWNER, self.key_of(building.code), count)
        building.counts[self.today] = households

    def adopt_a_move(self, days: int) -> None:
        """Move the cell of a building to a neighbouring grid, and adopt that some days later."""
        latest = list_community_revisions(self.session, OWNER, self.west)[0]
        codes = get_grid_codes_by_cell(self.session, OWNER, latest.id)
        cells = self.session.scalars(
            select(BuildingCell.cell_id).where(BuildingCell.land_id == latest.row.land_id).distinct()
        ).all()
        order = self.numbers.permutation(len(cells)).tolist()
        moves = ((cells[n], code) for n in order for code in sorted(set(codes.values())) if codes[cells[n]] != code)
        for cell, code in moves:
            try:
                saved = save_revision(self.session, OWNER, latest.id, {cell: code}, on=self.today)
            except InvalidInput:  # the move would cut a grid in two
                continue
            adopt(self.session, OWNER, saved.id, self.today + timedelta(days))
            return

    def mend(self) -> None:
        """Give a block of the neighbour to the west, and build the land of both anew."""
        shape = shapely.union_all([place(0, 0, SIDE, SIDE), place(SIDE - 1, 100, 101, 100)])
        rebuild_land(self.session, OWNER, RebuildRequest(self.west, {self.west: shape}, "调整边界"))

    def stored_figures(self, on: date) -> Figures:
        day = SubdistrictDay(self.subdistrict_id, on)
        rows = population.load_population_by_grid(self.session, OWNER, day)
        return {
            grid.code: (grid.buildings, grid.households.households, rows.get(grid.id, population.NOBODY).residents or 0)
            for grid in grids_in_force.list_grids(self.session, OWNER, day)
            if grid.buildings
        }

    def stored_incidents(self, on: date) -> dict[str, int]:
        codes = dict(self.session.execute(select(Grid.id, Grid.code)).all())
        march = IncidentFilter(DateRange(date(2026, 3, 1), date(2026, 3, 31)))
        counts = count_by_grid(self.session, OWNER, SubdistrictDay(self.subdistrict_id, on), march)
        return {codes[grid]: count.current for grid, count in counts.items() if grid and count.current}


def begin_year(session: Session, seed: int) -> Year:
    """Return the town on its first day, with residents in some buildings and incidents at random points."""
    numbers = np.random.default_rng(seed)
    layer = year_layers()["buildings"].to_crs(4326)
    rows = session.execute(select(Building.code, Building.geometry)).all()
    shapes = {code: shapely.from_wkb(shape.desc) for code, shape in rows}
    counts = dict(zip(layer["building_id"], layer["households"].tolist(), strict=True))
    buildings = [
        PlainBuilding(code, shapes[code], EFFECTIVE_DATE, None, {EFFECTIVE_DATE: counts[code]}) for code in counts
    ]
    for building in buildings[::4]:
        building.residents = int(numbers.integers(1, 9))
        session.execute(INSERT_RESIDENTS, {"code": building.code, "number": building.residents})
    points = [place(*numbers.uniform(1, (2 * SIDE - 1, SIDE - 1))) for _ in range(60)]
    for number, point in enumerate(points):
        session.execute(INSERT_INCIDENT, {"number": f"i-{number}", "shape": point.wkt})
    return Year(session, numbers, buildings, points)


def live_through(year: Year, size: YearSize) -> date:
    """Carry out the events of a year in their order; return the day on which the boundary was mended."""
    kinds: list[Callable[[], None]] = [year.build] * size.built + [year.demolish] * size.demolished
    kinds += [year.recount] * size.recounts
    order = year.numbers.permutation(len(kinds))
    offsets = np.sort(year.numbers.integers(1, 360, len(kinds)))
    mended = EFFECTIVE_DATE + 170 * DAY
    fixed: list[tuple[int, int, Callable[[], None]]] = [
        (60, -1, lambda: year.adopt_a_move(14)),
        (150, -1, lambda: year.adopt_a_move(50)),  # approved before the boundary is mended, in force after it
        (170, -1, year.mend),
        (300, -1, lambda: year.adopt_a_move(7)),
    ]
    events = [(int(offset), n, kinds[kind]) for n, (offset, kind) in enumerate(zip(offsets, order, strict=True))]
    for offset, _, event in sorted(events + fixed, key=lambda each: each[:2]):
        year.go_to(EFFECTIVE_DATE + offset * DAY)
        event()
    year.go_to(EFFECTIVE_DATE + 365 * DAY)
    return mended


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(YearSize(6, 3, 12, 6), id="a small year"),
        pytest.param(YearSize(40, 10, 200, 24), id="a whole year", marks=pytest.mark.full),
    ],
)
def test_figures_of_every_date_equal_those_computed_from_the_events(
    database_url: str, tmp_path: Path, size: YearSize
) -> None:
    load_town(database_url, tmp_path, year_layers(), PartitionSettings(Profile(300, 700)))
    with rolled_back_session(database_url) as session:
        year = begin_year(session, seed=8)
        mended = live_through(year, size)
        plans = load_plans(session)
        assert len(plans) == 7  # west: the first plan, three moves, the split at the mended day; east: two
        days = [mended - DAY, mended, *(EFFECTIVE_DATE + int(n) * DAY for n in np.linspace(0, 364, size.samples - 2))]
        for day in days:
            on = SubdistrictDay(year.subdistrict_id, day)
            assert grid_of_buildings(session, on) == compute_grids(year.buildings, plans, day), day
            assert year.stored_figures(day) == compute_figures(year.buildings, plans, day), day
            by_polygon = [grid_of(point, plans, day) for point in year.points]
            counted = {code: by_polygon.count(code) for code in set(by_polygon) if code}
            assert year.stored_incidents(day) == counted, day
        before, after = (grid_of_buildings(session, SubdistrictDay(year.subdistrict_id, day)) for day in days[:2])
        changed = {code for code in before.keys() & after.keys() if before[code] != after[code]}
        assert {before[code][: len(WEST_CODE)] for code in changed} <= {WEST_CODE[:-1] + "2"}  # type: ignore[index]
        assert session.scalars(select(Household.id)).first()
