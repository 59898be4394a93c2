"""Residents as readers see them who see no persons: sums of statistical areas, which change by whole months."""

from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from gridmap.core.privacy.statistical_areas import MIN_HOUSEHOLDS
from gridmap.store import schema
from gridmap.store.session import Database
from gridmap.store.statistical_areas import create_missing_areas
from gridmap.store.writes.installation import set_rehearsal_date
from tests.fixtures.loaded_town import load_demo_presets, rolled_back_account_session, rolled_back_session
from tests.fixtures.subdistricts import open_sessions

TODAY = date(2026, 3, 14)
NEXT_MONTH = date(2026, 4, 2)
COUNTED_BY_GRID = text("""
    SELECT r.* FROM subdistrict s,
        area_residents_by_grid(s.id, :day, ARRAY(SELECT c.id FROM community c)) r
""")
COUNTED_FOR_ACCOUNT = text("SELECT r.* FROM subdistrict s, residents_by_grid(s.id, today()) r")
AREAS = """
    SELECT b.statistical_area_id AS area, b.building_id AS building, b.households, g.community_id AS community,
        a.grid_id AS grid, (SELECT count(*) FROM resident r JOIN household h ON h.id = r.household_id
            WHERE h.building_id = b.building_id AND h.valid @> today() AND r.valid @> today()) AS residents
    FROM statistical_area_building b
        JOIN building_cell c ON c.building_id = b.building_id
        JOIN assignment a ON a.cell_id = c.cell_id
        JOIN grid g ON g.id = a.grid_id
        JOIN adoption p ON p.revision_id = a.revision_id AND p.valid @> today()
    ORDER BY b.building_id
"""
OWN_GRIDS = text("""
    SELECT d.grid_id FROM duty d JOIN worker w ON w.id = d.worker_id JOIN account a ON a.id = w.account_id
    WHERE a.name = 'worker' AND d.kind = 'own_grid'
""")
MOVE_IN = text("""
    INSERT INTO resident (subdistrict_id, household_id, name, source, valid)
    SELECT h.subdistrict_id, h.id, '王小明', 'test', daterange('2026-01-01', NULL)
    FROM household h WHERE h.building_id = :building LIMIT 1
""")
NEW_REVISION = text("""
    INSERT INTO revision (plan_id, land_id, number, minimum, maximum, subdistrict_id, community_id)
    SELECT r.plan_id, r.land_id, 1000 + :building, r.minimum, r.maximum, r.subdistrict_id, r.community_id
    FROM revision r JOIN adoption p ON p.revision_id = r.id WHERE p.community_id = :community RETURNING id
""")
MOVED_ASSIGNMENT = text("""
    INSERT INTO assignment (revision_id, cell_id, grid_id, subdistrict_id)
    SELECT :revision, a.cell_id,
        CASE WHEN a.cell_id IN (SELECT c.cell_id FROM building_cell c WHERE c.building_id = :building)
            THEN :grid ELSE a.grid_id END, a.subdistrict_id
    FROM assignment a JOIN adoption p ON p.revision_id = a.revision_id WHERE p.community_id = :community
""")
NEW_COMMUNITY = text("""
    INSERT INTO community (subdistrict_id, code, name, geometry)
    SELECT subdistrict_id, 'new', 'new', geometry FROM community ORDER BY id LIMIT 1 RETURNING id
""")
NEW_BUILDING = text("""
    WITH new AS (
        INSERT INTO building (id, subdistrict_id, community_id, code, geometry, valid)
        SELECT :id, b.subdistrict_id, :community, 'new' || :id, b.geometry, b.valid
        FROM building b ORDER BY b.id LIMIT 1
        RETURNING id, subdistrict_id)
    INSERT INTO household_count (subdistrict_id, building_id, kind, households, low, high, source, as_of)
    SELECT subdistrict_id, id, 'resident', :households, :households, :households, 'test', DATE '2026-01-01' FROM new
""")
REPLACED_ADOPTION = text("UPDATE adoption SET revision_id = :revision WHERE community_id = :community")


