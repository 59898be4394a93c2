"""What a person or a machine sees of the commands."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gridmap import config
from gridmap.cli import run
from gridmap.cli.progress import Lines
from gridmap.cli.voice import Exit, Voice
from gridmap.core.errors import BadInput, Fault, Message
from gridmap.services.trouble import fault_line

Captured = pytest.CaptureFixture[str]
FAULT = Fault(Message("negative count"), layer="buildings", row=3, id="b\x1b[2J7", column="households", value="-4")


def lone_object(written: str) -> dict[str, object]:
    """The one JSON object that was printed; two of them or a word beside would not parse."""
    values = json.loads(written)
    assert isinstance(values, dict)
    return values


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["partition", "--help"]])
def test_help_and_version_are_fine(arguments: list[str]) -> None:
    assert run(arguments) == Exit.FINE


def test_help_is_in_the_language_asked_for(capsys: Captured) -> None:
    run(["partition", "--language", "zh_CN", "--help"])
    assert "网格" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["partition"], ["partition", "a", "-o", "b", "--jobs", "0"]])
def test_wrong_use_exits_2_and_says_how(arguments: list[str], capsys: Captured) -> None:
    assert run(arguments) == Exit.BAD_INPUT
    assert "Usage: gridmap" in capsys.readouterr().err


def test_wrong_use_answers_a_machine_with_one_object(capsys: Captured) -> None:
    assert run(["partition", "--json"]) == Exit.BAD_INPUT
    assert set(lone_object(capsys.readouterr().out)) == {"error", "faults"}


@pytest.mark.parametrize("spelling", [["--language", "zh_CN"], ["--language=zh_CN"]])
def test_the_language_asked_for_is_known_before_parsing(spelling: list[str]) -> None:
    assert Voice.asked_for(["map", *spelling]).language == "zh_CN"


@pytest.mark.parametrize(
    ("variable", "value", "language"),
    [
        ("GRIDMAP_LANGUAGE", "zh", "zh_CN"),
        ("LC_ALL", "zh_CN.GB18030", "zh_CN"),
        ("LANG", "zh_CN.UTF-8", "zh_CN"),
        ("LANG", "en_GB.UTF-8", "en"),
        ("LANG", "C", "en"),
    ],
)
def test_the_terminal_has_a_language(variable: str, value: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRIDMAP_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    assert Voice.asked_for([]).language == language


def test_a_fault_is_one_line_that_cannot_move_the_cursor() -> None:
    line = r"layer buildings · row 3 · id b\x1b[2J7 · column households: negative count; found -4"
    assert fault_line(FAULT, "en") == line


def test_a_fault_in_chinese_has_chinese_marks() -> None:
    assert fault_line(FAULT, "zh_CN").endswith("：negative count；实际为 -4")


def test_every_fault_is_shown(capsys: Captured) -> None:
    assert Voice("en", json=False).explain(BadInput([FAULT, FAULT])) == Exit.BAD_INPUT
    assert capsys.readouterr().err.count("negative count") == 2


def test_every_fault_reaches_a_machine(capsys: Captured) -> None:
    Voice("en", json=True).explain(BadInput([FAULT, FAULT]))
    faults = lone_object(capsys.readouterr().out)["faults"]
    assert faults == [{"problem": "negative count"} | {"layer": "buildings", "row": 3, "id": FAULT.id} | REST] * 2


REST = {"column": "households", "value": "-4"}


def test_an_error_of_ours_is_noted_and_not_shown(capsys: Captured) -> None:
    assert Voice("en", json=False).explain(ZeroDivisionError("secret")) == Exit.INTERNAL
    shown, noted = capsys.readouterr().err, config.log_file().read_text("utf-8")
    assert "secret" not in shown
    assert "secret" in noted
    assert noted.split()[2] in shown


def test_an_error_is_answered_even_where_no_log_can_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRIDMAP_HOME", str(tmp_path / "file"))
    assert Voice("en", json=False).explain(ValueError()) == Exit.INTERNAL
    assert "went wrong" in capsys.readouterr().err


def test_ctrl_c_is_quiet(capsys: Captured) -> None:
    assert Voice("en", json=False).explain(KeyboardInterrupt()) == Exit.INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_help_loads_no_geometry() -> None:
    asked = "import sys; from gridmap.cli import run; run(['--help']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert not {"shapely", "pandas", "numba", "folium", "rich"} & set(loaded)


def test_a_demo_town_is_written_and_named(tmp_path: Path, capsys: Captured) -> None:
    town = tmp_path / "town.gpkg"
    assert run(["demo-town", "-o", str(town), "--households", "500"]) == Exit.FINE
    assert town.is_file()
    assert str(town) in capsys.readouterr().out


def test_a_machine_is_told_where_the_demo_town_is(tmp_path: Path, capsys: Captured) -> None:
    town = str(tmp_path / "town.gpkg")
    run(["demo-town", "-o", town, "--households", "500", "--json"])
    assert lone_object(capsys.readouterr().out) == {"town": town}


@pytest.mark.parametrize("command", ["partition", "map"])
def test_a_missing_file_is_bad_input(command: str, tmp_path: Path, capsys: Captured) -> None:
    assert (
        run([command, str(tmp_path / "none.gpkg"), "-o", str(tmp_path / "out"), "--language", "zh_CN"])
        == Exit.BAD_INPUT
    )
    assert "none.gpkg：没有这个文件" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sizes", [["--min", "600"], ["--max", "200"], ["--target", "900"], ["--min", "0"]])
def test_sizes_that_contradict_one_another_are_bad_input(sizes: list[str], tmp_path: Path, capsys: Captured) -> None:
    assert run(["partition", "town.gpkg", "-o", str(tmp_path / "grids.gpkg"), *sizes]) == Exit.BAD_INPUT
    assert "minimum <= target <= maximum" in capsys.readouterr().err


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small invented town."""
    town = tmp_path_factory.mktemp("demo") / "town.gpkg"
    run(["demo-town", "-o", str(town), "--households", "1500"])
    return town


