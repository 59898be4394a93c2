"""Two subdistricts in a database, and connections with the application's login."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, text

from tests.fixtures.postgis import open_database, owner_engine
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, app_url, token_of

ConnectAs = Callable[[int | None], Connection]


@pytest.fixture(scope="module")
def subdistricts(filled_database: FilledDatabase) -> dict[str, SubdistrictIds]:
    """The subdistricts east and west, which the tests of a module share."""
    return filled_database.subdistricts


@pytest.fixture
def east(subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    return subdistricts["east"]


@pytest.fixture
def west(subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    return subdistricts["west"]


@pytest.fixture
def connect_as(module_database_url: str, subdistricts: dict[str, SubdistrictIds]) -> Iterator[ConnectAs]:
    """Function that makes a connection as gridmap_app act for an account; it is rolled back at the end."""
    with open_database(app_url(module_database_url)).engine.connect() as connection:

        def act(account: int | None) -> Connection:
            connection.execute(text("SELECT act_as(:token)"), {"token": "" if account is None else token_of(account)})
            return connection

        yield act


@pytest.fixture
def owner_connection(module_database_url: str, subdistricts: dict[str, SubdistrictIds]) -> Iterator[Connection]:
    """A connection as the owner, which is rolled back at the end."""
    with owner_engine(module_database_url).connect() as connection:
        yield connection
