"""The disk cache is bounded, and only its owner can read it."""

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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
    cache = DiskCache(tmp_path, 420)
    for number in range(40):
        cache.put(f"state{number}", "a", b"x" * 10)
        if (path := tmp_path / f"state{number}" / "a").exists():
            os.utime(path, (number, number))
    remaining = sorted(tmp_path.glob("*/a"))
    assert 210 <= sum(path.stat().st_size for path in remaining) <= 462
    assert cache.get("state39", "a")
    assert len(list(tmp_path.iterdir())) == len(remaining)


def test_a_folder_that_cannot_be_written_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    cache = DiskCache(tmp_path / "cache", 1000)
    cache.put("one", "a", b"content")
    assert cache.get("one", "a") is None


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda stored: b"",
    "truncated": lambda stored: stored[:-1],
    "only the checksum": lambda stored: stored[:32],
    "full of zeros": lambda stored: bytes(len(stored)),
    "one bit changed": lambda stored: stored[:-1] + bytes([stored[-1] ^ 1]),
    "without a checksum": lambda stored: stored[32:],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_dropped_and_stored_anew(tmp_path: Path, damage: str) -> None:
    cache, file = DiskCache(tmp_path, 1000), tmp_path / "one" / "a"
    cache.put("one", "a", b"a tile with buildings")
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    assert cache.get("one", "a") is None
    assert not file.exists()
    cache.put("one", "a", b"a tile with buildings")
    assert cache.get("one", "a") == b"a tile with buildings"


def test_an_empty_content_is_a_content(tmp_path: Path) -> None:
    DiskCache(tmp_path, 1000).put("one", "a", b"")
    assert DiskCache(tmp_path, 1000).get("one", "a") == b""


@pytest.mark.parametrize("place", ["two/a", "one/b"])
def test_a_file_moved_to_another_key_or_name_is_damaged(tmp_path: Path, place: str) -> None:
    cache = DiskCache(tmp_path, 1000)
    cache.put("one", "a", b"content")
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / "one" / "a").rename(tmp_path / place)
    assert cache.get(*place.split("/")) is None


def test_a_full_disk_leaves_no_draft(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 10**9)
    with limited_file_size(100):
        cache.put("one", "a", bytes(100_000))
    assert list(tmp_path.glob("*/*")) == []


@contextmanager
def limited_file_size(size: int) -> Iterator[None]:
    """Let writing a larger file fail, as a full disk does."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
