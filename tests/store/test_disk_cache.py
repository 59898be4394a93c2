"""The disk cache is bounded, and only its owner can read it."""

import os
from pathlib import Path

from gridmap.store.disk_cache import DiskCache


def test_a_content_is_found_under_its_own_key_only(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache", 1000)
    cache.put("one", "a", b"content")
    assert (cache.get("one", "a"), cache.get("two", "a"), cache.get("one", "b")) == (b"content", None, None)


def test_only_its_owner_can_read_the_cache(tmp_path: Path) -> None:
    DiskCache(tmp_path / "cache", 1000).put("one", "a", b"content")
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "cache", tmp_path / "cache/one/a")]
    assert modes == [0o700, 0o600]


def test_the_oldest_files_are_evicted(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 100)
    for number in range(40):
        cache.put(f"state{number}", "a", b"x" * 10)
        if (path := tmp_path / f"state{number}" / "a").exists():
            os.utime(path, (number, number))
    remaining = sorted(tmp_path.glob("*/a"))
    assert 50 <= sum(path.stat().st_size for path in remaining) <= 110
    assert cache.get("state39", "a")
    assert len(list(tmp_path.iterdir())) == len(remaining)


def test_a_folder_that_cannot_be_written_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    cache = DiskCache(tmp_path / "cache", 1000)
    cache.put("one", "a", b"content")
    assert cache.get("one", "a") is None
