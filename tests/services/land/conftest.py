"""The town of the tests about land."""

import pytest

from tests.services.land.land_town import LandTown, load_land_town


@pytest.fixture(scope="module")
def land_town(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LandTown:
    """Load the town once for the tests of a module, which roll back their changes."""
    return load_land_town(module_database_url, tmp_path_factory.mktemp("town"))
