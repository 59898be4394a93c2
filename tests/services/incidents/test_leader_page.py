"""The leader's page: five planted situations, each with the sentences that it should bring about."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import IncidentStatus
from gridmap.services.incidents import grid_incidents
from gridmap.services.incidents.findings import PageFinding
from gridmap.services.incidents.heatmap import DateRange, IncidentFilter
from gridmap.services.incidents.leader_page import LeaderPage, load_leader_page
from gridmap.store import schema
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import load_demo_presets, rolled_back_account_session, rolled_back_session
from tests.services.incidents.planted_incidents import plant

LoadPage = Callable[..., LeaderPage]


@pytest.fixture(scope="module")
def demo_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    load_demo_presets(module_database_url, tmp_path_factory.mktemp("keys"), "strip")
    return module_database_url


@pytest.fixture
def session(demo_url: str) -> Iterator[Session]:
    with rolled_back_session(demo_url) as opened:
        yield opened


@pytest.fixture
def today(session: Session) -> date:
    day: date = session.scalars(text("SELECT today()")).one()
    return day


@pytest.fixture
def subdistrict_id(session: Session) -> int:
    return session.scalars(select(schema.Subdistrict.id)).one()


@pytest.fixture
def load_page(session: Session, subdistrict_id: int, today: date) -> LoadPage:
    """Return a function that loads the page of some days up to today."""

    def load(days: int = 90, last: date = today, status: IncidentStatus | None = None) -> LeaderPage:
        filters = IncidentFilter(DateRange(last - timedelta(days - 1), last), status=status)
        return load_leader_page(session, caller_of(session), subdistrict_id, filters)

    return load


def finding(page: LeaderPage, kind: str) -> PageFinding:
    return next(each for each in page.findings if each.kind == kind)


def sentence(page: LeaderPage, kind: str) -> str:
    return str(finding(page, kind).message)


@pytest.fixture
def planted(session: Session, subdistrict_id: int, today: date, request: pytest.FixtureRequest) -> str:
    """Plant the situation of the test; return the code of its grid."""
    return plant(session.connection(), subdistrict_id, request.param, today)


@pytest.mark.parametrize("planted", ["burst"], indirect=True)
@pytest.mark.sampled(1)
@pytest.mark.parametrize("days", [60, 90, 365])
def test_a_burst_is_told_by_the_thirty_days_in_which_it_lies(
    load_page: LoadPage, planted: str, days: int, today: date
) -> None:
    change = finding(load_page(days), "change")
    assert [grid.code for grid in change.places] == [planted]
    assert change.date_range.days == 30
    assert change.date_range.first <= today - timedelta(39)
    assert change.date_range.last >= today - timedelta(27)
    assert f"{change.date_range.first} to {change.date_range.last}" in str(change.message)


@pytest.mark.parametrize("planted", ["burst"], indirect=True)
def test_the_demo_burst_stands_out_per_household_too(load_page: LoadPage, planted: str) -> None:
    page = load_page()
    assert finding(page, "rate").places[0].code == planted
    assert "times as many as all grids together" in sentence(page, "rate")


@pytest.mark.parametrize("planted", ["slow_rise"], indirect=True)
@pytest.mark.parametrize("days", [7, 30, 90])
def test_a_slow_rise_is_told_by_ninety_days(load_page: LoadPage, planted: str, days: int, today: date) -> None:
    change = finding(load_page(days), "change")
    assert (change.level, [grid.code for grid in change.places]) == ("bad", [planted])
    assert change.date_range == DateRange(today - timedelta(89), today)


@pytest.mark.parametrize("planted", ["data_gap"], indirect=True)
def test_a_gap_in_the_data_is_told_in_place_of_a_change(load_page: LoadPage, planted: str, today: date) -> None:
    page = load_page()
    first, last = today - timedelta(129), today - timedelta(109)
    assert finding(page, "change").level == "note"
    assert sentence(page, "change") == (
        f"No comparison with the time before: no incident is recorded from {first} to {last}."
    )
    assert {row.rated.value.change for row in page.ranking.rows} == {None}


@pytest.mark.parametrize("planted", ["data_gap"], indirect=True)
def test_a_gap_within_the_days_is_told_as_the_health_of_the_data(
    load_page: LoadPage, planted: str, today: date
) -> None:
    health = load_page(150).health
    assert health.missing == [DateRange(today - timedelta(129), today - timedelta(109))]
    assert health.days_without_records == 21


@pytest.mark.parametrize("planted", ["small_grid"], indirect=True)
def test_a_small_grid_with_the_highest_rate_does_not_stand_out(load_page: LoadPage, planted: str) -> None:
    page = load_page()
    highest = max(page.ranking.rows, key=lambda row: row.rated.value.rate or 0)
    assert (highest.grid.code, highest.grid.households.number) == (planted, 60)
    community = page.community_names[highest.grid.community_id]
    rate, name = finding(page, "rate"), f"{community}第{int(planted[-3:])}网格"
    assert (rate.level, [grid.code for grid in rate.places]) == ("good", [planted])
    assert str(rate.message).startswith(f"No grid stands out: {name} has the highest rate, 26.7 incidents")
    assert "but only 60 households" in str(rate.message)
    assert finding(page, "change").level == "good"


@pytest.mark.parametrize("planted", ["nothing"], indirect=True)
@pytest.mark.parametrize("days", [7, 30, 90])
def test_where_nothing_happened_the_sentences_say_so(load_page: LoadPage, planted: str, days: int) -> None:
    page = load_page(days)
    assert sentence(page, "change").startswith("No grid got worse: from")
    assert sentence(page, "rate").startswith("No grid stands out: all are within chance of")
    assert {finding(page, kind).level for kind in ("change", "rate")} == {"good"}


def test_grids_without_a_worker_are_named(load_page: LoadPage, session: Session) -> None:
    page = load_page()
    vacant = [row for row in page.ranking.rows if not row.grid.workers]
    assert len(finding(page, "charge").places) == len(vacant) > 0
    session.execute(text("DELETE FROM duty WHERE in_charge"))
    everybody = load_page()
    incidents = sum(row.rated.value.count for row in everybody.ranking.rows)
    expected = f"Nobody is in charge of {len(page.ranking.rows)} grids, with {incidents:,} incidents together."
    assert sentence(everybody, "charge") == expected


def test_the_list_of_a_grid_has_as_many_incidents_as_its_count(load_page: LoadPage, session: Session) -> None:
    for status in (None, IncidentStatus.OPEN, IncidentStatus.CLOSED):
        page = load_page(status=status)
        for row in page.ranking.rows:
            listed = grid_incidents.load_grid_incidents(session, caller_of(session), row.grid.id, page.heatmap.filters)
            assert len(listed.incidents) == row.rated.value.count


def test_a_range_of_more_than_a_year_has_sentences(load_page: LoadPage) -> None:
    page = load_page(400)
    assert [each.kind for each in page.findings] == ["change", "rate", "charge"]
    assert page.health.days_without_records is None


def test_a_day_without_grids_says_so(load_page: LoadPage) -> None:
    page = load_page(5, date(1999, 1, 5))
    assert [str(each.message) for each in page.findings] == ["No grid is in force on 1999-01-05."]


def test_the_leader_is_told_of_accounts_that_entered_nothing(
    demo_url: str, session: Session, subdistrict_id: int, today: date
) -> None:
    leader = session.scalars(select(schema.Account.id).where(schema.Account.name == "leader")).one()
    filters = IncidentFilter(DateRange(today - timedelta(89), today))
    with rolled_back_account_session(demo_url, leader) as opened:
        health = load_leader_page(opened, caller_of(opened), subdistrict_id, filters).health
    assert {role: (each.accounts, each.silent) for role, each in health.reporting.items()} == {
        "worker": (1, 0),  # the demo has cases that the worker has reported
        "station": (1, 1),
    }
    assert health.placed_share == 1
