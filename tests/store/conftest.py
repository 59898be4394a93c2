"""Two subdistricts in a database, and connections as the login that owns nothing."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, create_engine, text

from tests.offices import Filled, Office, app_url

Acting = Callable[[int | None], Connection]


@pytest.fixture(scope="module")
def places(filled: Filled) -> dict[str, Office]:
    """The subdistricts east and west; tests of a module share them."""
    return filled.places


@pytest.fixture
def east(places: dict[str, Office]) -> Office:
    return places["east"]


@pytest.fixture
def west(places: dict[str, Office]) -> Office:
    return places["west"]


@pytest.fixture
def acting(module_database_url: str, places: dict[str, Office]) -> Iterator[Acting]:
    """A connection as gridmap_app that acts for an account; rolled back at the end."""
    engine = create_engine(app_url(module_database_url))
    with engine.connect() as connection:

        def act(account: int | None) -> Connection:
            told = {"account": "" if account is None else str(account)}
            connection.execute(text("SELECT set_config('gridmap.account', :account, true)"), told)
            return connection

        yield act
    engine.dispose()


@pytest.fixture
def owner(module_database_url: str, places: dict[str, Office]) -> Iterator[Connection]:
    """A connection as the owner; rolled back at the end."""
    engine = create_engine(module_database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
