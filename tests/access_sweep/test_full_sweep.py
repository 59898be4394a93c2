"""The full access sweep, and the proof that it finds every seeded leak."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.full


@pytest.mark.parametrize("options", [(), ("--prove",)], ids=["sweep", "seeded leaks"])
def test_the_full_sweep_meets_its_targets(options: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "tests.access_sweep.run_sweep", *options]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert run.returncode == 0, run.stdout + run.stderr
