"""The keystone: one building moves, and on that day everything follows; not before, and what was true stays true."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import select

from gridmap.services import grids, happened, heat, people
from gridmap.services.happened import NONE
from gridmap.store import access, schema
from gridmap.store.in_force import Day
from tests.keystone import A_DAY, OTHER_WORKER, WEEK, Case, case, grids_on
from tests.offices import PASSWORD
from tests.seen import Seen, by_grid
from tests.web.offices import sent

WHEN = pytest.mark.parametrize("late", [False, True], ids=["the day before", "on the day"])
Days = dict[date, tuple[dict[int, Seen], dict[int, Seen]]]


def told(found: Case, day: date) -> dict[int, Seen]:
    """Every grid on a day with its figures and what its page lists, as a leader is told it."""
    with found.seen_by("leader") as session:
        return by_grid(session, Day(found.home, day))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def before(module_database_url: str, home: Path) -> tuple[Case, dict[date, dict[int, Seen]]]:
    """The building in its grid, and all figures of four days, looked at before anything is changed."""
    found = case(module_database_url, home)
    days = (found.today - 30 * A_DAY, found.today, found.day - A_DAY, found.day)
    return found, {day: told(found, day) for day in days}


@pytest.fixture(scope="module")
def moved(before: tuple[Case, dict[date, dict[int, Seen]]]) -> Case:
    """The same after the move was approved for its day."""
    before[0].move()
    return before[0]


@pytest.fixture(scope="module")
def days(before: tuple[Case, dict[date, dict[int, Seen]]], moved: Case) -> Days:
    """Days with what was told of each before the move was approved, and what is told since."""
    return {day: (was, told(moved, day)) for day, was in before[1].items()}


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys to what is sealed."""
    monkeypatch.setenv("GRIDMAP_HOME", str(home))


def on(found: Case, late: bool) -> date:
    return found.day if late else found.day - A_DAY


def of_workers(found: Case, day: date, question: Any) -> list[Any]:
    """What the two workers are told on a day."""
    answers = []
    for account in ("worker", OTHER_WORKER):
        with found.seen_by(account, day) as session:
            answers.append(question(session))
    return answers


def page(found: Case, day: date, account: str | None, path: str) -> str:
    """A page as it opens on a day."""
    with found.served(day) as app:
        client = app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        if account:
            names = {"worker": "worker", OTHER_WORKER: OTHER_WORKER, "planner": "planner", "leader": "leader"}
            assert sent(client, "/sign-in", name=names[account], password=PASSWORD).status_code == 303
        answer = client.get(path)
        assert answer.status_code == 200
        return answer.text


def incidents_by_grid(found: Case, day: date) -> dict[int, int | None]:
    """What heat by grid is drawn from."""
    with found.seen_by("station") as session:
        that = grids.day(session, found.home, day)
        counted = happened.by_grid(session, that, happened.Wish(happened.Span(date(2000, 1, 1), day)))
        return {each.id: counted.get(each.id, NONE).now.number for each in grids.all_of(session, that)}


def heat_by_grid(found: Case, day: date) -> dict[int, int | None]:
    """The leader's page as its station sees it, of all incidents up to a day."""
    with found.seen_by("station") as session:
        shown = heat.by_grid(session, found.home, heat.Wish(heat.Span(date(2000, 1, 1), day)))
        return {each.grid.id: each.spot.told.number for each in shown.grids}


def test_every_earlier_date_shows_what_was(moved: Case, days: Days) -> None:
    earlier = [pair for day, pair in days.items() if day < moved.day]
    assert len(earlier) == 3
    assert all(was == now for was, now in earlier)


def test_on_the_day_both_grids_change_and_no_other(moved: Case, days: Days) -> None:
    was, now = days[moved.day]
    assert {grid for grid in now if now[grid] != was[grid]} == set(moved.grids)


