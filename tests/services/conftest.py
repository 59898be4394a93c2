"""Fixtures of services: two subdistricts, the database of the application and of the owner."""

import pytest

from gridmap.store.session import Database
from tests.fixtures.postgis import open_database
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, auth_url, reopen_sessions


@pytest.fixture
def subdistricts(filled_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch) -> dict[str, SubdistrictIds]:
    """Return the subdistricts east and west, with their encryption keys and open sessions."""
    monkeypatch.setenv("GRIDMAP_HOME", str(filled_database.home_dir))
    reopen_sessions(filled_database.owner_url)
    return filled_database.subdistricts


@pytest.fixture
def east(subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    return subdistricts["east"]


@pytest.fixture
def west(subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    return subdistricts["west"]


@pytest.fixture
def database(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Database:
    """Return the database with the login for accounts, which may do what pages do."""
    return open_database(auth_url(filled_database.owner_url))


@pytest.fixture
def owner_database(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Database:
    """Return the database as commands use it."""
    return open_database(filled_database.owner_url, trusted=True)
