"""Incidents by grid and by square: as geopandas counts them, and told to each role as far as they may be."""

from collections.abc import Iterator
from datetime import date
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Polygon
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.errors import BadInput
from gridmap.core.names import IncidentStatus
from gridmap.core.small_counts import FEW, Told, told, total
from gridmap.services import heat
from gridmap.services.demo import load_demo
from gridmap.services.heat import Wish
from gridmap.store import schema
from gridmap.store.incidents import Span
from gridmap.store.session import Database
from tests.loaded import undone
from tests.offices import app_url
from tests.plain_heat import INCIDENTS, Plain, placed, stored, stored_by_grid, stored_by_square, told_by_grid, wishes

CODE = "440199001"
EVER = Wish(Span(date(2000, 1, 1), date.today()))  # noqa: DTZ011
GIVEN_AWAY = range(1, FEW)
COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 12))
CATEGORIES = st.sets(st.sampled_from("abcdefgh"))


@pytest.fixture(scope="module")
def demo(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The demo, and a second subdistrict beside it."""
    database = Database(module_database_url, trusted=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(tmp_path_factory.mktemp("keys")))
        load_demo(database)
        load_demo(database, "towers")
    database.close()
    return module_database_url


@pytest.fixture
def owners(demo: str) -> Iterator[Session]:
    with undone(demo) as session:
        yield session


def of_account(demo: str, owners: Session, name: str) -> Iterator[Session]:
    number = owners.scalars(select(schema.Account.id).where(schema.Account.name == name)).one()
    with undone(app_url(demo), number) as session:
        yield session


@pytest.fixture
def leader(demo: str, owners: Session) -> Iterator[Session]:
    yield from of_account(demo, owners, "leader")


@pytest.fixture
def station(demo: str, owners: Session) -> Iterator[Session]:
    yield from of_account(demo, owners, "station")


@pytest.fixture
def stranger(demo: str, owners: Session) -> Iterator[Session]:
    yield from of_account(demo, owners, "leader-towers")


@pytest.fixture
def home(owners: Session) -> int:
    return owners.scalars(select(schema.Subdistrict.id).where(schema.Subdistrict.code == CODE)).one()


@pytest.fixture
def plain(demo: str) -> Plain:
    """Incidents as they lie in the database, as points and times."""
    return placed(stored(demo, INCIDENTS, "i", CODE), demo, CODE)


@pytest.fixture
def stations(plain: Plain, station: Session, home: int) -> Plain:
    """Those of the communities of the station."""
    grids = [each.grid for each in heat.by_grid(station, home, EVER).grids]
    return plain.of({grid.community for grid in grids})


def shapes(session: Session, home: int) -> list[Polygon]:
    return [each.shape for each in heat.by_square(session, home, EVER)]


def measure(west: float, south: float, east: float, north: float) -> float:
    """Metres between two places in degrees."""
    return float(Geod(ellps="WGS84").inv(west, south, east, north)[2])


def every_told(session: Session, home: int, wish: Wish) -> list[Told]:
    """All that a page of heat may tell."""
    found = heat.by_grid(session, home, wish)
    spots = chain((each.spot for each in found.grids), (each.spot for each in heat.by_square(session, home, wish)))
    pairs = [(spot.told, spot.before) for spot in spots]
    return [found.outside, found.all, *chain.from_iterable(pairs)]


def test_what_is_compared_is_all_of_the_demo(plain: Plain) -> None:
    assert len(plain.rows) == 4_290
    assert plain.rows["grid"].notna().all()
    assert 0 < plain.rows["closed_at"].isna().sum() < len(plain.rows)


def test_by_grid_sixty_times_as_geopandas_counts(owners: Session, home: int, plain: Plain) -> None:
    for wish in wishes(plain, 60, seed=1):
        assert told_by_grid(owners, home, wish) == plain.by_grid(wish), wish
        assert stored_by_grid(owners, home, wish) == len(plain.chosen(wish))


def test_by_square_sixty_times_as_geopandas_counts(owners: Session, home: int, plain: Plain) -> None:
    for wish in wishes(plain, 60, seed=2):
        assert stored_by_square(owners, home, wish) == plain.by_square(wish), wish


def test_a_station_is_told_the_numbers_of_its_communities(station: Session, home: int, stations: Plain) -> None:
    for wish in (each for each in wishes(stations, 60, seed=3) if each.span.last >= stations.since):
        assert told_by_grid(station, home, wish) == stations.by_grid(wish), wish


def test_a_station_is_told_the_squares_of_its_communities(station: Session, home: int, stations: Plain) -> None:
    for wish in wishes(stations, 60, seed=4):
        assert stored_by_square(station, home, wish) == stations.by_square(wish), wish


def test_a_stations_part_is_less_than_all(plain: Plain, stations: Plain) -> None:
    assert 0 < len(stations.rows) < len(plain.rows)


def test_a_leader_is_told_no_number_below_five(leader: Session, home: int, plain: Plain) -> None:
    for wish in wishes(plain, 20, seed=5, crossed=False):
        assert not [each for each in every_told(leader, home, wish) if each.number in GIVEN_AWAY], wish


def test_a_leader_is_told_larger_numbers_as_they_are(leader: Session, home: int, plain: Plain) -> None:
    for wish in wishes(plain, 20, seed=6, crossed=False):
        real, found = plain.by_grid(wish), told_by_grid(leader, home, wish)
        assert set(found) >= set(real)
        assert all(number in (None, real.get(code, 0)) for code, number in found.items())
    assert sum(number is not None for number in told_by_grid(leader, home, EVER).values()) > 10


def test_a_leader_is_not_told_categories_of_one_status(leader: Session, station: Session, home: int) -> None:
    crossed = Wish(EVER.span, heat.categories(leader, home)[:1], IncidentStatus.OPEN)
    with pytest.raises(BadInput) as refused:
        heat.by_grid(leader, home, crossed)
    assert refused.value.faults[0].column == "status"
    assert heat.by_grid(station, home, crossed).grids


def test_squares_are_200_metres_wide(owners: Session, home: int) -> None:
    found = [shape.bounds for shape in shapes(owners, home)]
    sides = [measure(west, south, *end) for west, south, east, north in found for end in ((east, south), (west, north))]
    assert len(found) > 3
    assert max(abs(side - 200) for side in sides) < 0.2


def test_squares_have_the_incidents_that_lie_in_them(demo: str, owners: Session, home: int) -> None:
    numbers = [each.spot.told.number for each in heat.by_square(owners, home, EVER)]
    points = stored(demo, INCIDENTS, "i", CODE).geometry
    assert [int(points.within(shape).sum()) for shape in shapes(owners, home)] == numbers
    assert sum(number or 0 for number in numbers) == 4_290


def test_the_leader_of_another_subdistrict_is_told_nothing(stranger: Session, home: int) -> None:
    assert heat.place(stranger, CODE) is None
    assert not told_by_grid(stranger, home, EVER)
    assert not heat.by_grid(stranger, home, EVER).grids
    assert not heat.categories(stranger, home)


@given(COUNTS, CATEGORIES, CATEGORIES)
def test_differences_of_what_is_told_give_no_few_away(counts: dict[str, int], some: set[str], more: set[str]) -> None:
    less, all_of_it = told(counts, some).number, told(counts, some | more).number
    if less is not None and all_of_it is not None:
        assert all_of_it - less not in GIVEN_AWAY


@given(COUNTS, CATEGORIES)
def test_difference_to_the_whole_gives_no_few_away(counts: dict[str, int], some: set[str]) -> None:
    part, whole = told(counts, some).number, told(counts).number
    if part is not None and whole is not None:
        assert whole - part not in GIVEN_AWAY


@given(COUNTS, CATEGORIES)
def test_what_is_told_is_true(counts: dict[str, int], some: set[str]) -> None:
    found, real = told(counts, some), sum(counts.get(name, 0) for name in some)
    assert found.number not in GIVEN_AWAY
    assert found.low <= real <= (real if found.high is None else found.high)


@given(st.lists(COUNTS))
def test_a_total_adds_what_is_told(places: list[dict[str, int]]) -> None:
    found = total([told(each) for each in places])
    hidden = [told(each) for each in places if told(each).number is None]
    assert (found.number is None) == bool(hidden)
    assert found.low <= sum(sum(each.values()) for each in places)
