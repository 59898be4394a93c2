"""What every test may lean on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from gridmap.postgres.server import Cluster
from tests.fixtures import postgis, subdistricts

settings.register_profile("patient", deadline=None)  # a busy machine is no fault of what is tested
settings.load_profile("patient")
SLOW_FILES = (
    "web/test_access_sweep.py",
    "test_real_towns.py",
    "test_check_real_towns.py",
    "services/test_heat_cambridge.py",
)
"""Files of a minute and more: begun first, so that no process is still at one when the other has nothing left."""
DEFAULT_TOWNS_DIR = Path(__file__).parent.parent.parent / "shared" / "towns"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first."""
    tests = Path(__file__).parent
    items.sort(key=lambda item: item.path not in {tests / name for name in SLOW_FILES})


@pytest.fixture(autouse=True)
def gridmap_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test, so that none writes into the user's."""
    home = tmp_path_factory.mktemp("home")
    (home / "secrets").mkdir(mode=0o700)
    (home / "secrets" / "app-password").write_text("test")  # a login is the server's, which all tests share
    monkeypatch.setenv("GRIDMAP_HOME", str(home))
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return home


@pytest.fixture
def real_towns_dir() -> Path:
    """Folder of real town packages, which are not part of the project: tests that want them skip without."""
    folder = Path(os.environ.get("GRIDMAP_TOWNS", DEFAULT_TOWNS_DIR))
    if not folder.is_dir():
        pytest.skip(f"no real towns at {folder}; set GRIDMAP_TOWNS to a folder of town packages")
    return folder


@pytest.fixture(scope="session")
def postgis_server() -> Iterator[Cluster]:
    """The PostGIS server that all tests of a run share."""
    with postgis.shared_server() as cluster:
        yield cluster


@pytest.fixture
def database_url(postgis_server: Cluster) -> Iterator[str]:
    """Owner's address of a database with the schema, for one test alone."""
    with postgis.temporary_database(postgis_server) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(postgis_server: Cluster) -> Iterator[str]:
    """Owner's address of a database with the schema, for tests of a module that leave it as they found it."""
    with postgis.temporary_database(postgis_server) as url:
        yield url


@pytest.fixture(scope="module")
def filled_database(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> subdistricts.FilledDatabase:
    """A database with two small subdistricts, for tests of a module that clean up after themselves."""
    return subdistricts.fill_database(module_database_url, tmp_path_factory.mktemp("home"))
