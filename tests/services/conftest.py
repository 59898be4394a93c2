"""Two subdistricts, the application's database, and the owner's."""

from collections.abc import Iterator

import pytest

from gridmap.store.session import Database
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, app_url


@pytest.fixture
def subdistricts(filled_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch) -> dict[str, SubdistrictIds]:
    """The subdistricts east and west, with the keys to what is sealed there."""
    monkeypatch.setenv("GRIDMAP_HOME", str(filled_database.home_dir))
    return filled_database.subdistricts


@pytest.fixture
def east(subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    return subdistricts["east"]


@pytest.fixture
def west(subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    return subdistricts["west"]


@pytest.fixture
def database(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[Database]:
    """What the web has."""
    made = Database(app_url(filled_database.owner_url))
    yield made
    made.close()


@pytest.fixture
def owner_database(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[Database]:
    """What commands have."""
    made = Database(filled_database.owner_url, trusted=True)
    yield made
    made.close()
