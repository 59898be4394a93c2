"""An installation in temporary folders, whose commands and service are recorded instead of run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gridmap import config
from gridmap.core.errors import Message, NotPossible
from gridmap.services.installation import programs, removal, rollback, service, units, upgrade
from gridmap.services.installation.units import ServiceInstallation

FAILURE = NotPossible(Message("it fails"))


@dataclass
class FakeMachine:
    """Effects of commands on a machine: the schema of its database, the version that runs, all steps in order.

    Parameters
    ----------
    prefix : Path
        Folder of the versions ``gridmap-1`` and ``gridmap-2``, with the schemas 0001 and 0002.
    """

    prefix: Path
    schema: str = "0001"
    running: str = "gridmap-1"
    entries: dict[str, int] = field(default_factory=dict)
    failures: set[str] = field(default_factory=set)
    steps: list[str] = field(default_factory=list)
    identities: list[str] = field(default_factory=list)

    def run_gridmap(self, installation: ServiceInstallation, *arguments: str | Path) -> Mapping[str, Any]:
        """Do what a command of a version does."""
        version, command = installation.folder.name, " ".join(map(str, arguments[:2]))
        self.record(f"{version} {command}")
        if command == "db upgrade":
            self.schema = f"000{version[-1]}"
        if command == "db restore":
            self.schema = "0001"
            self.identities += [Path(arguments[4]).read_text()] if "--identity" in arguments else []
        return {"backup": f"/backups/{self.schema}", "schema": self.schema, "entries": self.entries}

    def record(self, step: str) -> None:
        """Record a step; a step that is to fail does so."""
        self.steps.append(step)
        if step in self.failures:
            raise FAILURE

    def start(self, installation: ServiceInstallation) -> None:
        """Start a version by its unit."""
        self.record(f"start {installation.folder.name}")
        self.running = installation.folder.name
        units.unit_file().write_text(units.render_unit(installation), "utf-8")

    def stop(self) -> None:
        """Stop the unit."""
        self.record("stop")
        self.running = ""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    """Return a machine on which a unit runs version 1."""
    machine = FakeMachine(tmp_path / "opt")
    for version in ("gridmap-1", "gridmap-2"):
        folder = machine.prefix / version
        for name in (".venv", "bundle", "gridmap"):
            (folder / name).mkdir(parents=True)
        (folder / "bundle" / "manifest.json").write_text("{}")
        (folder / "bundle" / "key").write_text("A" * 43 + "=")
    for name in ("secrets", "backups", "log"):
        (tmp_path / "home" / name).mkdir(parents=True)
    replace_commands(machine, monkeypatch, tmp_path)
    machine.start(ServiceInstallation(machine.prefix / "gridmap-1", tmp_path / "home", has_unit=True))
    machine.steps.clear()
    return machine


def replace_commands(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let commands, the unit and systemd act on the fake."""
    monkeypatch.setattr(units, "unit_file", lambda: folder / "gridmap.service")
    monkeypatch.setattr(config, "PACKAGE_DIR", machine.prefix / "gridmap-1" / "gridmap")
    for module in (upgrade, rollback, removal, programs):
        monkeypatch.setattr(module, "run_gridmap", machine.run_gridmap)
    for module in (upgrade, rollback):
        monkeypatch.setattr(module, "start", machine.start)
    monkeypatch.setattr(service, "stop_service", machine.stop)
    monkeypatch.setattr(service, "run_systemctl", lambda *arguments: machine.record(" ".join(arguments)))
    monkeypatch.setattr(upgrade, "_open", lambda *_: machine.prefix / "gridmap-2")
    monkeypatch.setattr(upgrade, "_set_up", lambda folder: machine.record(f"set up {folder.name}"))


@pytest.fixture
def upgraded(machine: FakeMachine) -> FakeMachine:
    """Return the machine after the upgrade to version 2."""
    upgrade.upgrade(Path("bundle.tar"), None, ignore_message)
    machine.steps.clear()
    return machine


def ignore_message(message: Message) -> None:
    """Do nothing with a message."""


def read_record(machine: FakeMachine) -> dict[str, str]:
    """Return what the upgrade has left behind."""
    return dict(json.loads((machine.prefix / "gridmap-2" / "bundle" / "upgrade.json").read_text()))
