"""All commands: output, language, errors and exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gridmap import config
from gridmap.cli.main import run
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import ProgressLines
from gridmap.core.errors import InputFault, InvalidInput, Message
from gridmap.services.operations.error_log import format_fault

Captured = pytest.CaptureFixture[str]
FAULT = InputFault(Message("negative count"), layer="buildings", row=3, id="b\x1b[2J7", column="households", value="-4")


def parse_single_object(output: str) -> dict[str, object]:
    """Parse the one JSON object that was printed; any other output would not parse."""
    values = json.loads(output)
    assert isinstance(values, dict)
    return values


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["partition", "--help"]])
def test_help_and_version_exit_with_0(arguments: list[str]) -> None:
    assert run(arguments) == ExitCode.OK


def test_help_is_in_the_requested_language(capsys: Captured) -> None:
    run(["partition", "--language", "zh_CN", "--help"])
    assert "网格" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["partition"], ["partition", "a", "-o", "b", "--jobs", "0"]])
def test_a_usage_error_exits_with_2_and_prints_the_usage(arguments: list[str], capsys: Captured) -> None:
    assert run(arguments) == ExitCode.BAD_INPUT
    assert "Usage: gridmap" in capsys.readouterr().err


def test_a_usage_error_is_one_json_object(capsys: Captured) -> None:
    assert run(["partition", "--json"]) == ExitCode.BAD_INPUT
    assert set(parse_single_object(capsys.readouterr().out)) == {"error", "faults"}


@pytest.mark.parametrize("spelling", [["--language", "zh_CN"], ["--language=zh_CN"]])
def test_the_requested_language_is_known_before_parsing(spelling: list[str]) -> None:
    assert Output.from_arguments(["map", *spelling]).language == "zh_CN"


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
def test_the_language_of_the_terminal_is_detected(
    variable: str, value: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GRIDMAP_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    assert Output.from_arguments([]).language == language


def test_a_fault_is_one_line_without_control_characters() -> None:
    line = r"layer buildings · row 3 · id b\x1b[2J7 · column households: negative count; found -4"
    assert format_fault(FAULT, "en") == line


def test_a_fault_in_chinese_has_chinese_punctuation() -> None:
    assert format_fault(FAULT, "zh_CN").endswith("：negative count；实际为 -4")


def test_every_fault_is_shown(capsys: Captured) -> None:
    assert Output("en", is_json=False).handle_error(InvalidInput([FAULT, FAULT])) == ExitCode.BAD_INPUT
    assert capsys.readouterr().err.count("negative count") == 2


def test_every_fault_is_in_the_json_output(capsys: Captured) -> None:
    Output("en", is_json=True).handle_error(InvalidInput([FAULT, FAULT]))
    faults = parse_single_object(capsys.readouterr().out)["faults"]
    assert (
        faults == [{"problem": "negative count"} | {"layer": "buildings", "row": 3, "id": FAULT.id} | FAULT_FIELDS] * 2
    )


FAULT_FIELDS = {"column": "households", "value": "-4"}


def test_an_unexpected_error_is_logged_and_not_shown(capsys: Captured) -> None:
    assert Output("en", is_json=False).handle_error(ZeroDivisionError("secret")) == ExitCode.INTERNAL
    shown, logged = capsys.readouterr().err, config.log_file().read_text("utf-8")
    assert "secret" not in shown
    assert "secret" in logged
    assert logged.split()[2] in shown


def test_an_error_is_reported_even_if_no_log_can_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRIDMAP_HOME", str(tmp_path / "file"))
    assert Output("en", is_json=False).handle_error(ValueError()) == ExitCode.INTERNAL
    assert "Unexpected error" in capsys.readouterr().err


def test_ctrl_c_prints_nothing(capsys: Captured) -> None:
    assert Output("en", is_json=False).handle_error(KeyboardInterrupt()) == ExitCode.INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_help_imports_no_geometry_library() -> None:
    script = "import sys; from gridmap.cli.main import run; run(['--help']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"shapely", "pandas", "numba", "folium", "rich"} & set(loaded)


def test_a_demo_town_is_written_and_named(tmp_path: Path, capsys: Captured) -> None:
    town = tmp_path / "town.gpkg"
    assert run(["demo-town", "-o", str(town), "--households", "500"]) == ExitCode.OK
    assert town.is_file()
    assert str(town) in capsys.readouterr().out


def test_json_output_names_the_demo_town_file(tmp_path: Path, capsys: Captured) -> None:
    town = str(tmp_path / "town.gpkg")
    run(["demo-town", "-o", town, "--households", "500", "--json"])
    assert parse_single_object(capsys.readouterr().out) == {"town": town}


@pytest.mark.parametrize("command", ["partition", "map"])
def test_a_missing_file_is_bad_input(command: str, tmp_path: Path, capsys: Captured) -> None:
    assert (
        run([command, str(tmp_path / "none.gpkg"), "-o", str(tmp_path / "out"), "--language", "zh_CN"])
        == ExitCode.BAD_INPUT
    )
    assert "none.gpkg：没有这个文件" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sizes", [["--min", "600"], ["--max", "200"], ["--target", "900"], ["--min", "0"]])
def test_contradictory_sizes_are_bad_input(sizes: list[str], tmp_path: Path, capsys: Captured) -> None:
    assert run(["partition", "town.gpkg", "-o", str(tmp_path / "grids.gpkg"), *sizes]) == ExitCode.BAD_INPUT
    assert "minimum <= target <= maximum" in capsys.readouterr().err


@pytest.fixture(scope="module")
def demo_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a small invented town."""
    town = tmp_path_factory.mktemp("demo") / "town.gpkg"
    run(["demo-town", "-o", str(town), "--households", "1500"])
    return town


