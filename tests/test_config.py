"""Where gridmap keeps its own things."""

import os
from pathlib import Path

import pytest

from gridmap import config


def test_kernels_of_a_package_nobody_can_write_to_are_kept_at_home(
    gridmap_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    config.set_kernel_cache()
    assert os.environ["NUMBA_CACHE_DIR"] == str(gridmap_home / "kernels")


def test_kernels_of_a_checkout_are_kept_beside_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(os, "access", lambda path, mode: True)
    config.set_kernel_cache()
    assert "NUMBA_CACHE_DIR" not in os.environ


def test_every_folder_of_the_project_is_found() -> None:
    assert all(config.resource_dir(name).is_dir() for name in ("static", "templates", "data"))
