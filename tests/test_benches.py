"""The measurements run and end with an object that machines can read."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parent.parent / "scripts"


def test_the_land_can_be_measured() -> None:
    command = [sys.executable, str(SCRIPTS / "bench_land.py"), "--quick", "--json", "400"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    assert [set(one) for one in told["targets"]] == [{"target", "got", "met"}] * 3
    assert told["rows"][0]["valid"]
    assert told["rows"][0]["slivers"] == 0