@pytest.fixture(scope="module")
def demo_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Load the demo once for the tests of this module."""
    load_demo_presets(module_database_url, tmp_path_factory.mktemp("keys"), "strip")
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        open_sessions(session)
    database.close()
    return module_database_url


@pytest.fixture
def owner_session(demo_url: str) -> Iterator[Session]:
    with rolled_back_session(demo_url) as session:
        set_rehearsal_date(session, TODAY)
        session.execute(text("UPDATE adoption SET valid = daterange('2026-01-01', upper(valid))"))
        yield session


def read_areas(session: Session) -> pd.DataFrame:
    """Return the buildings with area, community, grid and residents."""
    return pd.read_sql(AREAS, session.connection())


def counted(session: Session, day: date = TODAY) -> dict[int, int | None]:
    """Return the residents by grid as an account of all communities sees them."""
    session.execute(text("SELECT count_areas_of_month(id) FROM subdistrict"))
    return {row.grid_id: row.residents for row in session.execute(COUNTED_BY_GRID, {"day": day})}


def counted_as(demo_url: str, role: str) -> dict[int, int | None]:
    """Return the residents by grid of today as the account of a role sees them."""
    with rolled_back_session(demo_url) as owner:
        account_id = owner.scalars(select(schema.Account.id).where(schema.Account.name == role)).one()
    with rolled_back_account_session(demo_url, account_id) as session:
        return {row.grid_id: row.residents for row in session.execute(COUNTED_FOR_ACCOUNT)}


def sums_of_areas(areas: pd.DataFrame) -> dict[int, int]:
    """Return the residents of whole areas by the grid that has most of their households."""
    parts = areas.groupby(["area", "grid"]).agg({"households": "sum"}).reset_index()
    parts = parts.sort_values(["area", "households", "grid"], ascending=[True, False, True]).drop_duplicates("area")
    residents = areas.groupby("area")["residents"].sum()
    sums = parts.assign(residents=parts["area"].map(residents)).groupby("grid")["residents"].sum()
    return {int(grid): int(number) for grid, number in zip(sums.index, sums.to_numpy(int), strict=True)}


def test_every_building_has_an_area_of_20_households_in_its_community(owner_session: Session) -> None:
    areas = read_areas(owner_session)
    buildings = owner_session.scalars(text("SELECT count(*) FROM building")).one()
    by_area = areas.groupby("area")
    assert len(areas) == buildings > 100
    assert by_area["households"].sum().min() >= MIN_HOUSEHOLDS
    assert by_area["community"].nunique().max() == 1
    assert len(by_area) > len(areas) / 10


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_counts_are_sums_of_whole_areas(demo_url: str, role: str) -> None:
    shown = counted_as(demo_url, role)
    with rolled_back_session(demo_url) as owner:
        expected = sums_of_areas(read_areas(owner))
    assert {grid: number for grid, number in shown.items() if number is not None} == {
        grid: number for grid, number in expected.items() if number >= 5
    }
    assert len(expected) > 10


def test_no_plan_that_moves_one_building_discloses_its_residents(owner_session: Session) -> None:
    areas = read_areas(owner_session)
    area_sums = {0, *areas.groupby("area")["residents"].sum()}
    before = counted(owner_session)
    shared = areas[areas.groupby("area")["building"].transform("size") > 1]
    moved = 0
    for building, community, grid in shared.drop_duplicates("area")[["building", "community", "grid"]].to_numpy(int)[
        :12
    ]:
        with owner_session.begin_nested() as step:
            _move(owner_session, int(building), int(community), int(grid))
            after = counted(owner_session)
            step.rollback()
        differences = {abs((after.get(grid) or 0) - (before.get(grid) or 0)) for grid in {*before, *after}}
        assert differences <= area_sums
        moved += 1
    assert moved == 12


def _move(session: Session, building: int, community: int, grid: int) -> None:
    """Put a plan into force that differs by one building, which goes to the next grid of the community."""
    grids = session.scalars(select(schema.Grid.id).where(schema.Grid.community_id == community)).all()
    values = {"building": building, "community": community, "grid": next(each for each in grids if each != grid)}
    revision = session.execute(NEW_REVISION, values).scalar_one()
    session.execute(MOVED_ASSIGNMENT, {**values, "revision": revision})
    session.execute(REPLACED_ADOPTION, {**values, "revision": revision})


def test_a_new_resident_is_counted_in_the_next_month(owner_session: Session) -> None:
    building = int(read_areas(owner_session).nlargest(1, "residents")["building"].iloc[0])
    before = counted(owner_session)
    owner_session.execute(MOVE_IN, {"building": building})
    assert counted(owner_session) == before
    set_rehearsal_date(owner_session, NEXT_MONTH)
    after = counted(owner_session, NEXT_MONTH)
    assert sum(filter(None, after.values())) == sum(filter(None, before.values())) + 1
    assert counted(owner_session, TODAY) == before


def test_days_before_the_first_count_have_its_values(owner_session: Session) -> None:
    first = counted(owner_session)
    early = counted(owner_session, TODAY - timedelta(days=3))
    assert early == first


def test_a_worker_sees_the_own_grid_exactly_and_no_part_of_an_area(demo_url: str) -> None:
    shown = counted_as(demo_url, "worker")
    with rolled_back_session(demo_url) as owner:
        own, areas = owner.scalars(OWN_GRIDS).all(), read_areas(owner)
    exact, whole = areas.groupby("grid")["residents"].sum(), sums_of_areas(areas)
    assert {grid: shown[grid] for grid in own} == {grid: int(exact[grid]) for grid in own}
    assert all(number in (None, whole.get(grid)) for grid, number in shown.items() if grid not in own)
    assert len(shown) > len(own) > 0


def test_a_station_sees_exact_numbers(demo_url: str) -> None:
    shown = counted_as(demo_url, "station")
    with rolled_back_session(demo_url) as owner:
        exact = read_areas(owner).groupby("grid")["residents"].sum()
    assert shown == {grid: exact[grid] for grid in shown}
    assert len(shown) > 5


def test_buildings_that_come_later_join_an_area(owner_session: Session) -> None:
    copied = """
        INSERT INTO building (subdistrict_id, community_id, code, geometry, valid)
        SELECT subdistrict_id, community_id, 'new', geometry, valid FROM building LIMIT 1 RETURNING id
    """
    new = owner_session.execute(text(copied)).scalar_one()
    before = read_areas(owner_session).set_index("building")["area"]
    create_missing_areas(owner_session.connection())
    joined = select(schema.StatisticalAreaBuilding.statistical_area_id).where(
        schema.StatisticalAreaBuilding.building_id == bindparam("new")
    )
    assert owner_session.execute(joined, {"new": new}).scalar_one() in set(before)
    assert read_areas(owner_session).set_index("building")["area"].equals(before)


def test_an_area_with_few_households_grows_by_a_later_building_of_any_key(owner_session: Session) -> None:
    community = owner_session.execute(NEW_COMMUNITY).scalar_one()
    for building_id, households in ((900_002, 10), (900_001, 30)):
        owner_session.execute(NEW_BUILDING, {"id": building_id, "community": community, "households": households})
        create_missing_areas(owner_session.connection())
    areas = select(schema.StatisticalArea.id).where(schema.StatisticalArea.community_id == community)
    area = owner_session.scalars(areas).one()
    buildings = select(schema.StatisticalAreaBuilding).filter_by(statistical_area_id=area)
    assert {row.building_id: row.households for row in owner_session.scalars(buildings)} == {900_001: 30, 900_002: 10}
