"""The way back: former programs and former database, and no input is lost without an explicit option."""

import json
import shutil
from pathlib import Path

import pytest

from gridmap.core.errors import NotPossible
from gridmap.services.installation.rollback import roll_back
from tests.services.installation.conftest import FakeMachine


def test_without_entries_the_former_version_is_back_with_its_database(upgraded: FakeMachine) -> None:
    result = roll_back(discard_entries=False)
    assert (upgraded.running, upgraded.schema) == ("gridmap-1", "0001")
    assert (result.is_restored, result.discarded) == (True, {})


def test_entries_since_the_upgrade_are_not_lost_without_permission(upgraded: FakeMachine) -> None:
    upgraded.entries = {"incident": 3, "revision": 1}
    with pytest.raises(NotPossible, match="incident 3, revision 1"):
        roll_back(discard_entries=False)
    assert (upgraded.running, upgraded.schema) == ("gridmap-2", "0002")
    assert "gridmap-1 db restore" not in upgraded.steps


def test_entries_are_counted_when_nobody_can_add_any(upgraded: FakeMachine) -> None:
    roll_back(discard_entries=False)
    assert upgraded.steps.index("stop") < upgraded.steps.index("gridmap-2 db entries")


def test_with_permission_entries_are_backed_up_and_reported(upgraded: FakeMachine) -> None:
    upgraded.entries = {"incident": 3}
    result = roll_back(discard_entries=True)
    assert (result.discarded, result.kept_backup, upgraded.schema) == ({"incident": 3}, "/backups/0002", "0001")
    assert upgraded.steps.index("gridmap-2 db backup") < upgraded.steps.index("gridmap-1 db restore")


def test_without_a_backup_of_the_entries_nothing_is_restored(upgraded: FakeMachine) -> None:
    upgraded.failures = {"gridmap-2 db backup"}
    with pytest.raises(NotPossible):
        roll_back(discard_entries=True)
    assert (upgraded.running, upgraded.schema) == ("gridmap-2", "0002")


def test_an_upgrade_that_left_the_schema_alone_loses_nothing(upgraded: FakeMachine) -> None:
    file = upgraded.prefix / "gridmap-2" / "bundle" / "upgrade.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"schema_after": "0001"}))
    upgraded.entries = {"incident": 3}
    result = roll_back(discard_entries=False)
    assert (upgraded.running, result.is_restored, result.kept_backup) == ("gridmap-1", False, None)
    assert "gridmap-1 db restore" not in upgraded.steps


def test_a_first_installation_has_no_way_back(machine: FakeMachine) -> None:
    with pytest.raises(NotPossible, match="no way back"):
        roll_back(discard_entries=True)
    assert machine.steps == []


def test_a_former_version_that_is_gone_is_named(upgraded: FakeMachine) -> None:
    shutil.rmtree(upgraded.prefix / "gridmap-1")
    with pytest.raises(NotPossible, match="gridmap-1 is gone"):
        roll_back(discard_entries=True)
    assert upgraded.running == "gridmap-2"


@pytest.fixture
def encrypted(upgraded: FakeMachine) -> FakeMachine:
    """Return the machine after an upgrade whose backup is encrypted."""
    file = upgraded.prefix / "gridmap-2" / "bundle" / "upgrade.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"backup": "/backups/0001.backup.age"}))
    return upgraded


def test_an_encrypted_backup_needs_its_identity_before_anything_stops(encrypted: FakeMachine) -> None:
    with pytest.raises(NotPossible, match="--identity"):
        roll_back(discard_entries=True)
    assert encrypted.steps == []


def test_with_its_identity_an_encrypted_backup_is_restored(encrypted: FakeMachine, tmp_path: Path) -> None:
    (tmp_path / "identity.txt").write_text("secret")
    roll_back(discard_entries=False, identity=tmp_path / "identity.txt")
    assert (encrypted.running, encrypted.schema) == ("gridmap-1", "0001")
    assert encrypted.identities == ["secret"]
