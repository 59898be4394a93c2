"""Effects of changes of an account; these tests commit, each in a database of its own."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.accounts.sign_in import InvalidCredentials, find_session_account, sign_in
from gridmap.store.day_bounds import get_today
from gridmap.store.session import Database
from tests.fixtures import subdistricts
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds

EAST, WEST = ScopeRequest("east"), ScopeRequest("west")


@pytest.fixture
def filled_database(database_url: str, tmp_path: Path) -> FilledDatabase:
    """Fill a database for every test."""
    return subdistricts.fill_database(database_url, tmp_path)


def test_a_new_account_signs_in_and_must_change_its_password(database: Database, owner_database: Database) -> None:
    with owner_database.transaction() as session:
        _, password = accounts.create_account(session, caller_of(session), "First.Admin", Role.ADMIN, "", EAST)
    account = find_session_account(database, sign_in(database, "first.admin", password))
    assert account
    assert account.must_change
    assert account.display_name == "first.admin"


def test_a_one_time_password_replaces_the_forgotten_one(database: Database, east: SubdistrictIds) -> None:
    with database.transaction(east.token("admin")) as session:
        password = accounts.reset_password(session, caller_of(session), east.account_ids["worker"])
    with pytest.raises(InvalidCredentials):
        sign_in(database, "east-worker", PASSWORD)
    assert sign_in(database, "east-worker", password)


def test_an_admin_resets_no_password_of_an_account_that_also_works_in_another_subdistrict(
    database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    with owner_database.transaction() as session:
        accounts.add_scope(session, caller_of(session), east.account_ids["planner"], WEST)
    with database.transaction(east.token("admin")) as session, pytest.raises(NotFound):
        accounts.reset_password(session, caller_of(session), east.account_ids["planner"])


def test_a_deactivated_account_is_signed_out_until_it_is_reactivated(database: Database, east: SubdistrictIds) -> None:
    token = sign_in(database, "east-worker", PASSWORD)
    for active in (False, True):
        with database.transaction(east.token("admin")) as session:
            accounts.set_active(session, caller_of(session), east.account_ids["worker"], active=active)
        assert find_session_account(database, token) is None
    assert sign_in(database, "east-worker", PASSWORD)


def test_a_substitute_sees_the_other_grid_until_the_last_day(
    filled_database: FilledDatabase, database: Database, east: SubdistrictIds
) -> None:
    worker = east.account_ids["worker"]
    with database.transaction(east.token("admin")) as session:
        today = get_today(session)
        second_scope = ScopeRequest("east", "east1", "east12", last=today + timedelta(days=7))
        accounts.add_scope(session, caller_of(session), worker, second_scope)
    resident_counts = {}
    for days in (0, 7, 8):
        subdistricts.set_rehearsal_date(filled_database.owner_url, today + timedelta(days))
        with database.transaction(east.token("worker")) as session:
            resident_counts[days] = session.scalar(text("SELECT count(*) FROM resident"))
    subdistricts.set_rehearsal_date(filled_database.owner_url, None)
    assert resident_counts == {0: 2, 7: 2, 8: 1}


def test_an_ended_scope_shows_nothing_from_now_on(database: Database, east: SubdistrictIds) -> None:
    with database.transaction(east.token("admin")) as session:
        (scope,) = accounts.get_account(session, caller_of(session), east.account_ids["station"]).scopes
        accounts.end_scope(session, caller_of(session), east.account_ids["station"], scope.id)
    with database.transaction(east.token("station")) as session:
        assert session.scalar(text("SELECT count(*) FROM resident")) == 0