def test_a_town_is_partitioned_and_drawn(demo_town: Path, tmp_path: Path, capsys: Captured) -> None:
    grids, page = str(tmp_path / "grids.gpkg"), tmp_path / "map.html"
    assert run(["partition", str(demo_town), "-o", grids]) in {ExitCode.OK, ExitCode.OUT_OF_RANGE}
    assert grids in capsys.readouterr().out
    assert run(["map", grids, "-o", str(page)]) == ExitCode.OK
    assert "<html" in page.read_text("utf-8")


def test_json_output_of_a_partition_is_one_object(demo_town: Path, tmp_path: Path, capsys: Captured) -> None:
    code = run(["partition", str(demo_town), "-o", str(tmp_path / "grids.gpkg"), "--jobs", "1", "--json"])
    assert code in {ExitCode.OK, ExitCode.OUT_OF_RANGE}
    assert parse_single_object(capsys.readouterr().out)


def test_grids_out_of_range_exit_with_3(demo_town: Path, tmp_path: Path) -> None:
    sizes = ["--min", "5000", "--max", "6000"]
    assert run(["partition", str(demo_town), "-o", str(tmp_path / "grids.gpkg"), *sizes]) == ExitCode.OUT_OF_RANGE


def test_ctrl_c_during_a_partition_prints_nothing_and_leaves_no_files(
    demo_town: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProgressLines, "__call__", raise_interrupt)
    assert run(["partition", str(demo_town), "-o", str(tmp_path / "grids.gpkg")]) == ExitCode.INTERRUPTED
    assert "".join(capsys.readouterr()).strip() == ""
    assert list(tmp_path.iterdir()) == []


def raise_interrupt(lines: ProgressLines, step: Message, done: int, total: int) -> None:
    """Raise Ctrl-C after the first community, while others are being partitioned."""
    if "communities" in step.template and done:
        raise KeyboardInterrupt


def test_an_interrupted_command_does_not_wait_for_its_threads() -> None:
    command = [sys.executable, "-c", HANGING_PROGRAM]
    assert subprocess.run(command, check=False, timeout=60).returncode == ExitCode.INTERRUPTED


HANGING_PROGRAM = """
import threading, gridmap.cli.main
gridmap.cli.main.run = lambda arguments: threading.Thread(target=threading.Event().wait).start() or 130
gridmap.cli.main.main()
"""
