"""Two subdistricts, the application's database, and the owner's."""

from collections.abc import Iterator

import pytest

from gridmap.store.session import Database
from tests.offices import Filled, Office, app_url


@pytest.fixture
def places(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> dict[str, Office]:
    """The subdistricts east and west, with the keys to what is sealed there."""
    monkeypatch.setenv("GRIDMAP_HOME", str(filled.home))
    return filled.places


@pytest.fixture
def east(places: dict[str, Office]) -> Office:
    return places["east"]


@pytest.fixture
def west(places: dict[str, Office]) -> Office:
    return places["west"]


@pytest.fixture
def database(filled: Filled, places: dict[str, Office]) -> Iterator[Database]:
    """What the web has."""
    made = Database(app_url(filled.url))
    yield made
    made.close()


@pytest.fixture
def owners(filled: Filled, places: dict[str, Office]) -> Iterator[Database]:
    """What commands have."""
    made = Database(filled.url, trusted=True)
    yield made
    made.close()
