"""Border streets: given to one side with the plan, their incidents count there from its effective date on."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.errors import InvalidInput, NotPossible
from gridmap.services.grids import details
from gridmap.services.grids.incident_counts import NO_INCIDENTS, DateRange, IncidentFilter, count_by_grid
from gridmap.services.incidents.grid_incidents import load_grid_incidents
from gridmap.services.plans import revisions, streets
from gridmap.services.plans.adoption import adopt
from gridmap.services.plans.changes import save_revision
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.incidents.daily_counts import count_by_grid_and_day
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import rolled_back_session
from tests.services.plans.street_town import (
    EAST_X,
    HAPPENED_ON,
    StreetTown,
    find_town,
    insert_incident,
    load_street_town,
    plant_incidents,
)

FILTERS = IncidentFilter(DateRange(date(2026, 1, 1), date(2026, 12, 31)))
TOMORROW = timedelta(days=1)


@pytest.fixture(scope="module")
def loaded_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Load the town once for the tests of this module."""
    load_street_town(module_database_url, tmp_path_factory.mktemp("town"))
    return module_database_url


@pytest.fixture
def session(loaded_url: str) -> Iterator[Session]:
    with rolled_back_session(loaded_url) as opened:
        plant_incidents(opened, find_town(opened).subdistrict_id)
        yield opened


@pytest.fixture
def town(session: Session) -> StreetTown:
    return find_town(session)


def list_streets(session: Session, revision_id: int) -> streets.BorderStreets:
    caller = caller_of(session)
    revision = revisions.get_revision(session, caller, revision_id)
    return streets.list_border_streets(session, caller, revision.row, HAPPENED_ON)


def give(session: Session, revision_id: int, grid_id: int | None) -> int:
    """Save a revision that gives the street between the grids to one of them, or to none; return its key."""
    caller = caller_of(session)
    revision = revisions.get_revision(session, caller, revision_id)
    [street] = list_streets(session, revision_id).streets
    return streets.save_streets(session, caller, revision, {street.key: grid_id}, revision_id, "责任道路").id


def adopt_tomorrow(session: Session, revision_id: int) -> date:
    day = get_today(session) + TOMORROW
    adopt(session, caller_of(session), revision_id, day, replace=True)
    return day


def counts_on(session: Session, town: StreetTown, day: date) -> dict[str, tuple[int, int]]:
    """Return the incidents of both grids on a day, and those on the border."""
    grid_day = SubdistrictDay(town.subdistrict_id, day)
    counts = count_by_grid(session, caller_of(session), grid_day, FILTERS)
    found = {side: counts.get(grid, NO_INCIDENTS) for side, grid in town.grids.items()}
    return {side: (each.current, each.on_border) for side, each in found.items()}


def test_a_street_along_the_border_is_listed_once_with_its_incidents(session: Session, town: StreetTown) -> None:
    [street] = list_streets(session, town.revision_id).streets
    assert (street.name, street.incidents, street.grid_id) == ("人民路", 20, None)
    assert [(side.code, side.incidents) for side in street.sides] == [(town.codes[side], 10) for side in town.grids]
    assert street.length_m == pytest.approx(210, abs=1)  # 200 m, and at both ends 5 m beyond the boundary
    assert len(street.street_ids) == 2


def test_incidents_2_m_beside_the_street_count_on_the_side_that_has_it(session: Session, town: StreetTown) -> None:
    today = get_today(session)
    assert counts_on(session, town, today) == {"west": (10, 10), "east": (13, 11)}
    day = adopt_tomorrow(session, give(session, town.revision_id, town.grids["west"]))
    assert counts_on(session, town, day) == {"west": (20, 0), "east": (3, 1)}
    assert counts_on(session, town, today) == {"west": (10, 10), "east": (13, 11)}


def test_the_other_side_may_have_the_street_as_well(session: Session, town: StreetTown) -> None:
    day = adopt_tomorrow(session, give(session, town.revision_id, town.grids["east"]))
    assert counts_on(session, town, day) == {"west": (0, 0), "east": (23, 1)}


def test_a_street_that_is_put_back_counts_as_drawn(session: Session, town: StreetTown) -> None:
    given = give(session, town.revision_id, town.grids["west"])
    day = adopt_tomorrow(session, give(session, given, None))
    assert counts_on(session, town, day) == {"west": (10, 10), "east": (13, 11)}


def test_incidents_away_at_a_crossing_and_about_persons_stay(session: Session, town: StreetTown) -> None:
    day = adopt_tomorrow(session, give(session, town.revision_id, town.grids["west"]))
    assert numbers_of(session, town, "east", day) == {"away", "crossing", "persons"}
    assert {number.split("-")[0] for number in numbers_of(session, town, "west", day)} == {"west", "east"}


def numbers_of(session: Session, town: StreetTown, side: str, day: date) -> set[str]:
    """Return the numbers of the incidents behind the count of a grid."""
    filters = IncidentFilter(DateRange(HAPPENED_ON, day))
    found = load_grid_incidents(session, caller_of(session), town.grids[side], filters)
    return {each.number for each in found.incidents}


