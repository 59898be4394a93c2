"""Folders and the cache of compiled kernels."""

import os
from pathlib import Path

import pytest

from gridmap import config


def test_kernels_of_a_read_only_package_are_cached_in_the_data_folder(
    gridmap_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    config.set_kernel_cache()
    assert os.environ["NUMBA_CACHE_DIR"] == str(gridmap_home / "kernels")


def test_kernels_of_a_writable_checkout_are_cached_beside_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(os, "access", lambda path, mode: True)
    config.set_kernel_cache()
    assert "NUMBA_CACHE_DIR" not in os.environ


def test_resource_folders_exist() -> None:
    assert all(config.resource_dir(name).is_dir() for name in ("static", "templates", "data"))
