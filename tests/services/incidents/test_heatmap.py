"""Incidents by grid and by square: equal to the counts of geopandas, by role."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from pyproj import Geod
from shapely import Polygon
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.services.incidents import heatmap
from gridmap.services.incidents.heatmap import IncidentFilter
from gridmap.store import schema
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.incident_counts import list_recorded_days
from tests.fixtures.callers import caller_of
from tests.fixtures.geopandas_oracle import (
    INCIDENTS,
    ExpectedIncidents,
    count_stored_by_grid,
    locate,
    random_filters,
    read_layer,
    shown_by_grid,
    shown_on_border,
    stored_by_square,
)
from tests.fixtures.loaded_town import load_demo_presets, rolled_back_account_session, rolled_back_session

SUBDISTRICT_CODE = "440199001"
ALL_INCIDENTS = IncidentFilter(DateRange(date(2000, 1, 1), date.today()))  # noqa: DTZ011 - the day of the machine


@pytest.fixture(scope="module")
def demo_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Load the demo and a second subdistrict."""
    load_demo_presets(module_database_url, tmp_path_factory.mktemp("keys"), "strip", "towers")
    return module_database_url


@pytest.fixture
def owner_session(demo_url: str) -> Iterator[Session]:
    with rolled_back_session(demo_url) as session:
        yield session


def session_as(demo_url: str, owner_session: Session, name: str) -> Iterator[Session]:
    number = owner_session.scalars(select(schema.Account.id).where(schema.Account.name == name)).one()
    with rolled_back_account_session(demo_url, number) as session:
        yield session


@pytest.fixture
def leader(demo_url: str, owner_session: Session) -> Iterator[Session]:
    yield from session_as(demo_url, owner_session, "leader")


@pytest.fixture
def station(demo_url: str, owner_session: Session) -> Iterator[Session]:
    yield from session_as(demo_url, owner_session, "station")


@pytest.fixture
def foreign_leader(demo_url: str, owner_session: Session) -> Iterator[Session]:
    yield from session_as(demo_url, owner_session, "leader-towers")


@pytest.fixture
def subdistrict_id(owner_session: Session) -> int:
    return owner_session.scalars(select(schema.Subdistrict.id).where(schema.Subdistrict.code == SUBDISTRICT_CODE)).one()


@pytest.fixture
def expected_incidents(demo_url: str) -> ExpectedIncidents:
    """Return the incidents of the database as points and times."""
    return locate(read_layer(demo_url, INCIDENTS, "i", SUBDISTRICT_CODE), demo_url, SUBDISTRICT_CODE)


@pytest.fixture
def station_incidents(
    expected_incidents: ExpectedIncidents, station: Session, subdistrict_id: int
) -> ExpectedIncidents:
    """Return the incidents of the communities of the station."""
    grids = [
        each.grid for each in heatmap.load_grid_heat(station, caller_of(station), subdistrict_id, ALL_INCIDENTS).grids
    ]
    return expected_incidents.in_communities({grid.community_id for grid in grids})


def community_shapes(session: Session, subdistrict_id: int) -> list[Polygon]:
    return [each.shape for each in heatmap.load_square_heat(session, caller_of(session), subdistrict_id, ALL_INCIDENTS)]


def distance_m(west: float, south: float, east: float, north: float) -> float:
    """Return the distance of two points in degrees."""
    return float(Geod(ellps="WGS84").inv(west, south, east, north)[2])


def test_what_is_compared_is_all_of_the_demo(expected_incidents: ExpectedIncidents) -> None:
    assert len(expected_incidents.rows) == 4_290
    assert expected_incidents.rows["grid"].notna().all()
    assert 0 < expected_incidents.rows["closed_at"].isna().sum() < len(expected_incidents.rows)


def test_by_grid_many_times_as_geopandas_counts(
    owner_session: Session, subdistrict_id: int, expected_incidents: ExpectedIncidents, filter_count: int
) -> None:
    for filters in random_filters(expected_incidents, filter_count, seed=1):
        assert shown_by_grid(owner_session, subdistrict_id, filters) == expected_incidents.by_grid(filters), filters
        assert count_stored_by_grid(owner_session, subdistrict_id, filters) == len(expected_incidents.matching(filters))


def test_on_the_border_many_times_as_geopandas_counts(
    owner_session: Session,
    leader: Session,
    subdistrict_id: int,
    expected_incidents: ExpectedIncidents,
    filter_count: int,
) -> None:
    assert sum(expected_incidents.on_border(ALL_INCIDENTS).values()) > 100
    for filters in random_filters(expected_incidents, filter_count, seed=6):
        expected = expected_incidents.on_border(filters)
        assert shown_on_border(owner_session, subdistrict_id, filters) == expected, filters
        assert shown_on_border(leader, subdistrict_id, filters) == expected, filters


def test_the_database_finds_the_near_cells_that_the_import_found(owner_session: Session) -> None:
    differing = "SELECT count(*) FROM incident WHERE near_cell_ids <> near_cells(subdistrict_id, geometry, cell_id)"
    assert owner_session.scalar(text(differing)) == 0
    assert owner_session.scalar(text("SELECT count(*) FROM incident WHERE near_cell_ids <> '{}'")) > 100


def test_the_database_finds_the_streets_that_the_import_found(owner_session: Session) -> None:
    found = "street_id IS NOT DISTINCT FROM nearest_street(subdistrict_id, geometry)"
    counts = text(f"SELECT count(*) FILTER (WHERE NOT ({found})), count(street_id) FROM incident")
    differing, on_street = owner_session.execute(counts).one()
    assert differing == 0
    assert on_street > 100


