"""Outages of the database in the log: one line at the begin with the reason, one at the end."""

import logging
from collections.abc import Callable

import psycopg2
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gridmap.services.operations.outages import OutageLog
from gridmap.store.outage_reasons import OutageReason, outage_reason
from tests.fixtures import postgis

MARK = "13800138000"


class Clock:
    """Clock that a test moves."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return the lines of outages so far."""
    caplog.set_level(logging.WARNING, "gridmap.outages")
    return lambda: [record.getMessage() for record in caplog.records]


def refused() -> OperationalError:
    return OperationalError(f"SELECT '{MARK}'", {}, psycopg2.OperationalError("Connection refused\n"))


def test_a_hundred_failures_are_one_outage(clock: Clock, lines: Callable[[], list[str]]) -> None:
    log = OutageLog(lambda: None, clock)
    for clock.seconds in range(100):
        log.report(refused())
    clock.seconds = 102
    log.check()
    assert lines() == [
        "outage begins: the database cannot be reached",
        "outage over after 99 s: the database cannot be reached; 100 failures",
    ]


@pytest.mark.parametrize(("seconds", "over"), [(2.9, False), (3.0, True)])
def test_an_outage_is_over_three_seconds_after_the_last_failure(
    clock: Clock, lines: Callable[[], list[str]], seconds: float, over: bool
) -> None:
    log = OutageLog(lambda: None, clock)
    log.report(refused())
    clock.seconds = seconds
    log.check()
    assert len(lines()) == 1 + over


def test_a_probe_that_fails_begins_an_outage(lines: Callable[[], list[str]]) -> None:
    def fail() -> None:
        raise refused()

    OutageLog(fail).check()
    assert lines() == ["outage begins: the database cannot be reached"]


def test_another_reason_is_news_and_the_same_is_not(lines: Callable[[], list[str]]) -> None:
    log = OutageLog(lambda: None)
    wrong = OperationalError("", {}, psycopg2.OperationalError("FATAL: password authentication failed for user"))
    for error in (refused(), refused(), wrong, wrong):
        log.report(error)
    assert [line.partition(":")[0] for line in lines()] == ["outage begins", "outage goes on"]


def test_a_timeout_of_one_statement_is_no_outage(database_url: str, lines: Callable[[], list[str]]) -> None:
    log, engine = OutageLog(lambda: None), create_engine(database_url)
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 50"))
        with pytest.raises(DBAPIError) as error:
            connection.execute(text(f"SELECT pg_sleep(5), '{MARK}'"))
    engine.dispose()
    log.report(error.value)
    assert lines() == []


def connection_error(url: str) -> BaseException:
    engine = create_engine(url)
    with pytest.raises(DBAPIError) as error:
        engine.connect()
    return error.value


def test_a_wrong_password_is_named(database_url: str) -> None:
    url = postgis.app_url(database_url).replace(postgis.PASSWORD, "wrong")
    assert outage_reason(connection_error(url)) is OutageReason.LOGIN_REFUSED


def test_a_server_that_is_away_is_named() -> None:
    assert outage_reason(connection_error("postgresql+psycopg2://anna@127.0.0.1:9/town")) is OutageReason.UNREACHABLE


def test_a_full_disk_is_named(database_url: str) -> None:
    engine = create_engine(database_url)
    with pytest.raises(DBAPIError) as error, engine.connect() as connection:
        connection.execute(text("DO $$ BEGIN RAISE 'could not extend file' USING ERRCODE = '53100'; END $$"))
    engine.dispose()
    assert outage_reason(error.value) is OutageReason.FULL_DISK


def test_a_pool_without_a_free_connection_is_named() -> None:
    assert outage_reason(PoolTimeout("QueuePool limit")) is OutageReason.NO_FREE_CONNECTION


def test_no_reason_quotes_a_value() -> None:
    assert not any(MARK in reason for reason in OutageReason)
