"""Result files: written whole or not at all."""

from pathlib import Path

import pytest

from gridmap.core.errors import InvalidInput
from gridmap.formats.results.atomic_file import replace_file, write_text


def test_a_text_replaces_an_existing_file(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")
    write_text(target, "新")
    assert target.read_text("utf-8") == "新"
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_while_writing_leaves_the_old_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), replace_file(target, ".json") as temporary:
        temporary.write_text(str(1 / 0))
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_of_the_disk_is_bad_input(tmp_path: Path) -> None:
    with (
        pytest.raises(InvalidInput, match="nothing can be written there: No space left"),
        replace_file(tmp_path / "map.html", ".html"),
    ):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_report_beside_a_missing_folder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="does not exist"):
        write_text(tmp_path / "absent" / "report.json", "{}")
