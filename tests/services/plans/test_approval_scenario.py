"""Approval scenario: one building moves, and everything follows on the effective date, nothing before it."""

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
    """Return every grid on a day with its figures and the contents of its page, as a leader sees them."""
    with scenario.session_of("leader") as session:
        return snapshot_grids(session, SubdistrictDay(scenario.subdistrict_id, on))


@pytest.fixture(scope="module")
def keys_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def scenario_before(
    module_database_url: str, keys_home: Path
) -> tuple[ApprovalScenario, dict[date, dict[int, GridSnapshot]]]:
    """Return the scenario before the move, with the figures of four days."""
    created = create_scenario(module_database_url, keys_home)
    days = (created.today - 30 * ONE_DAY, created.today, created.effective_date - ONE_DAY, created.effective_date)
    return created, {day: snapshot_for_leader(created, day) for day in days}


@pytest.fixture(scope="module")
def scenario(scenario_before: tuple[ApprovalScenario, dict[date, dict[int, GridSnapshot]]]) -> ApprovalScenario:
    """Return the scenario after the move was approved."""
    scenario_before[0].move_and_approve()
    return scenario_before[0]


@pytest.fixture(scope="module")
def snapshots_by_date(
    scenario_before: tuple[ApprovalScenario, dict[date, dict[int, GridSnapshot]]], scenario: ApprovalScenario
) -> SnapshotsByDate:
    """Return the figures of each day before and after the approval."""
    return {day: (before, snapshot_for_leader(scenario, day)) for day, before in scenario_before[1].items()}


