"""Fixtures and order of all tests."""

import gc
import random
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from flask import Flask
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache

from gridmap.postgres.server import Cluster
from gridmap.services.accounts import passwords
from tests.fixtures import postgis, subdistricts, town_package
from tests.shared_folders import remove_shared_folders

postgis.set_environment()
settings.register_profile("quick", deadline=None, max_examples=30)  # on a busy machine an example may take any time
settings.register_profile("full", deadline=None)
settings.load_profile("quick")
TESTS_DIR = Path(__file__).parent
SLOW_FILES = (
    "access_sweep/test_full_sweep.py",
    "access_sweep/test_access_sweep.py",
    "chaos/test_chaos.py",
    "services/files/test_partition_real_towns.py",
    "core/coverage/test_checks_real_towns.py",
    "services/incidents/test_heatmap_cambridge.py",
)
"""Files that take a minute or more; they start first, so that no process works on one while the other is idle."""


def pytest_configure(config: pytest.Config) -> None:
    """Let properties be tried on more examples where `scripts/test --full` selects every test."""
    settings.load_profile("quick" if config.option.markexpr else "full")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests on real towns as `full`, draw the cases of sampled tests, and move slow files to the front."""
    for item in items:
        if "real_towns_dir" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.full)
    for test, cases in groupby(items, key=lambda item: item.nodeid.partition("[")[0]):
        mark_cases_beyond_sample(test, list(cases))
    slow = {TESTS_DIR / name for name in SLOW_FILES}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Leave modules and tests, some millions of objects, out of every later garbage collection."""
    gc.freeze()


def mark_cases_beyond_sample(test: str, cases: list[pytest.Item]) -> None:
    """Mark the cases of a sampled test as `full`, except as many as its mark says; these are always the same."""
    sampled = cases[0].get_closest_marker("sampled")
    if sampled and sampled.args[0] < len(cases):
        chosen = random.Random(test).sample(range(len(cases)), sampled.args[0])
        for number in set(range(len(cases))) - set(chosen):
            cases[number].add_marker(pytest.mark.full)


@pytest.fixture(scope="session")
def filter_count(pytestconfig: pytest.Config) -> int:
    """Return the number of random filters that counts are compared by."""
    return 12 if pytestconfig.option.markexpr else 60


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """Hash passwords at the lowest cost in this process; at that of the service, each takes a fifth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "hasher", PasswordHasher.from_parameters(CHEAPEST))
        yield


@pytest.fixture(autouse=True, scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compile every template once in this process; most tests create an application of their own."""
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": cache})
        yield


@pytest.fixture(autouse=True, scope="session")
def no_shared_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Remove at the end what root's services have kept outside their temporary homes."""
    yield
    remove_shared_folders(tmp_path_factory.getbasetemp())


@pytest.fixture(autouse=True)
def gridmap_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test its own home, so that none writes into the user's."""
    home = tmp_path_factory.mktemp("home")
    (home / "secrets").mkdir(mode=0o700)
    monkeypatch.setenv("GRIDMAP_HOME", str(home))
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return home


@pytest.fixture
def real_towns_dir() -> Path:
    """Folder of real town packages, which are not part of the project; without it, the test is skipped."""
    folder = town_package.real_towns_dir()
    if not folder.is_dir():
        pytest.skip(f"no real towns at {folder}; set GRIDMAP_TOWNS to a folder of town packages")
    return folder


@pytest.fixture
def failed_files_dir() -> Path:
    """Folder of small files that failed once, next to that of real towns; without it, the test is skipped."""
    folder = town_package.real_towns_dir().parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"no small files that failed at {folder}")
    return folder


@pytest.fixture(scope="session")
def postgis_server() -> Iterator[Cluster]:
    """Return the PostGIS server that all tests of a run share."""
    with postgis.shared_server() as cluster:
        yield cluster


@pytest.fixture
def database_url(postgis_server: Cluster) -> Iterator[str]:
    """Yield the owner's URL of a migrated database for one test."""
    with postgis.temporary_database(postgis_server) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(postgis_server: Cluster) -> Iterator[str]:
    """Yield the owner's URL of a migrated database for the tests of a module, which roll back their changes."""
    with postgis.temporary_database(postgis_server) as url:
        yield url


@pytest.fixture(scope="module")
def filled_database(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> subdistricts.FilledDatabase:
    """Fill a database with two small subdistricts for the tests of a module, which roll back their changes."""
    return subdistricts.fill_database(module_database_url, tmp_path_factory.mktemp("home"))
