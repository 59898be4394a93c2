"""What every test may lean on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from gridmap.store.cluster.server import Cluster
from tests import offices, postgis

settings.register_profile("patient", deadline=None)  # a busy machine is no fault of what is tested
settings.load_profile("patient")
LONG = ("web/test_access_sweep.py", "test_real_towns.py", "test_check_real_towns.py", "services/test_heat_cambridge.py")
"""Files of a minute and more: begun first, so that no process is still at one when the other has nothing left."""
BESIDE = Path(__file__).parent.parent.parent / "shared" / "towns"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first."""
    tests = Path(__file__).parent
    items.sort(key=lambda item: item.path not in {tests / name for name in LONG})


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test, so that none writes into the user's."""
    home = tmp_path_factory.mktemp("home")
    (home / "secrets").mkdir(mode=0o700)
    (home / "secrets" / "app-password").write_text("test")  # a login is the server's, which all tests share
    monkeypatch.setenv("GRIDMAP_HOME", str(home))
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return home


@pytest.fixture
def real_towns() -> Path:
    """Folder of real town packages, which are not part of the project: tests that want them skip without."""
    folder = Path(os.environ.get("GRIDMAP_TOWNS", BESIDE))
    if not folder.is_dir():
        pytest.skip(f"no real towns at {folder}; set GRIDMAP_TOWNS to a folder of town packages")
    return folder


@pytest.fixture(scope="session")
def postgis_server() -> Iterator[Cluster]:
    """The PostGIS server that all tests of a run share."""
    with postgis.used() as cluster:
        yield cluster


@pytest.fixture
def database_url(postgis_server: Cluster) -> Iterator[str]:
    """Owner's address of a database with the schema, for one test alone."""
    with postgis.database(postgis_server) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(postgis_server: Cluster) -> Iterator[str]:
    """Owner's address of a database with the schema, for tests of a module that leave it as they found it."""
    with postgis.database(postgis_server) as url:
        yield url


@pytest.fixture(scope="module")
def filled(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> offices.Filled:
    """A database with two small subdistricts, for tests of a module that clean up after themselves."""
    return offices.filled(module_database_url, tmp_path_factory.mktemp("home"))
