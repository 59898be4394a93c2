"""What changes of an account mean for the person: tests that commit, each in a database of its own."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from gridmap.core.errors import Unseen
from gridmap.core.names import Role
from gridmap.services import accounts, scopes
from gridmap.services.scopes import Place
from gridmap.services.signing_in import Refused, recognise, sign_in
from gridmap.store.session import Database
from tests import offices
from tests.offices import PASSWORD, Filled, Office

EAST, WEST = Place("east"), Place("west")


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> Filled:
    """A database for every test."""
    return offices.filled(database_url, tmp_path)


def test_a_new_account_signs_in_and_has_to_change_its_password(database: Database, owners: Database) -> None:
    with owners.transaction() as session:
        _, password = accounts.make_account(session, "First.Admin", Role.ADMIN, "", EAST)
    found = recognise(database, sign_in(database, "first.admin", password))
    assert found
    assert found.must_change
    assert found.display_name == "first.admin"


def test_a_one_time_password_replaces_the_forgotten_one(database: Database, east: Office) -> None:
    with database.transaction(east.accounts["admin"]) as session:
        password = accounts.recover(session, east.accounts["worker"])
    with pytest.raises(Refused):
        sign_in(database, "east-worker", PASSWORD)
    assert sign_in(database, "east-worker", password)


def test_an_admin_helps_nobody_who_also_works_elsewhere(database: Database, owners: Database, east: Office) -> None:
    with owners.transaction() as session:
        accounts.give_scope(session, east.accounts["planner"], WEST)
    with database.transaction(east.accounts["admin"]) as session, pytest.raises(Unseen):
        accounts.recover(session, east.accounts["planner"])


def test_an_account_out_of_use_is_signed_out_and_comes_back(database: Database, east: Office) -> None:
    token = sign_in(database, "east-worker", PASSWORD)
    for active in (False, True):
        with database.transaction(east.accounts["admin"]) as session:
            accounts.set_active(session, east.accounts["worker"], active=active)
        assert recognise(database, token) is None
    assert sign_in(database, "east-worker", PASSWORD)


def test_a_substitute_sees_the_other_grid_until_the_last_day(database: Database, east: Office) -> None:
    worker = east.accounts["worker"]
    with database.transaction(east.accounts["admin"]) as session:
        today = scopes.today(session)
        other = Place("east", "east1", "east12", last=today + timedelta(days=7))
        accounts.give_scope(session, worker, other)
    seen = {}
    for days in (0, 7, 8):
        with database.transaction(worker) as session:
            session.execute(
                text("SELECT set_config('gridmap.today', :day, true)"), {"day": str(today + timedelta(days))}
            )
            seen[days] = session.scalar(text("SELECT count(*) FROM resident"))
    assert seen == {0: 2, 7: 2, 8: 1}


def test_ended_work_is_over_at_once(database: Database, east: Office) -> None:
    with database.transaction(east.accounts["admin"]) as session:
        (scope,) = accounts.one(session, east.accounts["station"]).scopes
        accounts.end_scope(session, east.accounts["station"], scope.id)
    with database.transaction(east.accounts["station"]) as session:
        assert session.scalar(text("SELECT count(*) FROM resident")) == 0