def test_counts_by_day_and_lists_of_open_incidents_follow(session: Session, town: StreetTown) -> None:
    day = adopt_tomorrow(session, give(session, town.revision_id, town.grids["west"]))
    grid_day = SubdistrictDay(town.subdistrict_id, day)
    counts = count_by_grid_and_day(session, caller_of(session), grid_day, FILTERS.date_range)
    position = (HAPPENED_ON - FILTERS.date_range.first).days
    by_grid = {grid_id: (int(days[position]), int(days.sum())) for grid_id, days in counts.by_grid.items()}
    assert by_grid == {town.grids["west"]: (20, 20), town.grids["east"]: (3, 3)}
    pages = [details.load_grid_details(session, caller_of(session), grid, day) for grid in town.grids.values()]
    assert [page and (len(page.incidents), page.incidents_on_border) for page in pages] == [(20, 0), (3, 1)]


def test_published_counts_do_not_know_streets(session: Session, town: StreetTown) -> None:
    for y in range(30, 36):
        insert_incident(session, town.subdistrict_id, f"theft-{y}", (EAST_X, y), "theft")
    day = adopt_tomorrow(session, give(session, town.revision_id, town.grids["west"]))
    query = text("SELECT grid_id, incidents FROM pooled_incident_counts(:id, 'personal', :first, :last, 'UTC')")
    rows = session.execute(query, {"id": town.subdistrict_id, "first": HAPPENED_ON, "last": day})
    assert {(row.grid_id, row.incidents) for row in rows} >= {(town.grids["west"], 0), (town.grids["east"], 7)}


def test_a_later_revision_keeps_the_street_while_the_border_runs_along_it(session: Session, town: StreetTown) -> None:
    given = give(session, town.revision_id, town.grids["west"])
    moved = save_revision(session, caller_of(session), given, {}, on=HAPPENED_ON)
    assert [street.grid_id for street in list_streets(session, moved.id).streets] == [town.grids["west"]]


def test_a_later_revision_drops_the_street_where_the_border_is_gone(session: Session, town: StreetTown) -> None:
    given = give(session, town.revision_id, town.grids["west"])
    cells = session.scalars(text("SELECT cell_id FROM assignment WHERE revision_id = :id"), {"id": given})
    joined = save_revision(session, caller_of(session), given, dict.fromkeys(cells, town.codes["west"]), on=HAPPENED_ON)
    assert list_streets(session, joined.id) == streets.BorderStreets([], [])


def test_a_street_that_is_removed_from_the_map_counts_as_drawn(session: Session, town: StreetTown) -> None:
    given = give(session, town.revision_id, town.grids["west"])
    day = adopt_tomorrow(session, given)
    session.execute(text("DELETE FROM street WHERE name = '人民路'"))
    assert counts_on(session, town, day) == {"west": (10, 10), "east": (13, 11)}
    without_border = list_streets(session, given).without_border
    assert {(row.street_name, row.is_on_map) for row in without_border} == {("人民路", False)}


def test_incidents_follow_a_street_that_is_added(session: Session, town: StreetTown) -> None:
    session.execute(text("DELETE FROM street"))
    assert set(session.scalars(text("SELECT street_id FROM incident"))) == {None}
    add = text(
        "INSERT INTO street (subdistrict_id, kind, geometry) SELECT subdistrict_id, 'local',"
        " ST_MakeLine(geometry, ST_Translate(geometry, 0, 0.0001)) FROM incident WHERE number = 'away' RETURNING id"
    )
    added = session.scalar(add)
    on_street = text("SELECT count(*) FROM incident WHERE street_id = :id AND number IN ('away', 'east-50')")
    assert session.scalar(on_street, {"id": added}) == 2


def test_a_grid_on_no_side_of_the_street_is_refused(session: Session, town: StreetTown) -> None:
    with pytest.raises(InvalidInput, match="does not run along the border of this grid"):
        give(session, town.revision_id, max(town.grids.values()) + 1)


def test_a_street_that_is_no_border_is_refused(session: Session, town: StreetTown) -> None:
    caller, choices = caller_of(session), {f"{town.streets['中山路']}-1-2": town.grids["west"]}
    revision = revisions.get_revision(session, caller, town.revision_id)
    with pytest.raises(InvalidInput, match="does not run along the border of two grids"):
        streets.save_streets(session, caller, revision, choices, town.revision_id, None)


def test_nothing_is_saved_without_a_change(session: Session, town: StreetTown) -> None:
    with pytest.raises(InvalidInput, match="Every street counts as before"):
        give(session, town.revision_id, None)


def test_a_change_without_the_latest_revision_is_refused(session: Session, town: StreetTown) -> None:
    give(session, town.revision_id, town.grids["west"])
    with pytest.raises(revisions.EditConflict):
        give(session, town.revision_id, town.grids["east"])


def test_a_plan_of_replaced_land_is_refused(session: Session, town: StreetTown) -> None:
    session.execute(
        text("INSERT INTO land (subdistrict_id, community_id, crs) SELECT subdistrict_id, community_id, crs FROM land")
    )
    with pytest.raises(NotPossible, match="land was rebuilt"):
        give(session, town.revision_id, town.grids["west"])
