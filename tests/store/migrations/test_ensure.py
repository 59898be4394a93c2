"""Upgrades at a start, and the retry of aborted transactions."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from gridmap.store.migrations import ensure, fingerprint, upgrade
from gridmap.store.retry import retry_transaction
from tests.fixtures import postgis


def record_upgrades(url: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the URLs that a start upgrades."""
    urls: list[str] = []
    monkeypatch.setattr(upgrade, "upgrade", urls.append)
    ensure.ensure_upgraded(url)
    return urls


def test_an_upgraded_database_is_not_upgraded_again(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    postgis.migrate_template(database_url)
    with create_engine(database_url).connect() as connection:
        assert ensure.is_upgraded(connection)
    assert record_upgrades(database_url, monkeypatch) == []


def test_a_copy_is_upgraded_because_it_may_lack_the_rights(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert record_upgrades(database_url, monkeypatch) == [database_url]


def test_the_fingerprint_changes_with_the_database() -> None:
    assert fingerprint.upgrade_fingerprint(1) != fingerprint.upgrade_fingerprint(2)


@pytest.mark.parametrize(("code", "message"), [("40P01", "others first"), ("XX000", "tuple concurrently updated")])
def test_a_transaction_is_retried_after_another_one(database_url: str, code: str, message: str) -> None:
    engine, times = create_engine(database_url), []

    def work() -> None:
        times.append(1)
        with engine.begin() as connection:
            if len(times) == 1:
                connection.execute(text(f"DO $$ BEGIN RAISE '{message}' USING ERRCODE = '{code}'; END $$"))

    retry_transaction(work)
    engine.dispose()
    assert len(times) == 2


def test_a_transaction_that_fails_for_another_reason_is_not_retried(database_url: str) -> None:
    engine, times = create_engine(database_url), []

    def work() -> None:
        times.append(1)
        with engine.begin() as connection:
            connection.execute(text("SELECT 1 / 0"))

    with pytest.raises(DBAPIError):
        retry_transaction(work)
    engine.dispose()
    assert len(times) == 1
