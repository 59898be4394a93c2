"""The keystone: one building moves, and on that day everything follows; not before, and what was true stays true."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import select

from gridmap.services.grids import in_force, incident_counts
from gridmap.services.grids.incident_counts import NO_INCIDENTS
from gridmap.services.incidents import heatmap
from gridmap.services.people import residents
from gridmap.store import schema
from gridmap.store.access import row_filter
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from tests.fixtures.approval_scenario import (
    ONE_DAY,
    ONE_WEEK,
    OTHER_WORKER,
    ApprovalScenario,
    create_scenario,
    grids_by_code,
)
from tests.fixtures.callers import caller_of
from tests.fixtures.grid_snapshot import GridSnapshot, snapshot_grids
from tests.fixtures.subdistricts import PASSWORD
from tests.fixtures.web_app import submit_form

day_before_or_on_day = pytest.mark.parametrize("late", [False, True], ids=["the day before", "on the day"])
SnapshotsByDate = dict[date, tuple[dict[int, GridSnapshot], dict[int, GridSnapshot]]]


def snapshot_for_leader(scenario: ApprovalScenario, on: date) -> dict[int, GridSnapshot]:
    """Every grid on a day with its figures and what its page lists, as a leader is told it."""
    with scenario.session_of("leader") as session:
        return snapshot_grids(session, SubdistrictDay(scenario.subdistrict_id, on))


@pytest.fixture(scope="module")
def keys_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def scenario_before(
    module_database_url: str, keys_home: Path
) -> tuple[ApprovalScenario, dict[date, dict[int, GridSnapshot]]]:
    """The building in its grid, and all figures of four days, looked at before anything is changed."""
    found = create_scenario(module_database_url, keys_home)
    days = (found.today - 30 * ONE_DAY, found.today, found.effective_date - ONE_DAY, found.effective_date)
    return found, {day: snapshot_for_leader(found, day) for day in days}


@pytest.fixture(scope="module")
def scenario(scenario_before: tuple[ApprovalScenario, dict[date, dict[int, GridSnapshot]]]) -> ApprovalScenario:
    """The same after the move was approved for its day."""
    scenario_before[0].move_and_approve()
    return scenario_before[0]


@pytest.fixture(scope="module")
def snapshots_by_date(
    scenario_before: tuple[ApprovalScenario, dict[date, dict[int, GridSnapshot]]], scenario: ApprovalScenario
) -> SnapshotsByDate:
    """Days with what was told of each before the move was approved, and what is told since."""
    return {day: (was, snapshot_for_leader(scenario, day)) for day, was in scenario_before[1].items()}


@pytest.fixture(autouse=True)
def use_keys_home(keys_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys to what is sealed."""
    monkeypatch.setenv("GRIDMAP_HOME", str(keys_home))


def date_of_case(scenario: ApprovalScenario, on_the_day: bool) -> date:
    return scenario.effective_date if on_the_day else scenario.effective_date - ONE_DAY


def ask_workers(scenario: ApprovalScenario, on: date, query: Any) -> list[Any]:
    """What the two workers are told on a day."""
    answers = []
    for account in ("worker", OTHER_WORKER):
        with scenario.session_of(account, on) as session:
            answers.append(query(session))
    return answers


def open_page(scenario: ApprovalScenario, on: date, account: str | None, path: str) -> str:
    """A page as it opens on a day."""
    with scenario.application(on) as app:
        client = app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        if account:
            names = {"worker": "worker", OTHER_WORKER: OTHER_WORKER, "planner": "planner", "leader": "leader"}
            assert submit_form(client, "/sign-in", name=names[account], password=PASSWORD).status_code == 303
        answer = client.get(path)
        assert answer.status_code == 200
        return answer.text


def incident_counts_by_grid(scenario: ApprovalScenario, on: date) -> dict[int, int | None]:
    """What heat by grid is drawn from."""
    with scenario.session_of("station") as session:
        that = in_force.resolve_day(session, scenario.subdistrict_id, on)
        counted = incident_counts.count_by_grid(
            session,
            caller_of(session),
            that,
            incident_counts.IncidentFilter(incident_counts.DateRange(date(2000, 1, 1), on)),
        )
        return {
            each.id: counted.get(each.id, NO_INCIDENTS).current.number
            for each in in_force.list_grids(session, caller_of(session), that)
        }


def heat_values_by_grid(scenario: ApprovalScenario, on: date) -> dict[int, int | None]:
    """The leader's page as its station sees it, of all incidents up to a day."""
    with scenario.session_of("station") as session:
        shown = heatmap.load_grid_heat(
            session,
            caller_of(session),
            scenario.subdistrict_id,
            heatmap.IncidentFilter(heatmap.DateRange(date(2000, 1, 1), on)),
        )
        return {each.grid.id: each.value.count.number for each in shown.grids}


def test_every_earlier_date_shows_what_was(scenario: ApprovalScenario, snapshots_by_date: SnapshotsByDate) -> None:
    earlier = [pair for day, pair in snapshots_by_date.items() if day < scenario.effective_date]
    assert len(earlier) == 3
    assert all(was == now for was, now in earlier)


