"""What an upgrade does beside others, and when there is none to be done."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from gridmap.store import migrations, upgrades, version
from gridmap.store.again import again
from gridmap.store.secrets import kept


def upgraded_with(url: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a start upgrades."""
    asked: list[str] = []
    monkeypatch.setattr(migrations, "upgrade", asked.append)
    upgrades.ensure(url)
    return asked


def test_a_database_that_is_up_to_date_is_left_alone(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    migrations.upgrade(database_url, kept("app-password"))
    assert upgrades.done(database_url)
    assert upgraded_with(database_url, monkeypatch) == []


def test_a_copy_is_upgraded_since_its_rights_may_not_have_come_along(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert upgraded_with(database_url, monkeypatch) == [database_url]


def test_other_policies_or_another_password_are_another_version() -> None:
    assert len({version.mark_of(1, "a"), version.mark_of(2, "a"), version.mark_of(1, "b")}) == 3


def test_a_deadlock_is_survived(database_url: str) -> None:
    engine, times = create_engine(database_url), []

    def work() -> None:
        times.append(1)
        with engine.begin() as connection:
            if len(times) == 1:
                connection.execute(text("DO $$ BEGIN RAISE 'others first' USING ERRCODE = '40P01'; END $$"))

    again(work)
    engine.dispose()
    assert len(times) == 2


def test_what_fails_for_another_reason_is_not_done_again(database_url: str) -> None:
    engine, times = create_engine(database_url), []

    def work() -> None:
        times.append(1)
        with engine.begin() as connection:
            connection.execute(text("SELECT 1 / 0"))

    with pytest.raises(DBAPIError):
        again(work)
    engine.dispose()
    assert len(times) == 1
