"""What can be made again is kept within bounds, whole, and for its owner alone."""

import os
from pathlib import Path

from gridmap.store.disk_cache import DiskCache


def test_what_was_put_is_found_under_its_state_alone(tmp_path: Path) -> None:
    shelf = DiskCache(tmp_path / "cache", 1000)
    shelf.put("one", "a", b"content")
    assert (shelf.get("one", "a"), shelf.get("two", "a"), shelf.get("one", "b")) == (b"content", None, None)


def test_only_its_owner_may_look(tmp_path: Path) -> None:
    DiskCache(tmp_path / "cache", 1000).put("one", "a", b"content")
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "cache", tmp_path / "cache/one/a")]
    assert modes == [0o700, 0o600]


def test_the_oldest_goes_when_there_is_too_much(tmp_path: Path) -> None:
    shelf = DiskCache(tmp_path, 100)
    for number in range(40):
        shelf.put(f"state{number}", "a", b"x" * 10)
        if (path := tmp_path / f"state{number}" / "a").exists():
            os.utime(path, (number, number))
    left = sorted(tmp_path.glob("*/a"))
    assert 50 <= sum(path.stat().st_size for path in left) <= 110
    assert shelf.get("state39", "a")
    assert len(list(tmp_path.iterdir())) == len(left)


def test_a_place_that_cannot_be_written_to_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    shelf = DiskCache(tmp_path / "cache", 1000)
    shelf.put("one", "a", b"content")
    assert shelf.get("one", "a") is None
