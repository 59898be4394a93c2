"""A restore ends all sessions, goes on with the audit, and lists the rights that come back."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812 - the class has a lower-case name
from sqlalchemy.engine import make_url

from gridmap.postgres import databases, lifecycle
from gridmap.postgres.databases import execute, fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.services.operations import backups
from gridmap.services.operations.restores import RestoreReport, restore_database
from gridmap.services.operations.returned_rights import find_returned_rights
from gridmap.store.queries.rights import NO_RIGHTS, ActiveAccount, Rights, ScopePlace
from gridmap.store.writes import restored_database
from tests.fixtures import postgis, subdistricts
from tests.fixtures.subdistricts import FilledDatabase

AUDIT = "SELECT action, a.name, details FROM audit LEFT JOIN account a ON a.id = account_id ORDER BY audit.id"


@pytest.fixture
def town(
    database_url: str, gridmap_home: Path, postgis_server: Cluster, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FilledDatabase]:
    """Database with accounts and residents, which commands of this test use."""

    def create_extensions(name: str) -> None:
        databases.create_extensions(postgis_server.database_url(name, "postgres"))

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr(lifecycle, "_create_extensions", create_extensions)
    monkeypatch.setattr("gridmap.store.migrations.upgrade.upgrade", postgis.migrate_template)
    yield subdistricts.fill_database(database_url, gridmap_home)
    names = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    for (name,) in fetch_rows(postgis_server.database_url(), names, f"{make_url(database_url).database}_"):
        postgis.drop_database(postgis_server.database_url(), name)


Restore = Callable[..., RestoreReport]


@pytest.fixture
def restore_after(town: FilledDatabase, tmp_path: Path) -> Restore:
    """Return a function that backs up, executes statements, and restores."""

    def restore(*statements: str, before: tuple[str, ...] = ()) -> RestoreReport:
        execute(town.owner_url, *before)
        file = backups.back_up(tmp_path)
        execute(town.owner_url, *statements)
        return restore_database(file)

    return restore


SESSION = (
    "INSERT INTO web_session (token_hash, account_id, expires_at)"
    " SELECT token_fingerprint('stolen'), id, now() + interval '1 day' FROM account WHERE name = 'east-leader'"
)
DISMISSAL = "UPDATE account SET active = false WHERE name = 'east-leader'"


def test_the_cookie_of_a_dismissed_account_does_not_work_again(town: FilledDatabase, restore_after: Restore) -> None:
    report = restore_after("DELETE FROM web_session", DISMISSAL, before=("DELETE FROM web_session", SESSION))
    assert report.sessions_ended == 1
    execute(town.owner_url, "UPDATE account SET active = true WHERE name = 'east-leader'")
    assert fetch_rows(town.owner_url, "SELECT count(*) FROM find_session('stolen')") == [(0,)]
    execute(town.owner_url, SESSION)
    assert fetch_rows(town.owner_url, "SELECT count(*) FROM find_session('stolen')") == [(1,)]


def test_the_logins_have_no_more_rights_on_a_restored_database(town: FilledDatabase, restore_after: Restore) -> None:
    restore_after()
    rights = "SELECT has_database_privilege(%s, current_database(), %s)"
    for login in ("gridmap_app", "gridmap_auth"):
        assert fetch_rows(town.owner_url, rights, login, "TEMP") == [(False,)]
        assert fetch_rows(town.owner_url, rights, login, "CONNECT") == [(True,)]


def test_accounts_that_come_back_are_listed_and_recorded_for_their_admins(
    town: FilledDatabase, restore_after: Restore
) -> None:
    report = restore_after(DISMISSAL)
    assert report.returned.accounts == ["east-leader"]
    assert [scope.account for scope in report.returned.scopes] == ["east-leader"]
    recorded = fetch_rows(
        town.owner_url,
        "SELECT a.name, s.code FROM audit JOIN account a ON a.id = subject_id JOIN subdistrict s"
        " ON s.id = audit.subdistrict_id WHERE action = 'account_returned'",
    )
    assert recorded == [("east-leader", "east")]


def test_scopes_that_come_back_are_listed_and_recorded(town: FilledDatabase, restore_after: Restore) -> None:
    report = restore_after(
        "UPDATE account_scope SET valid = '[2020-01-01,2020-02-01)'"
        " WHERE account_id = (SELECT id FROM account WHERE name = 'east-station')"
    )
    assert (report.returned.accounts, report.returned.scopes) == ([], [("east-station", "east", "east1", None, False)])
    details = fetch_rows(town.owner_url, "SELECT details FROM audit WHERE action = 'scope_returned'")
    assert details == [({"subdistrict": "east", "community": "east1"},)]


def test_a_right_to_approve_that_comes_back_is_listed(restore_after: Restore) -> None:
    planner = "account_id = (SELECT id FROM account WHERE name = 'east-planner')"
    report = restore_after(
        f"UPDATE account_scope SET can_approve = false WHERE {planner}",
        before=(f"UPDATE account_scope SET can_approve = true WHERE {planner}",),
    )
    assert report.returned.scopes == [("east-planner", "east", None, None, True)]


def test_an_entry_is_carried_on_with_every_column(town: FilledDatabase, restore_after: Restore) -> None:
    entry, columns = "SELECT to_jsonb(audit) FROM audit WHERE action = 'export'", []
    file_entry = (
        "INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, resident_ids,"
        " reason, details, ip_address) SELECT c.subdistrict_id, c.id, a.id, 'export', 'resident', 7, '{7, 8}',"
        " 'a list', '{\"rows\": 3}', '192.0.2.1' FROM community c, account a WHERE c.code = 'east1'"
        " AND a.name = 'east-station'"
    )

    def remember(old: Connection, restored: Connection) -> int | None:
        with old.cursor() as cursor:
            cursor.execute(entry)
            columns.append(cursor.fetchone())
        return carry_on_audit(old, restored)

    carry_on_audit = restored_database.carry_on_audit
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restored_database, "carry_on_audit", remember)
        restore_after(file_entry)
    assert fetch_rows(town.owner_url, entry) == columns
    assert None not in columns[0][0].values()


def test_passwords_that_come_back_are_listed(restore_after: Restore) -> None:
    report = restore_after(
        "UPDATE credential SET changed_at = now() WHERE account_id = (SELECT id FROM account WHERE name = 'west-admin')"
    )
    assert report.returned.passwords == ["west-admin"]


def test_nothing_comes_back_if_nothing_has_changed(restore_after: Restore) -> None:
    assert restore_after().returned == find_returned_rights(NO_RIGHTS, NO_RIGHTS)


def audit_statement(action: str, account: str) -> str:
    return (
        "INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, reason)"
        f" SELECT 1, id, '{action}', 'resident', 7, 'a visit' FROM account WHERE name = '{account}'"
    )


def test_the_audit_keeps_the_entries_from_before_and_after_the_backup(
    town: FilledDatabase, restore_after: Restore
) -> None:
    report = restore_after(
        audit_statement("reveal", "east-worker"),
        audit_statement("export", "east-station"),
        before=(audit_statement("sign_in", "east-leader"),),
    )
    entries = [(action, account) for action, account, _ in fetch_rows(town.owner_url, AUDIT)]
    restore_entries = [("restore", None)] * 2  # for the admins of east and of west
    assert entries == [
        ("sign_in", "east-leader"), ("backup", None), ("backup", None), ("reveal", "east-worker"),
        ("export", "east-station"), *restore_entries,
    ]  # fmt: skip
    assert report.entries_carried_on == 4


def test_an_entry_of_an_account_that_the_backup_does_not_know_names_it(
    town: FilledDatabase, restore_after: Restore
) -> None:
    restore_after(
        "INSERT INTO account (name, display_name, role) VALUES ('newcomer', 'Newcomer', 'leader')",
        audit_statement("reveal", "newcomer"),
        "INSERT INTO audit (action, subject, subject_id) SELECT 'scope_given', 'account', max(id) FROM account",
    )
    rows = fetch_rows(
        town.owner_url,
        "SELECT account_id, subject, subject_id, details FROM audit WHERE action IN ('reveal', 'scope_given')"
        " ORDER BY id",
    )
    assert rows == [
        (None, "resident", 7, {"absent_account": "newcomer"}),
        (None, "account", None, {"absent_subject": "newcomer"}),
    ]


def test_new_rows_get_no_number_that_the_audit_has_seen(town: FilledDatabase, restore_after: Restore) -> None:
    restore_after("INSERT INTO account (name, display_name, role) VALUES ('newcomer', 'Newcomer', 'leader')")
    [(last,)] = fetch_rows(town.owner_url, "SELECT max(id) FROM account")
    execute(town.owner_url, "INSERT INTO account (name, display_name, role) VALUES ('another', 'A', 'leader')")
    assert fetch_rows(town.owner_url, "SELECT id FROM account WHERE name = 'another'") == [(last + 2,)]


def test_a_second_restore_of_a_backup_doubles_no_entry(town: FilledDatabase, tmp_path: Path) -> None:
    file = backups.back_up(tmp_path)
    execute(town.owner_url, audit_statement("reveal", "east-worker"))
    restore_database(file)
    restore_database(file)
    actions = [action for action, *_ in fetch_rows(town.owner_url, AUDIT)]
    assert actions == ["backup", "backup", "reveal", "restore", "restore", "restore", "restore"]


def test_a_restore_over_a_database_without_a_readable_audit_says_so(
    town: FilledDatabase, restore_after: Restore
) -> None:
    assert restore_after("ALTER TABLE audit RENAME COLUMN reason TO why").entries_carried_on is None
    assert restore_after("DROP TABLE audit CASCADE").entries_carried_on == 0


def test_a_foreign_audit_keeps_its_entries_beside_those_of_the_backup(
    town: FilledDatabase, tmp_path: Path, postgis_server: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other installation has entries and accounts of the same numbers."""
    execute(town.owner_url, audit_statement("sign_in", "east-leader"))
    file = backups.back_up(tmp_path)
    with postgis.temporary_database(postgis_server) as other_url:
        monkeypatch.setenv("DATABASE_URL", other_url)
        execute(
            other_url,
            "INSERT INTO account (name, display_name, role) VALUES ('stranger', 'S', 'admin')",
            "INSERT INTO audit (account_id, action) SELECT id, 'reveal' FROM account",
        )
        assert restore_database(file).entries_carried_on == 1
        entries = [(action, name, details) for action, name, details in fetch_rows(other_url, AUDIT)]
        postgis.drop_database(postgis_server.database_url(), previous_database(other_url))
    assert entries[0][:2] == ("sign_in", "east-leader")
    assert ("reveal", None, {"absent_account": "stranger"}) in entries


