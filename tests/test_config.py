"""Folders and the cache of compiled kernels."""

import os
from pathlib import Path

import pytest
from numba.core.caching import InTreeCacheLocator

from gridmap import config


def test_kernels_of_a_read_only_package_are_cached_in_the_data_folder(
    gridmap_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    config.set_kernel_cache()
    assert os.environ["NUMBA_CACHE_DIR"] == str(gridmap_home / "kernels")


def test_kernels_compiled_at_set_up_are_copied_where_numba_looks_for_them(tmp_path: Path) -> None:
    modules, cache = tmp_path / "gridmap" / "core" / "partition", tmp_path / "kernels"
    (modules / "__pycache__").mkdir(parents=True)
    source, index = modules / "trees.py", modules / "__pycache__" / "trees.cut_tree-1.py311.nbi"
    source.touch()
    index.write_text("of the first set-up")
    config.copy_kernels(tmp_path / "gridmap", cache)
    subfolder = InTreeCacheLocator.get_suitable_cache_subpath(str(source))  # type: ignore[no-untyped-call]
    copy = cache / subfolder / index.name
    assert copy.read_text() == "of the first set-up"

    copy.write_text("compiled since")
    config.copy_kernels(tmp_path / "gridmap", cache)
    assert copy.read_text() == "compiled since"

    index.write_text("of the second set-up")
    os.utime(index, (2_000_000_000, 2_000_000_000))
    config.copy_kernels(tmp_path / "gridmap", cache)
    assert copy.read_text() == "of the second set-up"


def test_kernels_of_a_writable_checkout_are_cached_beside_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(os, "access", lambda path, mode: True)
    config.set_kernel_cache()
    assert "NUMBA_CACHE_DIR" not in os.environ


def test_resource_folders_exist() -> None:
    assert all(config.resource_dir(name).is_dir() for name in ("static", "templates", "data"))
