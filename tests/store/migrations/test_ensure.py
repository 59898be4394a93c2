"""What an upgrade does beside others, and when there is none to be done."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from gridmap.secret_files import get_or_create
from gridmap.store.migrations import ensure, fingerprint, upgrade
from gridmap.store.retry import retry_transaction


def record_upgrades(url: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a start upgrades."""
    asked: list[str] = []
    monkeypatch.setattr(upgrade, "upgrade", asked.append)
    ensure.ensure_upgraded(url)
    return asked


def test_a_database_that_is_up_to_date_is_left_alone(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade.upgrade(database_url, get_or_create("app-password"))
    assert ensure.is_upgraded(database_url)
    assert record_upgrades(database_url, monkeypatch) == []


def test_a_copy_is_upgraded_since_its_rights_may_not_have_come_along(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert record_upgrades(database_url, monkeypatch) == [database_url]


def test_other_policies_or_another_password_are_another_version() -> None:
    assert (
        len(
            {
                fingerprint.upgrade_fingerprint(1, "a"),
                fingerprint.upgrade_fingerprint(2, "a"),
                fingerprint.upgrade_fingerprint(1, "b"),
            }
        )
        == 3
    )


def test_a_deadlock_is_survived(database_url: str) -> None:
    engine, times = create_engine(database_url), []

    def work() -> None:
        times.append(1)
        with engine.begin() as connection:
            if len(times) == 1:
                connection.execute(text("DO $$ BEGIN RAISE 'others first' USING ERRCODE = '40P01'; END $$"))

    retry_transaction(work)
    engine.dispose()
    assert len(times) == 2


def test_what_fails_for_another_reason_is_not_done_again(database_url: str) -> None:
    engine, times = create_engine(database_url), []

    def work() -> None:
        times.append(1)
        with engine.begin() as connection:
            connection.execute(text("SELECT 1 / 0"))

    with pytest.raises(DBAPIError):
        retry_transaction(work)
    engine.dispose()
    assert len(times) == 1
