"""No value or shape of a file ends in an internal error: each is read, or refused with a sentence."""

from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest
import shapely
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from tests.cli.arbitrary_towns import (
    SCHEMAS,
    ColumnValues,
    column_values,
    empty_folder,
    write_shapes,
    write_values,
)
from tests.fixtures.town_package import EAST_M, NORTH_M, moved_to_town

SPOKEN = {ExitCode.OK, ExitCode.FAULTS, ExitCode.BAD_INPUT, ExitCode.OUT_OF_RANGE}
COMMANDS = ("check", "partition", "estimate", "repair", "inspect", "load")
QUICK_COMMANDS = ("check", "estimate", "inspect", "load")
WITH_OUTPUT = ("check", "partition", "estimate", "repair")
NAN, INFINITE = float("nan"), float("inf")
ONE_DATABASE = settings(suppress_health_check=list(HealthCheck), deadline=None)
QUICK = settings(ONE_DATABASE, max_examples=5, derandomize=True, phases=(Phase.explicit, Phase.generate))
LONG = settings(ONE_DATABASE, max_examples=400)
LISTS = ColumnValues("dedicated", "name", "geojson", "TEXT", ([1, 2, 3],))
FORK = shapely.LineString([(EAST_M, NORTH_M), (EAST_M, NORTH_M + 278.0), (INFINITE, 1e300), (EAST_M + 5, NORTH_M + 5)])
ENDLESS_LINES = [shapely.MultiLineString([FORK, FORK])]
LAYER_NAMES = [schema.name for schema in SCHEMAS]
subdistrict_numbers = count()

pytestmark = pytest.mark.filterwarnings(
    "ignore::RuntimeWarning", "ignore::UserWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)  # of GDAL and pyogrio, which the console command leaves out, too


def raise_again(error: BaseException) -> NoReturn:
    raise error


@pytest.fixture
def home(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder; an unexpected error of a command is raised instead of logged."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr("gridmap.cli.output.log_unexpected", raise_again)
    return tmp_path


def run_command(command: str, source: Path, folder: Path) -> int:
    arguments = [command, str(source)]
    if command in WITH_OUTPUT:
        arguments += ["-o", str(folder / "out.gpkg")]
    if command in ("partition", "repair", "load"):
        arguments += ["--min", "60", "--max", "130"]
    if command == "load":
        number = next(subdistrict_numbers)
        arguments += ["--code", f"s{number}", "--datum", "wgs84", *([] if number % 4 == 3 else ["--no-partition"])]
    return run(arguments)


def assert_spoken(command: str, home: Path, case: ColumnValues) -> None:
    folder = empty_folder(home / "example")
    assert run_command(command, write_values(folder, case), folder) in SPOKEN


@QUICK
@given(command=st.sampled_from(QUICK_COMMANDS), case=column_values())
@example(command="check", case=LISTS)
def test_any_value_of_a_column_is_read_or_refused(home: Path, command: str, case: ColumnValues) -> None:
    assert_spoken(command, home, case)


@pytest.mark.full
@pytest.mark.parametrize("command", COMMANDS)
@LONG
@given(case=column_values())
def test_any_value_of_a_column_is_read_or_refused_by_each_command(home: Path, command: str, case: ColumnValues) -> None:
    assert_spoken(command, home, case)


def polygon(*points: tuple[float, float]) -> shapely.Polygon:
    return moved_to_town(shapely.Polygon(points))


def numbers() -> st.SearchStrategy[float]:
    return st.one_of(st.floats(-100, 500), st.sampled_from([NAN, INFINITE, -INFINITE, 1e9, -1e15, 1e300, 5e-324, 0.0]))


def ring(points: list[tuple[float, float]]) -> shapely.Polygon:
    """Return a polygon through points; its first vertex is a finite one, as that of a closed ring has to be."""
    return shapely.Polygon([(EAST_M, NORTH_M), *points, (EAST_M, NORTH_M)])


def shapes() -> st.SearchStrategy[shapely.Geometry | None]:
    """Return shapes near the town, with any coordinates, empty, without area, or nested."""
    points = st.lists(
        st.tuples(numbers(), numbers()).map(lambda p: (p[0] + EAST_M, p[1] + NORTH_M)), min_size=4, max_size=8
    )
    flat = st.one_of(
        points.map(ring),
        points.map(shapely.LineString),
        points.map(lambda each: shapely.Point(each[0])),
        points.map(shapely.MultiPoint),
        points.map(lambda each: shapely.MultiPolygon([ring(each)] * 2)),
        points.map(lambda each: shapely.MultiLineString([each, each])),
        st.sampled_from([None, shapely.Point(), shapely.LineString(), shapely.Polygon(), shapely.MultiPolygon()]),
        st.sampled_from([polygon((0, 0), (0, 0), (0, 0)), polygon((1, 1), (90, 1), (1, 1))]),
    )
    return st.one_of(
        flat, st.lists(flat, max_size=3).map(_collect), st.lists(flat.map(lambda each: _collect([each]))).map(_collect)
    )


def _collect(parts: list[shapely.Geometry | None]) -> shapely.GeometryCollection:
    return shapely.GeometryCollection([part for part in parts if part is not None])


def assert_shapes_spoken(command: str, home: Path, layer: str, drawn: list[shapely.Geometry | None]) -> None:
    folder = empty_folder(home / "example")
    assert run_command(command, write_shapes(folder, layer, drawn), folder) in SPOKEN


@QUICK
@given(
    command=st.sampled_from(QUICK_COMMANDS),
    layer=st.sampled_from(LAYER_NAMES),
    drawn=st.lists(shapes(), min_size=1, max_size=3),
)
@example(command="check", layer="subdistrict", drawn=ENDLESS_LINES)
def test_any_shape_is_read_or_refused(
    home: Path, command: str, layer: str, drawn: list[shapely.Geometry | None]
) -> None:
    assert_shapes_spoken(command, home, layer, drawn)


@pytest.mark.full
@pytest.mark.parametrize("command", COMMANDS)
@LONG
@given(layer=st.sampled_from(LAYER_NAMES), drawn=st.lists(shapes(), min_size=1, max_size=3))
def test_any_shape_is_read_or_refused_by_each_command(
    home: Path, command: str, layer: str, drawn: list[shapely.Geometry | None]
) -> None:
    assert_shapes_spoken(command, home, layer, drawn)


@pytest.mark.full
@pytest.mark.parametrize("layer", LAYER_NAMES)
def test_a_shape_of_a_million_vertices_is_refused(home: Path, layer: str) -> None:
    circle = moved_to_town(shapely.Point(100, 100)).buffer(60, quad_segs=250_000)
    shape = shapely.LineString(shapely.get_coordinates(circle)) if layer == "streets" else circle
    folder = empty_folder(home / "example")
    assert run_command("check", write_shapes(folder, layer, [shape]), folder) in SPOKEN
