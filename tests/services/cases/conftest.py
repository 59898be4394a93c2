"""Fixtures of the services of cases."""

from collections.abc import Iterator

import pytest

from gridmap.store.session import Database
from tests.fixtures.cases.incident_cases import add_worker, delete_cases
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.services.cases.office import ServiceOffice


@pytest.fixture
def office(database: Database, filled_database: FilledDatabase, east: SubdistrictIds) -> Iterator[ServiceOffice]:
    """Return the subdistrict east with its worker on the roster; its cases are deleted afterwards."""
    add_worker(filled_database, east)
    yield ServiceOffice(database, filled_database, east)
    delete_cases(filled_database)
