"""Accounts and their scopes, for an admin of one subdistrict and for the owner."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy.orm import Session

from gridmap.core.errors import InvalidInput, NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts, audit
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import SubdistrictIds

EAST, WEST = ScopeRequest("east"), ScopeRequest("west")


@pytest.fixture
def admin(database: Database, east: SubdistrictIds) -> Iterator[Session]:
    """Open a transaction of the admin of east."""
    with database.transaction(east.token("admin")) as session:
        yield session
        session.rollback()


def test_an_admin_creates_accounts_in_the_own_subdistrict(admin: Session, east: SubdistrictIds) -> None:
    account_id, _ = accounts.create_account(
        admin, caller_of(admin), "li.na", Role.WORKER, "李娜", ScopeRequest("east", "east1", "east11")
    )
    (scope,) = accounts.get_account(admin, caller_of(admin), account_id).scopes
    assert (scope.subdistrict, scope.community, scope.grid) == ("east subdistrict", "east community", "east11")


def test_an_admin_creates_no_accounts_in_another_subdistrict(admin: Session) -> None:
    with pytest.raises(InvalidInput, match="no place has this code"):
        accounts.create_account(admin, caller_of(admin), "li.na", Role.WORKER, "", WEST)


@pytest.mark.parametrize("name", ["east-worker", "west-worker", "EAST-WORKER"])
def test_a_name_is_unique(admin: Session, name: str) -> None:
    with pytest.raises(InvalidInput, match="taken"):
        accounts.create_account(admin, caller_of(admin), name, Role.WORKER, "", EAST)


@pytest.mark.parametrize("name", ["", "a", "li na", "li\tna", "x" * 81 + "!", "<b>"])
def test_a_malformed_name_is_rejected(admin: Session, name: str) -> None:
    with pytest.raises(InvalidInput, match="2 to 80"):
        accounts.create_account(admin, caller_of(admin), name, Role.WORKER, "", EAST)


def test_all_faults_are_reported_together(admin: Session) -> None:
    unknown_scope = ScopeRequest("nowhere", last=date(2020, 1, 1), first=date(2021, 1, 1))
    with pytest.raises(InvalidInput) as caught:
        accounts.create_account(admin, caller_of(admin), "!", Role.WORKER, "", unknown_scope)
    assert [fault.column for fault in caught.value.faults] == ["name", "last", "subdistrict"]


def test_an_admin_lists_the_accounts_of_the_own_subdistrict(admin: Session) -> None:
    assert {account.name for account in accounts.list_accounts(admin, caller_of(admin))} == {
        f"east-{role}" for role in Role
    }


def test_the_owner_lists_all_accounts(owner_database: Database) -> None:
    with owner_database.transaction() as session:
        assert len(accounts.list_accounts(session, caller_of(session))) == 2 * len(Role)


def test_an_admin_resets_no_password_in_another_subdistrict(admin: Session, west: SubdistrictIds) -> None:
    with pytest.raises(NotFound):
        accounts.reset_password(admin, caller_of(admin), west.account_ids["worker"])


def test_an_admin_cannot_deactivate_the_own_account(database: Database, east: SubdistrictIds) -> None:
    from sqlalchemy.exc import ProgrammingError

    with (
        pytest.raises(ProgrammingError, match="not allowed"),
        database.transaction(east.token("admin")) as session,
    ):
        accounts.set_active(session, caller_of(session), east.account_ids["admin"], active=False)


def test_a_scope_is_not_given_twice_for_the_same_days(admin: Session, east: SubdistrictIds) -> None:
    with pytest.raises(InvalidInput, match="already"):
        accounts.add_scope(admin, caller_of(admin), east.account_ids["planner"], EAST)


def test_nobody_gives_himself_a_scope(admin: Session, east: SubdistrictIds) -> None:
    with pytest.raises(InvalidInput, match="ask another administrator"):
        accounts.add_scope(admin, caller_of(admin), east.account_ids["admin"], ScopeRequest("east", "east1"))


def test_an_admin_gives_a_new_scope_to_an_account_whose_scopes_are_over(admin: Session, east: SubdistrictIds) -> None:
    station = east.account_ids["station"]
    accounts.end_scope(
        admin, caller_of(admin), station, accounts.get_account(admin, caller_of(admin), station).scopes[0].id
    )
    accounts.add_scope(admin, caller_of(admin), station, EAST)
    assert [scope.is_over for scope in accounts.get_account(admin, caller_of(admin), station).scopes] == [True, False]


def test_a_scope_of_another_account_is_not_found(admin: Session, east: SubdistrictIds) -> None:
    (scope,) = accounts.get_account(admin, caller_of(admin), east.account_ids["station"]).scopes
    with pytest.raises(NotFound):
        accounts.end_scope(admin, caller_of(admin), east.account_ids["worker"], scope.id)


def test_every_change_of_rights_is_in_the_audit(admin: Session, east: SubdistrictIds) -> None:
    account_id, _ = accounts.create_account(admin, caller_of(admin), "li.na", Role.WORKER, "李娜", EAST)
    accounts.add_scope(admin, caller_of(admin), account_id, ScopeRequest("east", "east1"))
    accounts.end_scope(
        admin, caller_of(admin), account_id, accounts.get_account(admin, caller_of(admin), account_id).scopes[0].id
    )
    accounts.reset_password(admin, caller_of(admin), account_id)
    accounts.set_active(admin, caller_of(admin), account_id, active=False)
    rows, _ = audit.list_entries(admin, caller_of(admin), audit.AuditFilter(account_id=account_id))
    actions = ["account_deactivated", "password_reset", "scope_ended", "scope_given", "account_made"]
    assert [row.action for row in rows] == actions
    assert {(row.actor, row.target) for row in rows} == {("East-Admin", "李娜")}


def test_a_password_reset_is_in_the_audit_with_the_network_address(admin: Session, east: SubdistrictIds) -> None:
    accounts.reset_password(admin, caller_of(admin), east.account_ids["worker"], "192.0.2.1")
    (row,), _ = audit.list_entries(admin, caller_of(admin), audit.AuditFilter("password_reset"))
    assert row.address == "192.0.2.1"


def test_the_audit_is_filtered_by_action_and_day_and_paginated(admin: Session, east: SubdistrictIds) -> None:
    for _ in range(audit.PAGE_SIZE + 1):
        audit.record_entry(admin, audit.AuditEntry("approve", subdistrict_id=east.subdistrict_id))
    rows, pages = audit.list_entries(admin, caller_of(admin), audit.AuditFilter("approve"), 2)
    assert (len(rows), pages, audit.list_actions(admin, caller_of(admin))) == (1, 2, ["approve"])
    assert audit.list_entries(admin, caller_of(admin), audit.AuditFilter(last=date(2020, 1, 1))) == ([], 1)