def test_a_town_is_divided_and_drawn(demo: Path, tmp_path: Path, capsys: Captured) -> None:
    grids, page = str(tmp_path / "grids.gpkg"), tmp_path / "map.html"
    assert run(["partition", str(demo), "-o", grids]) in {Exit.FINE, Exit.OUT_OF_RANGE}
    assert grids in capsys.readouterr().out
    assert run(["map", grids, "-o", str(page)]) == Exit.FINE
    assert "<html" in page.read_text("utf-8")


def test_a_division_answers_a_machine_with_one_object(demo: Path, tmp_path: Path, capsys: Captured) -> None:
    code = run(["partition", str(demo), "-o", str(tmp_path / "grids.gpkg"), "--jobs", "1", "--json"])
    assert code in {Exit.FINE, Exit.OUT_OF_RANGE}
    assert lone_object(capsys.readouterr().out)


def test_grids_that_cannot_be_in_range_exit_3(demo: Path, tmp_path: Path) -> None:
    sizes = ["--min", "5000", "--max", "6000"]
    assert run(["partition", str(demo), "-o", str(tmp_path / "grids.gpkg"), *sizes]) == Exit.OUT_OF_RANGE


def test_ctrl_c_in_the_middle_is_quiet_and_leaves_nothing(
    demo: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lines, "__call__", interrupted)
    assert run(["partition", str(demo), "-o", str(tmp_path / "grids.gpkg")]) == Exit.INTERRUPTED
    assert "".join(capsys.readouterr()).strip() == ""
    assert list(tmp_path.iterdir()) == []


def interrupted(lines: Lines, step: Message, done: int, total: int) -> None:
    """Ctrl-C at the first community that is done, while others are under way."""
    if "communities" in step.template and done:
        raise KeyboardInterrupt


def test_an_interrupted_command_does_not_wait_for_its_threads() -> None:
    command = [sys.executable, "-c", ENDLESS]
    assert subprocess.run(command, check=False, timeout=60).returncode == Exit.INTERRUPTED


ENDLESS = """
import threading, gridmap.cli
gridmap.cli.run = lambda arguments: threading.Thread(target=threading.Event().wait).start() or 130
gridmap.cli.main()
"""
