"""Buildings that are built, demolished and recounted: they change figures from their day on, and build no land."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import shapely
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridmap.core.errors import InvalidInput, NotFound, NotPossible
from gridmap.core.vocabulary import HouseholdKind
from gridmap.services.land import buildings
from gridmap.services.land.building_shapes import parse_shape
from gridmap.services.land.buildings import BuildingRequest, BuildingTexts, NewCount
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.grids import grids_in_force
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.schema import Land
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import EFFECTIVE_DATE, rolled_back_session
from tests.services.land.land_town import (
    EAST_CODE,
    WEST_CODE,
    LandTown,
    building_id,
    grid_of_buildings,
    place,
    session_of,
)

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
DAY = timedelta(days=1)
RESIDENT = HouseholdKind.RESIDENT
INSERT_BUILDING = text("""
INSERT INTO building (subdistrict_id, community_id, code, geometry)
SELECT subdistrict_id, id, 'x', ST_Point(0, 0, 4326) FROM community WHERE code = :code
""")
NEW = BuildingRequest("n1", place(60, 50, 20, 10), MAY, BuildingTexts("新楼"), 30)


@pytest.fixture
def planner(land_town: LandTown) -> Iterator[Session]:
    with session_of(land_town, "planner") as (session, _):
        yield session


@pytest.fixture
def west(land_town: LandTown) -> int:
    return land_town.communities[WEST_CODE]


def add(session: Session, community_id: int, request: BuildingRequest = NEW) -> int:
    return buildings.add_building(session, caller_of(session), community_id, request)


def households(session: Session, town: LandTown, day: date) -> int:
    grids = grids_in_force.list_grids(session, caller_of(session), SubdistrictDay(town.subdistrict_id, day))
    return sum(grid.households.households for grid in grids)


def test_a_new_building_is_in_the_grid_around_it_from_its_first_day_on(
    planner: Session, land_town: LandTown, west: int
) -> None:
    before = households(planner, land_town, JUNE)
    add(planner, west)
    on = {day: grid_of_buildings(planner, SubdistrictDay(land_town.subdistrict_id, day)) for day in (MAY - DAY, MAY)}
    assert "n1" not in on[MAY - DAY]
    assert on[MAY]["n1"] == on[MAY]["b2"]
    assert households(planner, land_town, MAY - DAY) == before
    assert households(planner, land_town, MAY) == before + 30


def test_no_land_is_built(planner: Session, west: int) -> None:
    lands = planner.scalar(select(func.count()).select_from(Land))
    add(planner, west)
    assert planner.scalar(select(func.count()).select_from(Land)) == lands


def test_a_station_adds_an_address_without_footprint(land_town: LandTown, west: int) -> None:
    with session_of(land_town, "west_station") as (session, _):
        key = add(session, west, BuildingRequest("addr", place(70, 60), MAY, BuildingTexts(address="中北路7号")))
        row = buildings.get_building(session, caller_of(session), key)
    assert (row.address, row.grid is not None, row.households) == ("中北路7号", True, None)


@pytest.mark.parametrize("name", ["leader", "west_station"])
def test_counts_are_refused_to_other_roles(land_town: LandTown, name: str) -> None:
    with session_of(land_town, name) as (session, caller), pytest.raises(DBAPIError, match="row-level security"):
        buildings.record_count(session, caller, building_id(session, "b1"), NewCount(RESIDENT, 1, MAY, "x"))


def test_a_planner_of_a_part_changes_no_building_elsewhere(land_town: LandTown) -> None:
    with session_of(land_town, "west_planner") as (session, caller):
        other = building_id(session, "b4")
        with pytest.raises(NotFound):
            buildings.demolish_building(session, caller, other, MAY)
        with pytest.raises(NotFound):
            add(session, land_town.communities[EAST_CODE])
        ended = session.execute(text("UPDATE building SET valid = '[2020-01-01,2021-01-01)' WHERE code = 'b4'"))
        assert ended.rowcount == 0  # type: ignore[attr-defined]


def test_the_database_refuses_a_building_in_a_foreign_community(land_town: LandTown) -> None:
    with session_of(land_town, "west_planner") as (session, _), pytest.raises(DBAPIError, match="row-level security"):
        session.execute(INSERT_BUILDING, {"code": EAST_CODE})


@pytest.mark.parametrize("name", ["west_planner", "leader"])
def test_links_are_made_by_those_who_may_add_buildings_there(land_town: LandTown, name: str) -> None:
    with session_of(land_town, name) as (session, _), pytest.raises(DBAPIError, match="not allowed"):
        session.execute(text("SELECT link_buildings(ARRAY(SELECT id FROM building WHERE code = 'b4'))"))


def test_a_building_on_the_border_belongs_to_the_community_with_most_of_it(
    planner: Session, land_town: LandTown, west: int
) -> None:
    across = BuildingRequest("n2", place(196, 150, 30, 12), MAY)
    with pytest.raises(InvalidInput, match="not in 水果湖社区"):
        add(planner, west, across)
    assert add(planner, land_town.communities[EAST_CODE], across)


def test_a_place_outside_is_refused(planner: Session, west: int) -> None:
    with pytest.raises(InvalidInput, match="not in"):
        add(planner, west, BuildingRequest("n3", place(-30, 50), MAY))
    assert add(planner, west, BuildingRequest("n4", place(-4, 50), MAY))


@pytest.mark.parametrize(
    ("request_", "column"),
    [
        (BuildingRequest("b1", NEW.shape, MAY), "code"),
        (BuildingRequest("n5", NEW.shape, date(2126, 1, 1)), "first"),
        (BuildingRequest("n5", NEW.shape, date(1899, 12, 31)), "first"),
        (BuildingRequest("n5", NEW.shape, MAY, households=20_001), "households"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    planner: Session, west: int, request_: BuildingRequest, column: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        add(planner, west, request_)
    assert [fault.column for fault in refused.value.faults] == [column]


def test_a_demolished_building_counts_up_to_the_day_before(planner: Session, land_town: LandTown) -> None:
    before = households(planner, land_town, JUNE)
    row = buildings.demolish_building(planner, caller_of(planner), building_id(planner, "b2"), JUNE)
    assert (row.end, row.grid) == (JUNE, None)
    assert households(planner, land_town, JUNE - DAY) == before
    assert households(planner, land_town, JUNE) == before - 80


def test_a_demolition_by_mistake_is_undone(planner: Session) -> None:
    caller, key = caller_of(planner), building_id(planner, "b2")
    buildings.demolish_building(planner, caller, key, JUNE)
    with pytest.raises(NotPossible, match="no longer since 2026-06-01"):
        buildings.demolish_building(planner, caller, key, JUNE)
    assert buildings.undo_demolition(planner, caller, key).end is None
    with pytest.raises(NotPossible, match="stands"):
        buildings.undo_demolition(planner, caller, key)


def test_a_code_may_be_given_again_after_a_demolition(planner: Session, west: int) -> None:
    key = building_id(planner, "b2")
    buildings.demolish_building(planner, caller_of(planner), key, MAY)
    assert add(planner, west, BuildingRequest("b2", NEW.shape, MAY))
    with pytest.raises(NotPossible, match="has the code b2"):
        buildings.undo_demolition(planner, caller_of(planner), key)


@pytest.mark.parametrize("end", [EFFECTIVE_DATE, date(2126, 1, 1)])
def test_a_building_is_demolished_after_its_first_day_and_not_in_the_future(planner: Session, end: date) -> None:
    with pytest.raises(InvalidInput):
        buildings.demolish_building(planner, caller_of(planner), building_id(planner, "b2"), end)


def test_a_recount_holds_from_its_day_and_corrects_one_of_the_same_day(planner: Session, land_town: LandTown) -> None:
    caller, key, before = caller_of(planner), building_id(planner, "b2"), households(planner, land_town, JUNE)
    for number in (90, 95):
        buildings.record_count(planner, caller, key, NewCount(RESIDENT, number, JUNE, "walk"))
    counts = buildings.list_counts(planner, caller, key)
    assert [(count.as_of, count.households, count.source) for count in counts][:1] == [(JUNE, 95, "walk")]
    assert len(counts) == 2
    assert households(planner, land_town, JUNE - DAY) == before
    assert households(planner, land_town, JUNE) == before + 15


def test_a_recount_is_of_a_day_on_which_the_building_stood(planner: Session) -> None:
    caller, key = caller_of(planner), building_id(planner, "b2")
    buildings.demolish_building(planner, caller, key, JUNE)
    buildings.record_count(planner, caller, key, NewCount(RESIDENT, 1, JUNE - DAY, "x"))
    for day in (JUNE, EFFECTIVE_DATE - DAY):
        with pytest.raises(InvalidInput):
            buildings.record_count(planner, caller, key, NewCount(RESIDENT, 1, day, "x"))


def test_a_small_building_joins_a_statistical_area_and_a_large_one_is_its_own(land_town: LandTown, west: int) -> None:
    areas = text(
        "SELECT code, statistical_area_id FROM statistical_area_building a JOIN building b ON b.id = building_id"
    )
    with rolled_back_session(land_town.url) as session:
        add(session, west, BuildingRequest("small", place(64, 40, 8, 6), MAY, households=19))
        add(session, west, BuildingRequest("large", place(64, 60, 8, 6), MAY, households=20))
        area: dict[str, int] = dict(session.execute(areas).all())
    assert area["small"] == area["b2"]
    assert list(area.values()).count(area["large"]) == 1


def test_a_list_finds_by_words_and_tells_demolished_buildings_apart(planner: Session, west: int) -> None:
    caller = caller_of(planner)
    add(planner, west)
    buildings.demolish_building(planner, caller, building_id(planner, "b2"), get_today(planner))
    standing = buildings.list_buildings(planner, caller, west)
    gone = buildings.list_buildings(planner, caller, west, demolished=True)
    assert [row.code for row in standing.buildings] == ["b1", "b3", "n1"]
    assert [row.code for row in gone.buildings] == ["b2"]
    assert [row.code for row in buildings.list_buildings(planner, caller, west, "新楼").buildings] == ["n1"]
    assert [row.code for row in buildings.list_buildings(planner, caller, west, "东湖 B1").buildings] == ["b1"]


def test_texts_are_replaced(planner: Session) -> None:
    caller, key = caller_of(planner), building_id(planner, "b2")
    buildings.rename_building(planner, caller, key, BuildingTexts("2号楼", None, "住宅", 7.0))
    row = buildings.get_building(planner, caller, key)
    assert (row.name, row.use, row.levels) == ("2号楼", "住宅", 7.0)


@pytest.mark.parametrize(
    "shape",
    [
        "",
        "nonsense",
        '{"type": "Point"}',
        '{"type": "LineString", "coordinates": [[0, 0], [1, 1]]}',
        "POINT (400 10)",
        "POINT (nan 10)",
        "POLYGON ((0 0, 0.001 0.001, 0.001 0, 0 0.001, 0 0))",
        "POLYGON ((0 0, 1e-6 0, 0 1e-6, 0 0))",
        "POLYGON ((0 0, 1 0, 0 1, 0 0))",
    ],
)
def test_what_is_no_building_is_no_shape(shape: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_shape(shape)
    assert refused.value.faults[0].column == "shape"


def test_footprints_are_read_from_geojson() -> None:
    text_ = '{"type": "Polygon", "coordinates": [[[114.3, 30.5], [114.3002, 30.5], [114.3, 30.5002], [114.3, 30.5]]]}'
    assert shapely.get_num_coordinates(parse_shape(text_)) == 4
