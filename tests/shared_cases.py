"""Small files that once failed, each with its right value: read where they are, and skipped where they are not."""

import os
from pathlib import Path

import pytest

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "cases"


def shared_case(name: str) -> Path:
    """Return a file of the folder in GRIDMAP_CASES, by default shared/cases next to the checkout; skip without it."""
    path = Path(os.environ.get("GRIDMAP_CASES", DEFAULT_FOLDER)) / name
    if not path.exists():
        pytest.skip(f"there is no {name} in the folder of shared cases; GRIDMAP_CASES names it")
    return path
