"""Known vulnerabilities of the packages in the lock files, by pip-audit and npm audit, where their sources answer."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

TIMEOUT_S = 180.0


class AdvisoryResult(NamedTuple):
    """Result of one check.

    Parameters
    ----------
    subject : str
        Lock file.
    checked : int
        Number of packages that were checked.
    advisories : tuple of str
        Known vulnerabilities, with package and version.
    unchecked : str
        Reason why packages were not checked; empty if all were.
    """

    subject: str
    checked: int
    advisories: tuple[str, ...] = ()
    unchecked: str = ""

    def __str__(self) -> str:
        found = f"{len(self.advisories)} known, packages checked: {self.checked}" if self.checked else ""
        missing = f"not checked: {self.unchecked}" if self.unchecked else ""
        lines = ["; ".join(filter(None, (found, missing))), *self.advisories]
        return f"advisories, {self.subject}: " + "\n  ".join(lines)


def check_python(lock: Path) -> AdvisoryResult:
    """Check the packages of a lock file of pip."""
    options = ["--requirement", str(lock), "--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "15"]
    output, errors = _run([sys.executable, "-m", "pip_audit", *options, "--format", "json"], lock.parent)
    return read_pip_audit(lock.name, output, errors)


def read_pip_audit(subject: str, output: str, errors: str) -> AdvisoryResult:
    """Return the result in the output of pip-audit.

    It leaves out packages that its source does not answer for, and ends as if all were well: they count as unchecked.
    """
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        return AdvisoryResult(subject, 0, unchecked=_last_line(errors))
    skipped = [f"{package['name']}: {package['skip_reason']}" for package in packages if "skip_reason" in package]
    found = [
        f"{package['name']} {package['version']}: {vulnerability['id']}"
        for package in packages
        for vulnerability in package.get("vulns", ())
    ]
    unchecked = f"{len(skipped)}, such as {skipped[0]}" if skipped else ""
    return AdvisoryResult(subject, len(packages) - len(skipped), tuple(found), unchecked)


def check_npm(folder: Path) -> AdvisoryResult:
    """Check the packages of a lock file of npm."""
    output, errors = _run(["npm", "audit", "--package-lock-only", "--json"], folder)
    return read_npm_audit("package-lock.json", output, errors)


def read_npm_audit(subject: str, output: str, errors: str) -> AdvisoryResult:
    """Return the result in the output of ``npm audit``."""
    try:
        report: Mapping[str, Any] = json.loads(output)
        checked = int(report["metadata"]["dependencies"]["total"])
        vulnerabilities = report["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return AdvisoryResult(subject, 0, unchecked=_last_line(errors))
    found = (f"{name} {entry['range']}: {entry['severity']}" for name, entry in vulnerabilities.items())
    return AdvisoryResult(subject, checked, tuple(found))


def _run(command: list[str], folder: Path) -> tuple[str, str]:
    """Return the output and the errors of a program; exit codes differ with what is found, and are not looked at."""
    try:
        run = subprocess.run(  # noqa: S603 - our arguments
            command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    return run.stdout, run.stderr


def _last_line(text: str) -> str:
    """Return the reason in the errors of a program, without the place of its own log."""
    lines = [line for line in text.strip().splitlines() if "complete log" not in line]
    return lines[-1] if lines else "no answer"