def previous_database(url: str) -> str:
    prefix = f"{make_url(url).database}_before_"
    [(name,)] = fetch_rows(url, "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", prefix)
    return str(name)


def test_missing_keys_are_named(town: FilledDatabase, tmp_path: Path) -> None:
    file, key_file = backups.back_up(tmp_path), town.home_dir / "secrets" / "keys.json"
    key_id = json.loads(key_file.read_text())["keys"][0]["id"]
    assert restore_database(file).secret_faults == []
    key_file.write_text(key_file.read_text().replace(key_id, "00000000"))
    [fault] = restore_database(file).secret_faults
    assert f"need the keys {key_id}" in str(fault)
    key_file.unlink()
    assert [str(fault)[:20] for fault in restore_database(file).secret_faults] == ["The keys are missing"]


def account(changed_at: datetime | None = None) -> ActiveAccount:
    return ActiveAccount("Someone", "leader", changed_at)


def rights(*names: str, **scopes: date) -> Rights:
    return Rights(
        {name: account() for name in names},
        {ScopePlace(name, "street", None, None): end for name, end in scopes.items()},
    )


@pytest.mark.parametrize(
    ("replaced", "restored", "accounts", "scopes"),
    [
        (rights("ann"), rights("ann"), [], []),
        (rights("ann"), rights("ann", "bob"), ["bob"], []),
        (rights("ann", "bob"), rights("ann"), [], []),
        (rights("ann", ann=date(2026, 3, 1)), rights("ann", ann=date(2026, 3, 1)), [], []),
        (rights("ann", ann=date(2026, 3, 1)), rights("ann", ann=date(2026, 3, 2)), [], ["ann"]),
        (rights("ann", ann=date.max), rights("ann", ann=date(2026, 3, 2)), [], []),
        (rights("ann", ann=date(2026, 3, 1)), rights("ann", ann=date.max), [], ["ann"]),
        (rights("ann"), rights("ann", ann=date(2026, 3, 1)), [], ["ann"]),
    ],
)
def test_only_rights_that_were_not_there_have_returned(
    replaced: Rights, restored: Rights, accounts: list[str], scopes: list[str]
) -> None:
    returned = find_returned_rights(replaced, restored)
    assert (returned.accounts, [scope.account for scope in returned.scopes]) == (accounts, scopes)


def test_a_password_has_returned_if_it_was_set_at_another_time() -> None:
    earlier, later = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    replaced = Rights({"ann": account(later), "bob": account(earlier)}, {})
    restored = Rights({"ann": account(earlier), "bob": account(earlier), "cai": account(earlier)}, {})
    assert find_returned_rights(replaced, restored).passwords == ["ann"]
