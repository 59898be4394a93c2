"""Tests leave nothing outside their temporary folders, although root's services keep some folders elsewhere."""

from pathlib import Path

import pytest

from gridmap.postgres import paths
from gridmap.postgres.paths import ClusterPaths
from tests.shared_folders import find_shared_folders, remove_shared_folders, temporary_home


@pytest.fixture(autouse=True)
def shared_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the folders of homes lie in a folder of the test."""
    monkeypatch.setattr(paths, "SHARED_FOLDER", tmp_path / "shared")
    return tmp_path / "shared"


def keep_elsewhere(home: Path) -> Path:
    """Keep secrets outside a home, as the web processes of root need it."""
    home.mkdir(parents=True, exist_ok=True)
    secrets = ClusterPaths(home).shared_folder / "secrets"
    secrets.mkdir(parents=True)
    (home / "secrets").symlink_to(secrets)
    return secrets.parent


def test_what_lies_elsewhere_goes_with_the_homes_of_a_folder(tmp_path: Path) -> None:
    for home in ("run/home0", "run/test_of_a_service0/home", "run"):
        keep_elsewhere(tmp_path / home)
    other = keep_elsewhere(tmp_path / "home of somebody else")
    remove_shared_folders(tmp_path / "run")
    assert find_shared_folders(tmp_path) == [other]


def test_what_lies_elsewhere_goes_with_a_temporary_home(shared_folder: Path) -> None:
    with temporary_home() as home:
        keep_elsewhere(home)
        assert home.stat().st_mode & 0o777 == 0o755
    assert not home.exists()
    assert list(shared_folder.iterdir()) == []
