"""Accounts and where they work, as an admin of one subdistrict and as the owner."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy.orm import Session

from gridmap.core.errors import BadInput, Unseen
from gridmap.core.names import Role
from gridmap.services import accounts, audit
from gridmap.services.scopes import Place
from gridmap.store.session import Database
from tests.offices import Office

EAST, WEST = Place("east"), Place("west")


@pytest.fixture
def admin(database: Database, east: Office) -> Iterator[Session]:
    """A transaction of the admin of east."""
    with database.transaction(east.accounts["admin"]) as session:
        yield session
        session.rollback()


def test_an_admin_makes_accounts_in_the_own_subdistrict(admin: Session, east: Office) -> None:
    made, _ = accounts.make_account(admin, "li.na", Role.WORKER, "李娜", Place("east", "east1", "east11"))
    (scope,) = accounts.one(admin, made).scopes
    assert (scope.subdistrict, scope.community, scope.grid) == ("east subdistrict", "east community", "east11")


def test_an_admin_makes_none_elsewhere(admin: Session) -> None:
    with pytest.raises(BadInput, match="none of this code"):
        accounts.make_account(admin, "li.na", Role.WORKER, "", WEST)


@pytest.mark.parametrize("name", ["east-worker", "west-worker", "EAST-WORKER"])
def test_a_name_is_given_once(admin: Session, name: str) -> None:
    with pytest.raises(BadInput, match="taken"):
        accounts.make_account(admin, name, Role.WORKER, "", EAST)


@pytest.mark.parametrize("name", ["", "a", "li na", "li\tna", "x" * 81 + "!", "<b>"])
def test_a_name_can_be_typed(admin: Session, name: str) -> None:
    with pytest.raises(BadInput, match="2 to 80"):
        accounts.make_account(admin, name, Role.WORKER, "", EAST)


def test_everything_wrong_is_said_at_once(admin: Session) -> None:
    nowhere = Place("nowhere", last=date(2020, 1, 1), first=date(2021, 1, 1))
    with pytest.raises(BadInput) as caught:
        accounts.make_account(admin, "!", Role.WORKER, "", nowhere)
    assert [fault.column for fault in caught.value.faults] == ["name", "last", "subdistrict"]


def test_an_admin_lists_the_own_accounts(admin: Session) -> None:
    assert {each.name for each in accounts.accounts(admin)} == {f"east-{role}" for role in Role}


def test_the_owner_lists_all(owners: Database) -> None:
    with owners.transaction() as session:
        assert len(accounts.accounts(session)) == 2 * len(Role)


def test_an_admin_helps_nobody_of_a_foreign_subdistrict(admin: Session, west: Office) -> None:
    with pytest.raises(Unseen):
        accounts.recover(admin, west.accounts["worker"])


def test_nobody_puts_themselves_out_of_use(database: Database, east: Office) -> None:
    from sqlalchemy.exc import ProgrammingError

    with pytest.raises(ProgrammingError, match="not allowed"), database.transaction(east.accounts["admin"]) as session:
        accounts.set_active(session, east.accounts["admin"], active=False)


def test_a_place_is_given_once_at_a_time(admin: Session, east: Office) -> None:
    with pytest.raises(BadInput, match="already"):
        accounts.give_scope(admin, east.accounts["planner"], EAST)


def test_an_admin_can_take_back_who_works_nowhere_any_more(admin: Session, east: Office) -> None:
    station = east.accounts["station"]
    accounts.end_scope(admin, station, accounts.one(admin, station).scopes[0].id)
    accounts.give_scope(admin, station, EAST)
    assert [scope.over for scope in accounts.one(admin, station).scopes] == [True, False]


def test_a_scope_is_ended_with_its_own_account_only(admin: Session, east: Office) -> None:
    (scope,) = accounts.one(admin, east.accounts["station"]).scopes
    with pytest.raises(Unseen):
        accounts.end_scope(admin, east.accounts["worker"], scope.id)


def test_every_change_of_rights_is_written_down(admin: Session, east: Office) -> None:
    made, _ = accounts.make_account(admin, "li.na", Role.WORKER, "李娜", EAST)
    accounts.give_scope(admin, made, Place("east", "east1"))
    accounts.end_scope(admin, made, accounts.one(admin, made).scopes[0].id)
    accounts.recover(admin, made)
    accounts.set_active(admin, made, active=False)
    rows, _ = audit.entries(admin, audit.Wanted(account=made))
    actions = ["account_deactivated", "password_reset", "scope_ended", "scope_given", "account_made"]
    assert [row.action for row in rows] == actions
    assert {(row.who, row.whom) for row in rows} == {("East-Admin", "李娜")}


def test_a_password_that_is_reset_is_written_down_with_the_address_it_was_asked_from(
    admin: Session, east: Office
) -> None:
    accounts.recover(admin, east.accounts["worker"], "192.0.2.1")
    (row,), _ = audit.entries(admin, audit.Wanted("password_reset"))
    assert row.address == "192.0.2.1"


def test_the_audit_is_found_by_action_and_day_and_comes_in_pages(admin: Session, east: Office) -> None:
    for _ in range(audit.PAGE + 1):
        audit.record(admin, audit.Deed("export", subdistrict=east.id))
    rows, pages = audit.entries(admin, audit.Wanted("export"), 2)
    assert (len(rows), pages, audit.actions(admin)) == (1, 2, ["export"])
    assert audit.entries(admin, audit.Wanted(last=date(2020, 1, 1))) == ([], 1)