def test_on_the_day_both_grids_change_and_no_other(
    scenario: ApprovalScenario, snapshots_by_date: SnapshotsByDate
) -> None:
    was, now = snapshots_by_date[scenario.effective_date]
    assert {grid for grid in now if now[grid] != was[grid]} == set(scenario.grid_ids)


@pytest.mark.parametrize("name", ["buildings", "residents", "incidents", "open_incidents"])
def test_what_the_building_holds_goes_with_it(
    scenario: ApprovalScenario, snapshots_by_date: SnapshotsByDate, name: str
) -> None:
    was, now = snapshots_by_date[scenario.effective_date]
    lost, won = (now[grid].count(name) - was[grid].count(name) for grid in scenario.grid_ids)
    assert lost == -won
    assert won == {"buildings": 1, "residents": scenario.resident_count}.get(name, won)
    assert won >= 1


@day_before_or_on_day
def test_households_of_the_overview_follow(scenario: ApprovalScenario, late: bool) -> None:
    with scenario.session_of("planner") as session:
        was, now = (grids_by_code(session, scenario, day) for day in (scenario.today, date_of_case(scenario, late)))
    source, target = (now[code].households.number - was[code].households.number for code in scenario.grid_codes)
    assert (source, target) == ((-scenario.household_count, scenario.household_count) if late else (0, 0))


@day_before_or_on_day
def test_its_people_are_seen_by_their_worker_alone(scenario: ApprovalScenario, late: bool) -> None:
    living = ask_workers(
        scenario,
        date_of_case(scenario, late),
        lambda session: len(residents.list_residents(session, caller_of(session), scenario.building_id)),
    )
    assert living == ([0, scenario.resident_count] if late else [scenario.resident_count, 0])


@day_before_or_on_day
def test_the_open_incident_is_that_workers(scenario: ApprovalScenario, late: bool) -> None:
    mine = select(schema.Incident.id).where(schema.Incident.id == scenario.incident_id)
    seen = ask_workers(
        scenario,
        date_of_case(scenario, late),
        lambda session: (
            session.scalar(mine.where(row_filter.visible(caller_of(session), schema.Incident))) == scenario.incident_id
        ),
    )
    assert seen == ([False, True] if late else [True, False])


@day_before_or_on_day
def test_the_database_alone_would_hide_the_others(scenario: ApprovalScenario, late: bool) -> None:
    """Row-level security follows the date, too, without the explicit filter."""
    bare = select(schema.Household.id).where(schema.Household.building_id == scenario.building_id)
    seen = ask_workers(scenario, date_of_case(scenario, late), lambda session: bool(session.scalars(bare).all()))
    assert seen == ([False, True] if late else [True, False])


@day_before_or_on_day
def test_incidents_by_grid_follow(scenario: ApprovalScenario, late: bool) -> None:
    for counted in (incident_counts_by_grid, heat_values_by_grid):
        was, now = counted(scenario, scenario.today), counted(scenario, date_of_case(scenario, late))
        assert {grid for grid in now if now[grid] != was[grid]} == (set(scenario.grid_ids) if late else set())


@day_before_or_on_day
def test_the_leaders_page_opens_on_both_days(scenario: ApprovalScenario, late: bool) -> None:
    shown = open_page(scenario, date_of_case(scenario, late), "leader", "/heat")
    assert all(code in shown for code in scenario.grid_codes)


@day_before_or_on_day
def test_the_phone_shows_the_building_to_its_worker(scenario: ApprovalScenario, late: bool) -> None:
    shown = [
        f'data-building="{scenario.building_id}"'
        in open_page(scenario, date_of_case(scenario, late), account, "/my-grid")
        for account in ("worker", OTHER_WORKER)
    ]
    assert shown == ([False, True] if late else [True, False])


@day_before_or_on_day
def test_residents_find_the_house_in_the_grid_of_the_day(scenario: ApprovalScenario, late: bool) -> None:
    features = json.loads(
        open_page(scenario, date_of_case(scenario, late), None, f"/public/{scenario.subdistrict_code}/grids.geojson")
    )["features"]
    with scenario.session_of("planner") as session:
        at = session.scalars(select(schema.Incident.geometry).where(schema.Incident.id == scenario.incident_id)).one()
    point = shapely.from_wkb(at.desc)
    (home,) = [f["properties"]["code"] for f in features if shapely.geometry.shape(f["geometry"]).contains(point)]
    assert home == scenario.grid_codes[1 if late else 0]


@day_before_or_on_day
def test_a_grids_page_lists_the_building_on_its_days(scenario: ApprovalScenario, late: bool) -> None:
    """Opened today, for another day."""
    day = date_of_case(scenario, late).isoformat()
    shown = [
        scenario.building_code in open_page(scenario, scenario.today, "planner", f"/grids/{grid}?on={day}")
        for grid in scenario.grid_ids
    ]
    assert shown == ([False, True] if late else [True, False])


def test_who_approved_is_recorded(scenario: ApprovalScenario) -> None:
    with scenario.session_of("admin") as session:
        rows = select(schema.Audit).where(
            schema.Audit.action == "approve", row_filter.visible(caller_of(session), schema.Audit)
        )
        (row,) = session.scalars(rows)
    assert (row.account_id, row.reason) == (scenario.account_ids["planner"], "decision 12")
    assert row.details["from"] == (scenario.today + ONE_WEEK).isoformat()