@pytest.fixture(autouse=True)
def use_keys_home(keys_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the encryption keys of the scenario."""
    monkeypatch.setenv("GRIDMAP_HOME", str(keys_home))


def date_of_case(scenario: ApprovalScenario, on_the_day: bool) -> date:
    return scenario.effective_date if on_the_day else scenario.effective_date - ONE_DAY


def ask_workers(scenario: ApprovalScenario, on: date, query: Any) -> list[Any]:
    """Return the answers to the two workers on a day."""
    answers = []
    for account in ("worker", OTHER_WORKER):
        with scenario.session_of(account, on) as session:
            answers.append(query(session))
    return answers


def open_page(scenario: ApprovalScenario, on: date, account: str | None, path: str) -> str:
    """Return a page as it is on a day."""
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
    """Return the incidents of each grid up to a day."""
    with scenario.session_of("station") as session:
        day = in_force.resolve_day(session, scenario.subdistrict_id, on)
        counts = incident_counts.count_by_grid(
            session,
            caller_of(session),
            day,
            incident_counts.IncidentFilter(incident_counts.DateRange(date(2000, 1, 1), on)),
        )
        return {
            each.id: counts.get(each.id, NO_INCIDENTS).current
            for each in in_force.list_grids(session, caller_of(session), day)
        }


def heat_values_by_grid(scenario: ApprovalScenario, on: date) -> dict[int, int | None]:
    """Return the heatmap of all incidents up to a day, as the station sees it."""
    with scenario.session_of("station") as session:
        page = heatmap.load_grid_heat(
            session,
            caller_of(session),
            scenario.subdistrict_id,
            heatmap.IncidentFilter(heatmap.DateRange(date(2000, 1, 1), on)),
        )
        return {each.grid.id: each.value.count for each in page.grids}


def test_earlier_days_show_their_own_figures(scenario: ApprovalScenario, snapshots_by_date: SnapshotsByDate) -> None:
    earlier = [pair for day, pair in snapshots_by_date.items() if day < scenario.effective_date]
    assert len(earlier) == 3
    assert all(before == after for before, after in earlier)


def test_on_the_day_both_grids_change_and_no_other(
    scenario: ApprovalScenario, snapshots_by_date: SnapshotsByDate
) -> None:
    before, after = snapshots_by_date[scenario.effective_date]
    assert {grid for grid in after if after[grid] != before[grid]} == set(scenario.grid_ids)


@pytest.mark.parametrize("name", ["buildings", "incidents", "open_incidents"])
def test_the_contents_of_the_building_move_with_it(
    scenario: ApprovalScenario, snapshots_by_date: SnapshotsByDate, name: str
) -> None:
    before, after = snapshots_by_date[scenario.effective_date]
    source_change, target_change = (after[grid].count(name) - before[grid].count(name) for grid in scenario.grid_ids)
    assert source_change == -target_change
    assert target_change == {"buildings": 1}.get(name, target_change)
    assert target_change >= 1


def test_the_residents_of_its_statistical_area_move_with_the_building_or_none(
    scenario: ApprovalScenario, snapshots_by_date: SnapshotsByDate
) -> None:
    before, after = snapshots_by_date[scenario.effective_date]
    changes = [after[grid].count("residents") - before[grid].count("residents") for grid in scenario.grid_ids]
    assert scenario.resident_count < scenario.area_resident_count
    assert changes in ([0, 0], [-scenario.area_resident_count, scenario.area_resident_count])


@day_before_or_on_day
def test_households_of_the_overview_follow(scenario: ApprovalScenario, late: bool) -> None:
    with scenario.session_of("planner") as session:
        before, after = (
            grids_by_code(session, scenario, day) for day in (scenario.today, date_of_case(scenario, late))
        )
    source, target = (after[code].households.number - before[code].households.number for code in scenario.grid_codes)
    assert (source, target) == ((-scenario.household_count, scenario.household_count) if late else (0, 0))


@day_before_or_on_day
def test_only_the_worker_of_the_day_sees_the_residents(scenario: ApprovalScenario, late: bool) -> None:
    resident_counts = ask_workers(
        scenario,
        date_of_case(scenario, late),
        lambda session: len(residents.list_residents(session, caller_of(session), scenario.building_id)),
    )
    assert resident_counts == ([0, scenario.resident_count] if late else [scenario.resident_count, 0])


@day_before_or_on_day
def test_only_the_worker_of_the_day_sees_the_open_incident(scenario: ApprovalScenario, late: bool) -> None:
    own_incident = select(schema.Incident.id).where(schema.Incident.id == scenario.incident_id)
    visible = ask_workers(
        scenario,
        date_of_case(scenario, late),
        lambda session: (
            session.scalar(own_incident.where(row_filter.visible(caller_of(session), schema.Incident)))
            == scenario.incident_id
        ),
    )
    assert visible == ([False, True] if late else [True, False])


@day_before_or_on_day
def test_row_level_security_alone_follows_the_date(scenario: ApprovalScenario, late: bool) -> None:
    unfiltered = select(schema.Household.id).where(schema.Household.building_id == scenario.building_id)
    visible = ask_workers(
        scenario, date_of_case(scenario, late), lambda session: bool(session.scalars(unfiltered).all())
    )
    assert visible == ([False, True] if late else [True, False])


@day_before_or_on_day
def test_incidents_by_grid_follow(scenario: ApprovalScenario, late: bool) -> None:
    for counts in (incident_counts_by_grid, heat_values_by_grid):
        before, after = counts(scenario, scenario.today), counts(scenario, date_of_case(scenario, late))
        assert {grid for grid in after if after[grid] != before[grid]} == (set(scenario.grid_ids) if late else set())


@day_before_or_on_day
def test_the_leaders_page_opens_on_both_days(scenario: ApprovalScenario, late: bool) -> None:
    page = open_page(scenario, date_of_case(scenario, late), "leader", "/heat")
    assert all(code in page for code in scenario.grid_codes)


@day_before_or_on_day
def test_the_phone_shows_the_building_to_its_worker(scenario: ApprovalScenario, late: bool) -> None:
    page = [
        f'data-building="{scenario.building_id}"'
        in open_page(scenario, date_of_case(scenario, late), account, "/my-grid")
        for account in ("worker", OTHER_WORKER)
    ]
    assert page == ([False, True] if late else [True, False])


@day_before_or_on_day
def test_the_public_page_has_the_building_in_the_grid_of_the_day(scenario: ApprovalScenario, late: bool) -> None:
    features = json.loads(
        open_page(scenario, date_of_case(scenario, late), None, f"/public/{scenario.subdistrict_code}/grids.geojson")
    )["features"]
    with scenario.session_of("planner") as session:
        at = session.scalars(select(schema.Incident.geometry).where(schema.Incident.id == scenario.incident_id)).one()
    point = shapely.from_wkb(at.desc)
    (grid_code,) = [f["properties"]["code"] for f in features if shapely.geometry.shape(f["geometry"]).contains(point)]
    assert grid_code == scenario.grid_codes[1 if late else 0]


@day_before_or_on_day
def test_a_grids_page_lists_the_building_on_its_days(scenario: ApprovalScenario, late: bool) -> None:
    day = date_of_case(scenario, late).isoformat()
    page = [
        scenario.building_code in open_page(scenario, scenario.today, "planner", f"/grids/{grid}?on={day}")
        for grid in scenario.grid_ids
    ]
    assert page == ([False, True] if late else [True, False])


def test_the_audit_has_the_approving_account(scenario: ApprovalScenario) -> None:
    with scenario.session_of("admin") as session:
        rows = select(schema.Audit).where(
            schema.Audit.action == "approve", row_filter.visible(caller_of(session), schema.Audit)
        )
        (row,) = session.scalars(rows)
    assert (row.account_id, row.reason) == (scenario.account_ids["planner"], "decision 12")
    assert row.details["from"] == (scenario.today + ONE_WEEK).isoformat()
