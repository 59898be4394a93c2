"""Nobody is told of a foreign subdistrict: the short form of scripts/fault_access.py, and proof that it notices."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from gridmap.core.names import Role
from gridmap.store.cluster.server import Cluster
from tests import postgis
from tests.sweep import cookies, direct, layers, planted
from tests.sweep.country import Country, country
from tests.sweep.judging import Leak
from tests.sweep.sweep import interference, opened

SHOWN = ("a query as the owner", "no policy and no filter")
"""Leaks planted here; the script plants all."""


@pytest.fixture(scope="module")
def keys_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the keys are that seal and open the numbers of this module's residents."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def own_home(keys_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same home for all tests here."""
    monkeypatch.setenv("GRIDMAP_HOME", str(keys_home))
    return keys_home


@pytest.fixture(scope="module")
def land(postgis_server: Cluster, keys_home: Path) -> Iterator[Country]:
    """Two subdistricts whose words and numbers can be told apart, and people of every role in both."""
    with pytest.MonkeyPatch.context() as patch, postgis.database(postgis_server) as url:
        patch.setenv("GRIDMAP_HOME", str(keys_home))
        yield country(url, postgis.as_application(url))


def lines(leaks: list[Leak]) -> list[str]:
    return sorted({leak.line() for leak in leaks})


def swept(land: Country, only: str = "", least: int = 300, *, brief: bool = True) -> list[str]:
    sweep = opened(land, quick=True, only=only, brief=brief)
    told = sweep.run()
    sweep.close()
    assert told.asked() > least
    return lines(told.leaks)


def test_nobody_is_told_what_is_not_theirs(land: Country) -> None:
    assert swept(land) == []


def test_row_level_security_holds_without_the_explicit_filter(land: Country) -> None:
    with layers.without_filter():
        assert swept(land, "/api") == []


def test_the_explicit_filter_holds_without_row_level_security(land: Country) -> None:
    with layers.without_policies(land.owner):
        assert swept(land, "/api") == []


def test_the_database_refuses_by_itself(land: Country) -> None:
    assert lines(direct.leaks(land, quick=True)) == []


def test_what_is_told_in_clear_is_in_the_audit(land: Country) -> None:
    assert swept(land, "/people", brief=False) == []
    with create_engine(land.owner, poolclass=NullPool).connect() as owner:
        revealed = owner.execute(text("SELECT DISTINCT account_id FROM audit WHERE action = 'reveal'")).scalars()
        them = set(revealed)
    who = {each.role for each in land.personas if each.account in them}
    assert who == {Role.WORKER, Role.STATION}


def test_a_dump_holds_no_number_in_clear(land: Country) -> None:
    assert len(land.in_clear()) > 10_000
    assert lines(direct.in_dump(land)) == []


def test_an_old_cookie_is_worth_nothing(land: Country) -> None:
    assert lines(cookies.leaks(land)) == []


@pytest.mark.parametrize("what", SHOWN)
def test_a_planted_leak_is_found(land: Country, what: str) -> None:
    assert planted.PLANTED[what](land) != []


def test_the_filter_can_be_switched_off_everywhere() -> None:
    assert layers.imported_by_name() == []


def test_every_query_of_the_application_filters() -> None:
    assert layers.unfiltered() == []


def test_no_answer_changes_with_another_subdistrict(land: Country) -> None:
    sweep = opened(land, only="/api")
    assert lines(interference(sweep, *land.sides)) == []
    sweep.close()
