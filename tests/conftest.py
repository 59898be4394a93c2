"""What every test may lean on."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("patient", deadline=None)  # a busy machine is no fault of what is tested
settings.load_profile("patient")
BESIDE = Path(__file__).parent.parent.parent / "shared" / "towns"


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test, so that none writes into the user's."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("GRIDMAP_HOME", str(home))
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")
    return home


@pytest.fixture
def real_towns() -> Path:
    """Folder of real town packages, which are not part of the project: tests that want them skip without."""
    folder = Path(os.environ.get("GRIDMAP_TOWNS", BESIDE))
    if not folder.is_dir():
        pytest.skip(f"no real towns at {folder}; set GRIDMAP_TOWNS to a folder of town packages")
    return folder
