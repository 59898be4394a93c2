"""Kernels compiled at set-up, so that no first partition waits for the compiler."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from gridmap.core.progress import ignore_progress

HOUSEHOLDS = 1_500
"""A town of this size has several grids, some of them out of range today: every kernel runs."""
MAX_RADIUS_M = 60.0
"""Radius that some of them exceed at first."""


def compile_kernels() -> None:
    """Compile all kernels by a partition and a repartition of an invented town; numba keeps them beside the code."""
    from gridmap.core.plans.profile import Profile
    from gridmap.services.files.demo_town import write_demo_town
    from gridmap.services.files.partition import partition_file
    from gridmap.services.files.repartition import repartition_file
    from gridmap.services.files.repartition_report import RepartitionOptions

    options = RepartitionOptions(alternatives=1)
    narrow = replace(options.settings.partition, profile=Profile(max_radius_m=MAX_RADIUS_M))
    with TemporaryDirectory() as name:
        town, result = Path(name) / "town.gpkg", Path(name) / "result.gpkg"
        write_demo_town(town, HOUSEHOLDS)
        partition_file(town, result, narrow, "en", ignore_progress)
        repartition_file(town, result, town, options, "en", ignore_progress)
