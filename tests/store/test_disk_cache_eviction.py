"""Eviction from the disk cache goes by age."""

import os
from pathlib import Path

from gridmap.store.disk_cache import DiskCache


def put_with_age(cache: DiskCache, key: str, modified_at: int) -> None:
    cache.put(key, "tile", b"x" * 10)
    os.utime(cache.folder / key / "tile", (modified_at, modified_at))


def test_the_newest_files_survive_whatever_order_they_were_put_in(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 1000)
    for key, modified_at in (("new", 300), ("old", 100), ("middle", 200), ("newest", 400)):
        put_with_age(cache, key, modified_at)
    cache.max_bytes = 3 * 42  # of a content of 10 bytes with its checksum
    cache.evict()
    assert [key for key in ("old", "middle", "new", "newest") if cache.get(key, "tile")] == ["new", "newest"]


def test_nothing_is_evicted_at_the_bound(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 1000)
    put_with_age(cache, "one", 100)
    put_with_age(cache, "two", 200)
    cache.max_bytes = 84
    cache.evict()
    assert cache.get("one", "tile")
    cache.max_bytes = 83
    cache.evict()
    assert (cache.get("one", "tile"), cache.get("two", "tile")) == (None, b"x" * 10)
