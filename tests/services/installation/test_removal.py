"""Removal: programs go, data stay unless their folder is named."""

from pathlib import Path

import pytest

from gridmap.core.errors import NotPossible
from gridmap.postgres import paths
from gridmap.services.installation import removal, units
from tests.services.installation.conftest import FakeMachine, ignore_message


def test_unit_and_programs_go_and_data_stay(machine: FakeMachine, tmp_path: Path) -> None:
    removal.uninstall(None, ignore_message)
    assert machine.steps == ["disable --now gridmap.service", "daemon-reload", "gridmap-1 db stop"]
    assert not units.unit_file().exists()
    assert list(machine.prefix.iterdir()) == []
    assert {path.name for path in (tmp_path / "home").iterdir()} == {"secrets", "backups", "log"}


def test_data_go_when_their_folder_is_named_but_backups_stay(machine: FakeMachine, tmp_path: Path) -> None:
    removal.uninstall(tmp_path / "home", ignore_message)
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["backups"]


def test_secrets_outside_the_home_go_as_well(
    machine: FakeMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "SHARED_FOLDER", tmp_path / "shared")
    outside, other = paths.ClusterPaths(tmp_path / "home").shared_folder, tmp_path / "shared" / "of another home"
    for folder in (outside / "web", other):
        folder.mkdir(parents=True)
    (tmp_path / "home" / "secrets").rename(outside / "secrets")
    (tmp_path / "home" / "secrets").symlink_to(outside / "secrets")
    removal.uninstall(tmp_path / "home", ignore_message)
    assert list((tmp_path / "shared").iterdir()) == [other]


@pytest.mark.parametrize("name", ["", "opt", "home/secrets"])
def test_no_other_folder_is_deleted(name: str, machine: FakeMachine, tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match=f"--delete-data {tmp_path / 'home'}"):
        removal.uninstall(tmp_path / name, ignore_message)
    assert machine.steps == []
    assert (tmp_path / "home" / "log").exists()


def test_a_home_that_holds_the_programs_is_not_deleted(machine: FakeMachine, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    units.unit_file().write_text(units.unit_file().read_text().replace(f"{tmp_path}/home", str(tmp_path)))
    with pytest.raises(NotPossible, match="holds more than the data"):
        removal.uninstall(tmp_path, ignore_message)
    assert (machine.prefix / "gridmap-1").exists()


def test_of_a_checkout_only_what_setup_made_is_removed(machine: FakeMachine) -> None:
    checkout = machine.prefix / "gridmap-1"
    (checkout / "bundle" / "manifest.json").unlink()
    removal.uninstall(None, ignore_message)
    assert {path.name for path in checkout.iterdir()} == {"bundle", "gridmap"}
    assert (machine.prefix / "gridmap-2").exists()
