"""Kernels compiled at set-up: a later process compiles none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gridmap.core

ROOT = Path(__file__).parents[3]
COUNT_COMPILED = """
import gc, sys
from pathlib import Path
from numba.core.dispatcher import Dispatcher
from gridmap.core.progress import ignore_progress
from gridmap.services.files.demo_town import write_demo_town
from gridmap.services.files.partition import partition_file
from gridmap.services.files.repartition import repartition_file
from gridmap.services.files.repartition_report import RepartitionOptions

town, result, options = Path(sys.argv[1]) / "town.gpkg", Path(sys.argv[1]) / "result.gpkg", RepartitionOptions()
write_demo_town(town, 3_000, seed=5)
partition_file(town, result, options.settings.partition, "en", ignore_progress)
repartition_file(town, result, town, RepartitionOptions(alternatives=1), "en", ignore_progress)
kernels = [each for each in gc.get_objects() if isinstance(each, Dispatcher)]
print(len(kernels) > 0, sum(sum(kernel.stats.cache_misses.values()) for kernel in kernels))
"""


def test_set_up_compiles_again_when_a_module_with_kernels_changes() -> None:
    core = Path(gridmap.core.__path__[0])
    folders = {path.parent for path in core.rglob("*.py") if "from numba import" in path.read_text("utf-8")}
    script = (ROOT / "scripts" / "setup").read_text("utf-8")
    assert core / "partition" in folders
    assert [folder for folder in folders if f"{folder.relative_to(ROOT)}/*.py" not in script] == []


@pytest.mark.full
def test_after_set_up_a_partition_of_another_town_compiles_nothing(tmp_path: Path) -> None:
    compile_kernels = "from gridmap.services.installation.kernels import compile_kernels; compile_kernels()"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
    subprocess.run([sys.executable, "-c", compile_kernels], env=environment, check=True)
    command = [sys.executable, "-c", COUNT_COMPILED, str(tmp_path)]
    counted = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert counted.stdout.split() == ["True", "0"]
