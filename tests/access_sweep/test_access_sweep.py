"""Nobody is told of a foreign subdistrict: the short form of tests/access_sweep/run_sweep.py, and proof that it notices."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from gridmap.core.vocabulary import Role
from gridmap.postgres.server import Cluster
from tests.access_sweep import defence_layers, seeded_leaks, session_cookies, sql
from tests.access_sweep.fixtures import SweepData, load_sweep_data
from tests.access_sweep.oracle import Leak
from tests.access_sweep.sweep import find_interference, open_sweep
from tests.fixtures import postgis

QUICK_LEAKS = ("a query as the owner", "no policy and no filter")
"""Leaks planted here; the script plants all."""


@pytest.fixture(scope="module")
def keys_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the keys are that seal and open the numbers of this module's residents."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def gridmap_home(keys_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same home for all tests here."""
    monkeypatch.setenv("GRIDMAP_HOME", str(keys_home))
    return keys_home


@pytest.fixture(scope="module")
def sweep_data(postgis_server: Cluster, keys_home: Path) -> Iterator[SweepData]:
    """Two subdistricts whose words and numbers can be told apart, and people of every role in both."""
    with pytest.MonkeyPatch.context() as patch, postgis.temporary_database(postgis_server) as url:
        patch.setenv("GRIDMAP_HOME", str(keys_home))
        yield load_sweep_data(url, postgis.app_url(url))


def leak_lines(leaks: list[Leak]) -> list[str]:
    return sorted({leak.summary() for leak in leaks})


def sweep_lines(
    sweep_data: SweepData, path_prefix: str = "", min_requests: int = 300, *, brief: bool = True
) -> list[str]:
    sweep = open_sweep(sweep_data, quick=True, path_prefix=path_prefix, brief=brief)
    told = sweep.run()
    sweep.close()
    assert told.request_count() > min_requests
    return leak_lines(told.leaks)


def test_nobody_is_told_what_is_not_theirs(sweep_data: SweepData) -> None:
    assert sweep_lines(sweep_data) == []


def test_row_level_security_holds_without_the_explicit_filter(sweep_data: SweepData) -> None:
    with defence_layers.without_filter():
        assert sweep_lines(sweep_data, "/api") == []


def test_the_explicit_filter_holds_without_row_level_security(sweep_data: SweepData) -> None:
    with defence_layers.without_policies(sweep_data.owner_url):
        assert sweep_lines(sweep_data, "/api") == []


def test_the_database_refuses_by_itself(sweep_data: SweepData) -> None:
    assert leak_lines(sql.find_leaks(sweep_data, quick=True)) == []


def test_what_is_told_in_clear_is_in_the_audit(sweep_data: SweepData) -> None:
    assert sweep_lines(sweep_data, "/residents", brief=False) == []
    with create_engine(sweep_data.owner_url, poolclass=NullPool).connect() as owner:
        revealed = owner.execute(text("SELECT DISTINCT account_id FROM audit WHERE action = 'reveal'")).scalars()
        them = set(revealed)
    who = {each.role for each in sweep_data.personas if each.account_id in them}
    assert who == {Role.WORKER, Role.STATION}


def test_a_dump_holds_no_number_in_clear(sweep_data: SweepData) -> None:
    assert len(sweep_data.all_sensitive_numbers()) > 10_000
    assert leak_lines(sql.dump_leaks(sweep_data)) == []


def test_an_old_cookie_is_worth_nothing(sweep_data: SweepData) -> None:
    assert leak_lines(session_cookies.find_leaks(sweep_data)) == []


@pytest.mark.parametrize("what", QUICK_LEAKS)
def test_a_planted_leak_is_found(sweep_data: SweepData, what: str) -> None:
    assert seeded_leaks.SEEDED_LEAKS[what](sweep_data) != []


def test_the_filter_can_be_switched_off_everywhere() -> None:
    assert defence_layers.filter_imports() == []


def test_every_query_of_the_application_filters() -> None:
    assert defence_layers.unfiltered_functions() == []


def test_every_module_that_may_query_without_the_filter_exists() -> None:
    modules = defence_layers.UNFILTERED_MODULES
    assert [name for name in modules if not (defence_layers.PACKAGE / name).is_file()] == []


def test_no_answer_changes_with_another_subdistrict(sweep_data: SweepData) -> None:
    sweep = open_sweep(sweep_data, path_prefix="/api")
    assert leak_lines(find_interference(sweep, *sweep_data.subdistricts)) == []
    sweep.close()
