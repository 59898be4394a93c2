"""The access sweep in its short form, and the proof that it finds seeded leaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from gridmap.core.vocabulary import Role
from gridmap.postgres.server import Cluster
from tests.access_sweep import defence_layers, seeded_leaks, session_cookies, sql
from tests.access_sweep.communities import narrow_sql
from tests.access_sweep.fixtures import SweepData, load_sweep_data, owner_engine
from tests.access_sweep.oracle import Leak
from tests.access_sweep.sweep import find_interference, open_sweep
from tests.fixtures import postgis

QUICK_LEAKS = ("a query as the owner", "no policy and no filter")
"""Leaks seeded here; `run_sweep --prove` seeds all."""


@pytest.fixture(scope="module")
def keys_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the keys that encrypt the numbers of this module's residents."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def gridmap_home(keys_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use the same home for all tests of this module."""
    monkeypatch.setenv("GRIDMAP_HOME", str(keys_home))
    return keys_home


@pytest.fixture(scope="module")
def sweep_data(postgis_server: Cluster, keys_home: Path) -> Iterator[SweepData]:
    """Load two subdistricts with distinguishable texts and numbers, and personas of every role."""
    with pytest.MonkeyPatch.context() as patch, postgis.temporary_database(postgis_server) as url:
        patch.setenv("GRIDMAP_HOME", str(keys_home))
        yield load_sweep_data(url)


def leak_lines(leaks: list[Leak]) -> list[str]:
    return sorted({leak.summary() for leak in leaks})


def sweep_lines(
    sweep_data: SweepData, path_prefix: str = "", min_requests: int = 300, *, brief: bool = True
) -> list[str]:
    sweep = open_sweep(sweep_data, quick=True, path_prefix=path_prefix, brief=brief)
    result = sweep.run()
    sweep.close()
    assert result.request_count() > min_requests
    return leak_lines(result.leaks)


def test_no_answer_discloses_foreign_rows(sweep_data: SweepData) -> None:
    assert sweep_lines(sweep_data) == []


def test_row_level_security_holds_without_the_explicit_filter(sweep_data: SweepData) -> None:
    with defence_layers.without_filter():
        assert sweep_lines(sweep_data, "/api") == []


def test_the_explicit_filter_holds_without_row_level_security(sweep_data: SweepData) -> None:
    with defence_layers.without_policies(sweep_data.owner_url):
        assert sweep_lines(sweep_data, "/api") == []


def test_the_database_refuses_foreign_rows_without_the_application(sweep_data: SweepData) -> None:
    assert leak_lines(sql.find_leaks(sweep_data, quick=True)) == []


def test_the_database_refuses_rows_and_rights_of_another_community(sweep_data: SweepData) -> None:
    assert leak_lines(narrow_sql.find_leaks(sweep_data)) == []


@pytest.mark.full  # every form of every role: a minute of CPU
def test_every_number_shown_in_clear_is_in_the_audit(sweep_data: SweepData) -> None:
    assert sweep_lines(sweep_data, "/residents", brief=False) == []
    with owner_engine(sweep_data.owner_url).connect() as owner:
        revealed = owner.execute(text("SELECT DISTINCT account_id FROM audit WHERE action = 'reveal'")).scalars()
        account_ids = set(revealed)
    roles = {persona.role for persona in sweep_data.personas if persona.account_id in account_ids}
    assert roles == {Role.WORKER, Role.STATION}


def test_a_dump_contains_no_number_in_clear(sweep_data: SweepData) -> None:
    assert len(sweep_data.all_sensitive_numbers()) > 10_000
    assert leak_lines(sql.dump_leaks(sweep_data)) == []


def test_an_old_cookie_is_invalid(sweep_data: SweepData) -> None:
    assert leak_lines(session_cookies.find_leaks(sweep_data)) == []


@pytest.mark.parametrize("leak_name", QUICK_LEAKS)
def test_a_seeded_leak_is_found(sweep_data: SweepData, leak_name: str) -> None:
    assert seeded_leaks.SEEDED_LEAKS[leak_name](sweep_data) != []


def test_the_filter_can_be_switched_off_everywhere() -> None:
    assert defence_layers.filter_imports() == []


def test_every_query_of_the_application_filters() -> None:
    assert defence_layers.unfiltered_functions() == []


def test_every_module_that_may_query_without_the_filter_exists() -> None:
    modules = defence_layers.UNFILTERED_MODULES
    assert [name for name in modules if not (defence_layers.PACKAGE / name).is_file()] == []


@pytest.mark.full
def test_no_answer_changes_with_another_subdistrict(sweep_data: SweepData) -> None:
    sweep = open_sweep(sweep_data, path_prefix="/api")
    assert leak_lines(find_interference(sweep, *sweep_data.subdistricts)) == []
    sweep.close()
