"""Upgrades: a backup first, one transaction, and the former version whenever a step fails."""

from pathlib import Path

import pytest

from gridmap.bundles import reader
from gridmap.core.errors import InvalidInput, NotPossible
from gridmap.services.installation import service, units, upgrade
from tests.services.installation.conftest import FakeMachine, ignore_message, read_record

BUNDLE = Path("bundle.tar")


def test_the_service_is_stopped_before_the_backup_and_backed_up_before_the_upgrade(machine: FakeMachine) -> None:
    upgrade.upgrade(BUNDLE, None, ignore_message)
    assert machine.steps == [
        "set up gridmap-2",
        "stop",
        "gridmap-1 db start",
        "gridmap-1 db backup",
        "gridmap-1 db upgrade",
        "gridmap-2 db upgrade",
        "start gridmap-2",
    ]


def test_an_upgrade_notes_what_leads_back(machine: FakeMachine) -> None:
    upgrade.upgrade(BUNDLE, None, ignore_message)
    record = read_record(machine)
    assert record["former_folder"] == str(machine.prefix / "gridmap-1")
    assert (record["schema_before"], record["schema_after"], record["backup"]) == ("0001", "0002", "/backups/0001")


def test_a_version_that_cannot_be_set_up_changes_nothing(machine: FakeMachine) -> None:
    machine.failures = {"set up gridmap-2"}
    with pytest.raises(NotPossible):
        upgrade.upgrade(BUNDLE, None, ignore_message)
    assert (machine.running, machine.steps) == ("gridmap-1", ["set up gridmap-2"])


@pytest.mark.parametrize("step", ["gridmap-1 db start", "gridmap-1 db backup", "gridmap-2 db upgrade"])
def test_a_failure_before_the_end_of_the_upgrade_starts_the_former_version(step: str, machine: FakeMachine) -> None:
    machine.failures = {step}
    with pytest.raises(NotPossible):
        upgrade.upgrade(BUNDLE, None, ignore_message)
    assert (machine.running, machine.schema) == ("gridmap-1", "0001")
    assert "gridmap-1 db restore" not in machine.steps


def test_a_new_version_that_does_not_start_gives_way_to_the_former_one_with_its_database(machine: FakeMachine) -> None:
    machine.failures = {"start gridmap-2"}
    with pytest.raises(NotPossible):
        upgrade.upgrade(BUNDLE, None, ignore_message)
    assert (machine.running, machine.schema) == ("gridmap-1", "0001")
    assert machine.steps[-4:] == ["stop", "gridmap-1 db start", "gridmap-1 db restore", "start gridmap-1"]


def test_the_version_in_use_is_no_upgrade(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrade, "_open", lambda *_: machine.prefix / "gridmap-1")
    with pytest.raises(NotPossible, match="already in use"):
        upgrade.upgrade(BUNDLE, None, ignore_message)
    assert machine.steps == []


def test_a_service_in_a_terminal_must_be_stopped_first(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    units.unit_file().unlink()
    monkeypatch.setattr(service, "is_running", lambda home: True)
    with pytest.raises(NotPossible, match="without a service unit"):
        upgrade.upgrade(BUNDLE, None, ignore_message)
    assert machine.steps == []


def test_a_bundle_of_another_signer_is_refused_before_anything_else(
    machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    with pytest.raises(InvalidInput, match="no bundle of gridmap"):
        upgrade._open(machine.prefix / "gridmap-1" / "bundle" / "key", None, machine.prefix / "gridmap-1")


def test_a_checkout_needs_the_key_on_the_command_line(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    (machine.prefix / "gridmap-1" / reader.KEY_FILE).unlink()
    with pytest.raises(InvalidInput, match="--key"):
        upgrade._open(BUNDLE, None, machine.prefix / "gridmap-1")
