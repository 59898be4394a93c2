"""Programs of an installation, run with its account and its data."""

import json
import os
import pwd
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.postgres.subprocesses import ProgramError, run, user_options
from gridmap.services.installation.units import ServiceInstallation, settings_file

COMMAND_FAILED = N_("{command} has failed: {reason}")
OWN_VARIABLES = ("DATABASE_URL", "GRIDMAP_SECRETS", "GRIDMAP_TIMEZONE", "XDG_DATA_HOME")


def environment(installation: ServiceInstallation) -> dict[str, str]:
    """Return the variables of an installation: its data, and the settings that its service has."""
    account = installation.account
    variables = {"GRIDMAP_HOME": str(installation.home), "HOME": pwd.getpwnam(account).pw_dir if account else _home()}
    if not account:
        variables |= {name: os.environ[name] for name in OWN_VARIABLES if name in os.environ}
    return variables | read_settings(settings_file(account))


def _home() -> str:
    return str(Path.home())


def read_settings(file: Path) -> dict[str, str]:
    """Return the variables in a file of settings, written as NAME=value as in a shell.

    A file that is missing has none.
    """
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): "".join(shlex.split(value)) for name, _, value in pairs}


def run_gridmap(installation: ServiceInstallation, *arguments: str | Path) -> Mapping[str, Any]:
    """Run a command of an installation with its account and data, and return its JSON output.

    Raises
    ------
    NotPossible
        If the command fails; the message has its reason.
    """
    try:
        output = run(
            installation.program,
            *arguments,
            "--json",
            environment=environment(installation),
            account=installation.account,
        )
    except ProgramError as error:
        command = " ".join(["gridmap", *map(str, arguments)])
        values = {"command": command, "reason": _failure_reason(error.output)}
        raise NotPossible(Message(COMMAND_FAILED, values)) from error
    return dict(json.loads(output.splitlines()[-1]))


def run_attached(installation: ServiceInstallation, arguments: tuple[str, ...]) -> int:
    """Run a command of an installation with its account and data at this terminal, and return its exit code."""
    command = [str(installation.program), *arguments]
    variables = os.environ | environment(installation)
    return subprocess.run(  # noqa: S603 - our own program
        command, env=variables, check=False, **user_options(installation.account)
    ).returncode


def _failure_reason(output: str) -> str:
    """Return the error in the output of a command: of its JSON object, else its last line."""
    lines = [line for line in output.splitlines() if line.strip()]
    for line in lines:
        if line.startswith('{"error"'):
            values = json.loads(line)
            problems = [str(fault.get("problem", "")) for fault in values["faults"]]
            return "; ".join(filter(None, problems)) or str(values["error"])
    return lines[-1] if lines else ""