@pytest.mark.parametrize("name", ["buildings", "residents", "incidents", "open_incidents"])
def test_what_the_building_holds_goes_with_it(moved: Case, days: Days, name: str) -> None:
    was, now = days[moved.day]
    lost, won = (now[grid].number(name) - was[grid].number(name) for grid in moved.grids)
    assert lost == -won
    assert won == {"buildings": 1, "residents": moved.residents}.get(name, won)
    assert won >= 1


@WHEN
def test_households_of_the_overview_follow(moved: Case, late: bool) -> None:
    with moved.seen_by("planner") as session:
        was, now = (grids_on(session, moved, day) for day in (moved.today, on(moved, late)))
    source, target = (now[code].households.number - was[code].households.number for code in moved.codes)
    assert (source, target) == ((-moved.households, moved.households) if late else (0, 0))


@WHEN
def test_its_people_are_seen_by_their_worker_alone(moved: Case, late: bool) -> None:
    living = of_workers(moved, on(moved, late), lambda session: len(people.of_building(session, moved.building)))
    assert living == ([0, moved.residents] if late else [moved.residents, 0])


@WHEN
def test_the_open_incident_is_that_workers(moved: Case, late: bool) -> None:
    mine = select(schema.Incident.id).where(schema.Incident.id == moved.incident)
    seen = of_workers(
        moved,
        on(moved, late),
        lambda session: session.scalar(mine.where(access.only(session, schema.Incident))) == moved.incident,
    )
    assert seen == ([False, True] if late else [True, False])


@WHEN
def test_the_database_alone_would_hide_the_others(moved: Case, late: bool) -> None:
    """Row-level security follows the date, too, without the explicit filter."""
    bare = select(schema.Household.id).where(schema.Household.building_id == moved.building)
    seen = of_workers(moved, on(moved, late), lambda session: bool(session.scalars(bare).all()))
    assert seen == ([False, True] if late else [True, False])


@WHEN
def test_incidents_by_grid_follow(moved: Case, late: bool) -> None:
    for counted in (incidents_by_grid, heat_by_grid):
        was, now = counted(moved, moved.today), counted(moved, on(moved, late))
        assert {grid for grid in now if now[grid] != was[grid]} == (set(moved.grids) if late else set())


@WHEN
def test_the_leaders_page_opens_on_both_days(moved: Case, late: bool) -> None:
    shown = page(moved, on(moved, late), "leader", "/heat")
    assert all(code in shown for code in moved.codes)


@WHEN
def test_the_phone_shows_the_building_to_its_worker(moved: Case, late: bool) -> None:
    shown = [
        f'data-building="{moved.building}"' in page(moved, on(moved, late), account, "/my-grid")
        for account in ("worker", OTHER_WORKER)
    ]
    assert shown == ([False, True] if late else [True, False])


@WHEN
def test_residents_find_the_house_in_the_grid_of_the_day(moved: Case, late: bool) -> None:
    features = json.loads(page(moved, on(moved, late), None, f"/public/{moved.code}/grids.geojson"))["features"]
    with moved.seen_by("planner") as session:
        at = session.scalars(select(schema.Incident.geometry).where(schema.Incident.id == moved.incident)).one()
    point = shapely.from_wkb(at.desc)
    (home,) = [f["properties"]["code"] for f in features if shapely.geometry.shape(f["geometry"]).contains(point)]
    assert home == moved.codes[1 if late else 0]


@WHEN
def test_a_grids_page_lists_the_building_on_its_days(moved: Case, late: bool) -> None:
    """Opened today, for another day."""
    day = on(moved, late).isoformat()
    shown = [
        moved.building_code in page(moved, moved.today, "planner", f"/grids/{grid}?on={day}") for grid in moved.grids
    ]
    assert shown == ([False, True] if late else [True, False])


def test_who_approved_is_recorded(moved: Case) -> None:
    with moved.seen_by("admin") as session:
        rows = select(schema.Audit).where(schema.Audit.action == "approve", access.only(session, schema.Audit))
        (row,) = session.scalars(rows)
    assert (row.account_id, row.reason) == (moved.accounts["planner"], "decision 12")
    assert row.details["from"] == (moved.today + WEEK).isoformat()
