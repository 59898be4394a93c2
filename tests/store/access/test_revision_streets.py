"""Streets of a plan under row-level security: who sees their incidents, and who gives a street to a side."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import Role
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.grids import details
from gridmap.services.plans import revisions, streets
from gridmap.services.plans.adoption import adopt
from gridmap.store.day_bounds import get_today
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import SUBDISTRICT_CODE, rolled_back_account_session, rolled_back_session
from tests.fixtures.subdistricts import set_rehearsal_date
from tests.services.plans.street_town import HAPPENED_ON, StreetTown, find_town, load_street_town, plant_incidents

INSERT = text("""
INSERT INTO revision_street (revision_id, street_id, first_grid_id, second_grid_id, grid_id, subdistrict_id)
VALUES (:revision_id, :street_id, :first, :second, :first, :subdistrict_id)
""")
CROSSING = "中山路"


class GivenTown(NamedTuple):
    """The town with the street given to the west from tomorrow on, and a draft after it."""

    owner_url: str
    town: StreetTown
    in_force_id: int
    draft_id: int
    accounts: dict[str, int]


@pytest.fixture(scope="module")
def given(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> GivenTown:
    load_street_town(module_database_url, tmp_path_factory.mktemp("town"))
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        town = find_town(session)
        plant_incidents(session, town.subdistrict_id)
        in_force_id = _give(session, town.revision_id, town.grids["west"])
        adopt(session, caller_of(session), in_force_id, get_today(session) + timedelta(1), replace=True)
        draft_id = _give(session, in_force_id, None)
        accounts = {name: _create_account(session, town, name) for name in ("west", "east", "planner", "leader")}
    database.close()
    return GivenTown(module_database_url, town, in_force_id, draft_id, accounts)


def _give(session: Session, revision_id: int, grid_id: int | None) -> int:
    caller = caller_of(session)
    revision = revisions.get_revision(session, caller, revision_id)
    [street] = streets.list_border_streets(session, caller, revision.row, HAPPENED_ON).streets
    return streets.save_streets(session, caller, revision, {street.key: grid_id}, revision_id, None).id


def _create_account(session: Session, town: StreetTown, name: str) -> int:
    role = Role.WORKER if name in town.codes else Role(name)
    scope = ScopeRequest(SUBDISTRICT_CODE)
    if role is Role.WORKER:
        scope = ScopeRequest(SUBDISTRICT_CODE, "420106001001", town.codes[name])
    return create_account(session, caller_of(session), name, role, name, scope)[0]


@contextmanager
def session_of(given: GivenTown, name: str, days: int = 1) -> Iterator[Session]:
    """Open a session of an account, some days from now."""
    with rolled_back_session(given.owner_url) as owner:
        today = get_today(owner)
    set_rehearsal_date(given.owner_url, today + timedelta(days))
    with rolled_back_account_session(given.owner_url, given.accounts[name]) as session:
        yield session
    set_rehearsal_date(given.owner_url, None)


def visible_numbers(session: Session) -> set[str]:
    return set(session.scalars(text("SELECT split_part(number, '-', 1) FROM incident")))


def test_the_worker_who_has_the_street_sees_its_incidents_on_the_other_side(given: GivenTown) -> None:
    with session_of(given, "west") as session:
        assert visible_numbers(session) == {"west", "east"}
        [page] = details.list_own_grids(session, caller_of(session))
        assert (len(page.incidents), page.incidents_on_border) == (20, 0)


def test_the_day_before_the_worker_sees_the_own_side_only(given: GivenTown) -> None:
    with session_of(given, "west", 0) as session:
        assert visible_numbers(session) == {"west"}
        [page] = details.list_own_grids(session, caller_of(session))
        assert (len(page.incidents), page.incidents_on_border) == (10, 10)


def test_the_worker_of_the_other_side_is_told_what_counts_there(given: GivenTown) -> None:
    with session_of(given, "east") as session:
        assert visible_numbers(session) == {"east", "away", "crossing", "persons"}
        [page] = details.list_own_grids(session, caller_of(session))
        assert {each.number for each in page.incidents} == {"away", "crossing", "persons"}


def insert_street(session: Session, given: GivenTown, revision_id: int, **changed: int) -> None:
    first, second = sorted(given.town.grids.values())
    values = {"revision_id": revision_id, "street_id": given.town.streets[CROSSING], "first": first, "second": second}
    session.execute(INSERT, {**values, "subdistrict_id": given.town.subdistrict_id, **changed})


def test_a_planner_gives_a_street_in_a_draft(given: GivenTown) -> None:
    with session_of(given, "planner") as session:
        insert_street(session, given, given.draft_id)
        assert len(streets.list_given_streets(session, caller_of(session), given.draft_id)) == 1


def test_nobody_changes_the_streets_of_an_adopted_plan(given: GivenTown) -> None:
    with session_of(given, "planner") as session, pytest.raises(DBAPIError, match="row-level security"):
        insert_street(session, given, given.in_force_id)


@pytest.mark.parametrize("name", ["west", "leader"])
def test_other_roles_give_no_street(given: GivenTown, name: str) -> None:
    with session_of(given, name) as session, pytest.raises(DBAPIError, match="row-level security"):
        insert_street(session, given, given.draft_id)


def test_a_street_that_does_not_exist_is_refused(given: GivenTown) -> None:
    with session_of(given, "planner") as session, pytest.raises(DBAPIError, match="row-level security"):
        insert_street(session, given, given.draft_id, street_id=999)


def test_a_grid_of_another_plan_is_refused(given: GivenTown) -> None:
    with session_of(given, "planner") as session, pytest.raises(DBAPIError):
        insert_street(session, given, given.draft_id, second=999)


@pytest.mark.parametrize("statement", ["UPDATE revision_street SET grid_id = 2", "DELETE FROM revision_street"])
def test_saved_streets_never_change(given: GivenTown, statement: str) -> None:
    with rolled_back_session(given.owner_url) as session, pytest.raises(DBAPIError, match="never changed"):
        session.execute(text(statement))


def test_a_worker_cannot_bring_the_street_of_an_incident(given: GivenTown) -> None:
    with session_of(given, "west") as session:
        change = text("UPDATE incident SET street_id = :id WHERE number = 'west-20'")
        session.execute(change, {"id": given.town.streets[CROSSING]})
        own = text("SELECT street_id FROM incident WHERE number = 'west-20'")
        assert session.scalar(own) == given.town.streets["人民路"]
