"""Changes of norms: their days, their history, who may make them, and two people at once."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridmap.core.errors import InvalidInput, NotFound, NotPossible
from gridmap.core.plans.norm import Norm
from gridmap.services.grids import norms
from gridmap.services.norms import changes, places
from gridmap.services.norms.changes import NormChange, NormConflict
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.plans.norms import NormPlace
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import rolled_back_session
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, app_url

DAY = date(2026, 3, 1)


@pytest.fixture
def session(filled_database: FilledDatabase, east: SubdistrictIds) -> Iterator[Session]:
    """A session of the planner of the subdistrict east."""
    with rolled_back_session(app_url(filled_database.owner_url), east.token("planner")) as opened:
        yield opened


@pytest.fixture
def community(east: SubdistrictIds) -> NormPlace:
    return NormPlace(east.subdistrict_id, east.community_id)


@pytest.fixture
def subdistrict(east: SubdistrictIds) -> NormPlace:
    return NormPlace(east.subdistrict_id)


def enter(session: Session, place: NormPlace, first: date, minimum: int = 200, maximum: int = 320) -> int:
    change = NormChange(Norm(minimum, maximum), "市民政局〔2020〕5号", date(2020, 1, 1), first)
    return changes.change_norm(session, caller_of(session), place, change).id


@pytest.mark.parametrize("radius", [0, 1, 1_000, 100_000])
def test_a_norm_keeps_its_radius_and_another_radius_is_another_norm(
    session: Session, community: NormPlace, radius: int
) -> None:
    caller, source = caller_of(session), ("市民政局〔2020〕5号", date(2020, 1, 1), DAY)
    saved = [
        changes.change_norm(session, caller, community, NormChange(Norm(max_radius_m=each), *source))
        for each in (7, radius, radius)
    ]
    assert norms.load_norm(session, caller, community, DAY).norm.max_radius_m == radius
    assert [saved[0].id == saved[1].id, saved[1].id == saved[2].id] == [False, True]


def maximum_on(session: Session, place: NormPlace, day: date) -> int:
    return norms.load_norm(session, caller_of(session), place, day).norm.maximum


def periods(session: Session, place: NormPlace) -> list[tuple[int, str, date, date | None]]:
    """Return maximum, status, first and last day of everything that was entered, in the order of the first days."""
    page = places.get_page(session, caller_of(session), place)
    return [(each.row.norm.maximum, each.status, each.row.first, each.last) for each in reversed(page.entries)]


def test_a_norm_holds_from_its_first_day_and_not_a_day_before(session: Session, community: NormPlace) -> None:
    enter(session, community, DAY)
    days = (DAY - timedelta(days=1), DAY, DAY + timedelta(days=900))
    assert [maximum_on(session, community, day) for day in days] == [500, 320, 320]


def test_the_norm_of_a_community_wins_over_that_of_the_subdistrict(
    session: Session, community: NormPlace, subdistrict: NormPlace
) -> None:
    enter(session, subdistrict, DAY, 250, 450)
    assert maximum_on(session, community, DAY) == 450
    enter(session, community, DAY, 200, 320)
    assert (maximum_on(session, community, DAY), maximum_on(session, subdistrict, DAY)) == (320, 450)


def test_a_change_ends_the_old_norm_the_day_before_and_keeps_it(session: Session, community: NormPlace) -> None:
    enter(session, community, DAY, 200, 320)
    enter(session, community, DAY + timedelta(days=31), 200, 330)
    assert periods(session, community) == [
        (320, "past", DAY, DAY + timedelta(days=30)),
        (330, "in_force", DAY + timedelta(days=31), None),
    ]


def test_a_correction_on_the_same_day_withdraws_the_old_entry_and_keeps_it(
    session: Session, community: NormPlace
) -> None:
    enter(session, community, DAY, 200, 320)
    enter(session, community, DAY, 200, 330)
    assert periods(session, community) == [(320, "withdrawn", DAY, None), (330, "in_force", DAY, None)]
    assert maximum_on(session, community, DAY) == 330


def test_a_norm_entered_before_a_planned_one_holds_until_it(session: Session, community: NormPlace) -> None:
    tomorrow = get_today(session) + timedelta(days=1)
    enter(session, community, tomorrow, 200, 330)
    enter(session, community, DAY, 200, 320)
    assert periods(session, community) == [
        (320, "in_force", DAY, tomorrow - timedelta(days=1)),
        (330, "planned", tomorrow, None),
    ]


def test_a_withdrawn_plan_lets_the_norm_before_it_hold_on(session: Session, community: NormPlace) -> None:
    tomorrow = get_today(session) + timedelta(days=1)
    enter(session, community, DAY, 200, 320)
    planned = enter(session, community, tomorrow, 200, 330)
    changes.withdraw_planned(session, caller_of(session), community, planned)
    assert periods(session, community) == [(320, "in_force", DAY, None), (330, "withdrawn", tomorrow, None)]


def test_a_norm_that_has_begun_is_not_withdrawn(session: Session, community: NormPlace) -> None:
    begun = enter(session, community, get_today(session))
    with pytest.raises(NotPossible):
        changes.withdraw_planned(session, caller_of(session), community, begun)


def test_an_ended_norm_gives_way_to_that_of_the_subdistrict(
    session: Session, community: NormPlace, subdistrict: NormPlace
) -> None:
    today = get_today(session)
    enter(session, subdistrict, DAY, 250, 450)
    enter(session, community, DAY)
    changes.end_norm(session, caller_of(session), community, today, None)
    assert [maximum_on(session, community, day) for day in (today - timedelta(days=1), today)] == [320, 450]
    with pytest.raises(NotPossible):
        changes.end_norm(session, caller_of(session), community, today, None)


def test_the_same_norm_entered_twice_is_entered_once(session: Session, community: NormPlace) -> None:
    assert enter(session, community, DAY) == enter(session, community, DAY)
    assert len(periods(session, community)) == 1


def test_a_change_on_an_old_page_is_refused(session: Session, community: NormPlace) -> None:
    caller = caller_of(session)
    version = places.get_page(session, caller, community).version
    enter(session, community, DAY)
    change = NormChange(Norm(100, 200), "市民政局〔2020〕5号", date(2020, 1, 1), DAY)
    with pytest.raises(NormConflict):
        changes.change_norm(session, caller, community, change, version)
    current = places.get_page(session, caller, community).version
    assert changes.change_norm(session, caller, community, change, current).norm.maximum == 200


@pytest.mark.parametrize(
    ("source", "source_date", "first", "column"),
    [
        (" x ", date(2020, 1, 1), DAY, "source"),
        ("市民政局", date(2949, 1, 1), DAY, "source_date"),
        ("市民政局", date(1949, 9, 30), DAY, "source_date"),
        ("市民政局", date(2020, 1, 1), date(2206, 3, 1), "first"),
        ("市民政局", date(2020, 1, 1), date(1949, 9, 30), "first"),
    ],
)
def test_a_date_or_document_that_cannot_be_right_is_refused(
    session: Session, community: NormPlace, source: str, source_date: date, first: date, column: str
) -> None:
    change = NormChange(Norm(), source, source_date, first)
    with pytest.raises(InvalidInput) as error:
        changes.change_norm(session, caller_of(session), community, change)
    assert [fault.column for fault in error.value.faults] == [column]


def test_a_norm_of_another_subdistrict_is_not_found(session: Session, west: SubdistrictIds) -> None:
    for place in (NormPlace(west.subdistrict_id), NormPlace(west.subdistrict_id, west.community_id)):
        with pytest.raises(NotFound):
            enter(session, place, DAY)


@pytest.mark.parametrize(
    ("role", "may_change"),
    [("planner", True), ("admin", True), ("leader", False), ("station", False), ("worker", False)],
)
def test_planners_and_administrators_change_norms_and_nobody_else(
    filled_database: FilledDatabase, east: SubdistrictIds, community: NormPlace, role: str, may_change: bool
) -> None:
    with rolled_back_session(app_url(filled_database.owner_url), east.token(role)) as opened:
        if may_change:
            assert enter(opened, community, DAY)
        else:
            with pytest.raises(NotFound):
                enter(opened, community, DAY)


@pytest.mark.parametrize("role", ["leader", "station", "worker"])
def test_the_database_refuses_a_norm_of_other_roles(
    filled_database: FilledDatabase, east: SubdistrictIds, role: str
) -> None:
    statement = text(
        "INSERT INTO norm (subdistrict_id, minimum, maximum, target, household_kind, source, source_date, created_by)"
        " VALUES (:subdistrict, 1, 9, 5, 'resident', 'mine', '2020-01-01', my_account())"
    )
    url = app_url(filled_database.owner_url)
    with rolled_back_session(url, east.token(role)) as opened, pytest.raises(DBAPIError, match="row-level security"):
        opened.execute(statement, {"subdistrict": east.subdistrict_id})


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE norm SET maximum = 9999",
        "UPDATE norm SET source = 'other'",
        "UPDATE norm SET valid = daterange('1990-01-01', NULL)",
        "DELETE FROM norm",
        "TRUNCATE norm",
    ],
)
def test_not_even_the_owner_rewrites_a_norm(
    filled_database: FilledDatabase, east: SubdistrictIds, community: NormPlace, change: str
) -> None:
    with rolled_back_session(filled_database.owner_url) as owner:
        enter(owner, community, DAY)
        with pytest.raises(DBAPIError, match="norms are history"):
            owner.execute(text(change))