def test_by_square_many_times_as_geopandas_counts(
    owner_session: Session, subdistrict_id: int, expected_incidents: ExpectedIncidents, filter_count: int
) -> None:
    for filters in random_filters(expected_incidents, filter_count, seed=2):
        assert stored_by_square(owner_session, subdistrict_id, filters) == expected_incidents.by_square(filters), (
            filters
        )


def test_a_station_is_told_the_numbers_of_its_communities(
    station: Session, subdistrict_id: int, station_incidents: ExpectedIncidents, filter_count: int
) -> None:
    for filters in (
        each
        for each in random_filters(station_incidents, filter_count, seed=3)
        if each.date_range.last >= station_incidents.grids_since
    ):
        assert shown_by_grid(station, subdistrict_id, filters) == station_incidents.by_grid(filters), filters


def test_a_station_is_told_the_squares_of_its_communities(
    station: Session, subdistrict_id: int, station_incidents: ExpectedIncidents, filter_count: int
) -> None:
    for filters in random_filters(station_incidents, filter_count, seed=4):
        assert stored_by_square(station, subdistrict_id, filters) == station_incidents.by_square(filters), filters


def recorded_days(incidents: ExpectedIncidents, date_range: DateRange) -> DateRange | None:
    days = incidents.matching(IncidentFilter(date_range))["occurred_at"].dt.date
    return None if days.empty else DateRange(days.min(), days.max())


def test_the_days_of_records_are_those_of_the_incidents_of_the_subdistrict(
    owner_session: Session, subdistrict_id: int, expected_incidents: ExpectedIncidents, filter_count: int
) -> None:
    for date_range in (each.date_range for each in random_filters(expected_incidents, filter_count, seed=5)):
        [found] = list_recorded_days(owner_session, caller_of(owner_session), subdistrict_id, [date_range])
        assert found == recorded_days(expected_incidents, date_range)


@pytest.mark.parametrize(("length", "is_compared"), [(20, True), (21, False)])
def test_grids_are_compared_with_a_period_that_has_records(
    owner_session: Session, subdistrict_id: int, expected_incidents: ExpectedIncidents, length: int, is_compared: bool
) -> None:
    first = expected_incidents.rows["occurred_at"].dt.date.min() + timedelta(20)
    filters = IncidentFilter(DateRange(first, first + timedelta(length - 1)))
    heat = heatmap.load_grid_heat(owner_session, caller_of(owner_session), subdistrict_id, filters)
    assert [each.value.previous is not None for each in heat.grids] == [is_compared] * 15
    assert any(each.value.change for each in heat.grids) is is_compared


def test_a_stations_part_is_less_than_all(
    expected_incidents: ExpectedIncidents, station_incidents: ExpectedIncidents
) -> None:
    assert 0 < len(station_incidents.rows) < len(expected_incidents.rows)


def test_a_leader_is_told_the_exact_numbers_of_ordinary_incidents(
    leader: Session, subdistrict_id: int, expected_incidents: ExpectedIncidents, filter_count: int
) -> None:
    ordinary = expected_incidents.ordinary()
    assert 2_000 < len(ordinary.rows) < len(expected_incidents.rows)
    for filters in random_filters(ordinary, filter_count, seed=5):
        assert shown_by_grid(leader, subdistrict_id, filters) == ordinary.by_grid(filters), filters
        assert stored_by_square(leader, subdistrict_id, filters) == ordinary.by_square(filters), filters


def test_a_leader_is_told_nothing_of_the_other_classes(
    leader: Session, subdistrict_id: int, expected_incidents: ExpectedIncidents
) -> None:
    rows = expected_incidents.rows
    others = sorted(set(rows.loc[rows["access_class"] != "ordinary", "category"]))
    assert len(others) > 5
    assert not shown_by_grid(leader, subdistrict_id, IncidentFilter(ALL_INCIDENTS.date_range, others))
    assert not set(others) & set(heatmap.list_categories(leader, caller_of(leader), subdistrict_id))


def test_squares_are_200_metres_wide(owner_session: Session, subdistrict_id: int) -> None:
    heat = [shape.bounds for shape in community_shapes(owner_session, subdistrict_id)]
    sides = [
        distance_m(west, south, *end) for west, south, east, north in heat for end in ((east, south), (west, north))
    ]
    assert len(heat) > 3
    assert max(abs(side - 200) for side in sides) < 0.2


def test_squares_have_the_incidents_that_lie_in_them(
    demo_url: str, owner_session: Session, subdistrict_id: int
) -> None:
    numbers = [
        each.value.count
        for each in heatmap.load_square_heat(owner_session, caller_of(owner_session), subdistrict_id, ALL_INCIDENTS)
    ]
    points = read_layer(demo_url, INCIDENTS, "i", SUBDISTRICT_CODE).geometry
    assert [int(points.within(shape).sum()) for shape in community_shapes(owner_session, subdistrict_id)] == numbers
    assert sum(numbers) == 4_290


def test_the_leader_of_another_subdistrict_is_told_nothing(foreign_leader: Session, subdistrict_id: int) -> None:
    assert heatmap.resolve_subdistrict(foreign_leader, caller_of(foreign_leader), SUBDISTRICT_CODE) is None
    assert not shown_by_grid(foreign_leader, subdistrict_id, ALL_INCIDENTS)
    assert not heatmap.load_grid_heat(foreign_leader, caller_of(foreign_leader), subdistrict_id, ALL_INCIDENTS).grids
    assert not heatmap.list_categories(foreign_leader, caller_of(foreign_leader), subdistrict_id)
