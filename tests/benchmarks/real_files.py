"""Commands on every file of a folder: exit codes, refusals, and CPU seconds by megabyte.

Run with the development environment: .venv/bin/python -m tests.benchmarks.real_files FOLDER [--json FILE]
Each file is inspected and checked as it is. Each of its layers then stands in for a town: polygons are communities,
grids and one building each; points are buildings in one community; lines are streets of one. The town is checked in the
coordinates of its file and, as most files show states or the world, checked, repaired and partitioned at the size of a
town in EPSG:4547. No command may end in an internal error or take more than ten seconds for each megabyte.
"""

import argparse
import contextlib
import io
import json
import math
import signal
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from gridmap.core.errors import InvalidInput
from gridmap.formats.intake.source_file import open_source
from gridmap.formats.readers.layer_rows import read_all_columns

SUFFIXES = (
    *(".shp", ".gpkg", ".geojson", ".geojsonl", ".json", ".topojson", ".zip", ".kml", ".kmz", ".fgb", ".gdb", ".csv"),
    *(".tab", ".mif", ".dxf", ".xlsx", ".ods", ".gml", ".osm", ".pbf"),
)
MAX_ROWS = 20_000
HOUSEHOLDS = 100
TOWN_CRS, TOWN_CORNER, TOWN_SIDE_M = 4547, (530_000.0, 3_390_000.0), 4_000.0
MAX_CPU_S_PER_MB = 10.0
TIME_LIMIT_S_PER_MB = 30.0
FAILED = (ExitCode.INTERNAL, ExitCode.INTERRUPTED)


@dataclass(frozen=True)
class CommandRun:
    """A command on a file or on the town of a layer.

    Parameters
    ----------
    file, layer, command : str
    exit_code : int
        130 where the limit of CPU time ended it.
    sentence : str
        First sentence of a refusal.
    megabytes : float
    cpu_s : float
    """

    file: str
    layer: str
    command: str
    exit_code: int
    sentence: str
    megabytes: float
    cpu_s: float

    @property
    def cpu_s_per_mb(self) -> float:
        """Return CPU seconds for each megabyte begun: a command takes a few tenths of a second for any file."""
        return self.cpu_s / max(1, math.ceil(self.megabytes))

    @property
    def is_sound(self) -> bool:
        """Return whether it ended with an answer, soon enough."""
        return self.exit_code not in FAILED and self.cpu_s_per_mb <= MAX_CPU_S_PER_MB


def main() -> None:
    """Print every run that failed, the number of each exit code, and the refusals with their numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="file for all runs, one a line")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGPROF, _interrupt)
    runs = []
    for each in (each for path in list_files(options.folder) for each in run_file(path, options.folder)):
        runs.append(each)
        if options.json:
            with options.json.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(each), ensure_ascii=False) + "\n")
    print_summary(runs)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def list_files(folder: Path) -> list[Path]:
    """Return the files below a folder that may hold layers; a file geodatabase is one of them."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    return [path for path in found if not any(parent.suffix.lower() == ".gdb" for parent in path.parents)]


def run_file(path: Path, folder: Path) -> Iterator[CommandRun]:
    """Run the commands on a file, and on the town that each of its layers makes."""
    name, size = str(path.relative_to(folder)), _megabytes(path)
    yield measure(name, "", ["inspect", str(path)], size)
    yield measure(name, "", ["check", str(path), "-o", "out.gpkg"], size)
    for layer, frame in read_layers(path):
        with tempfile.TemporaryDirectory() as workspace:
            target = str(Path(workspace) / "out.gpkg")
            towns = [
                write_town(frame, Path(workspace) / "as_is.gpkg"),
                write_town(shrink(frame), Path(workspace) / "town.gpkg"),
            ]
            for town, commands in zip(towns, (("check",), ("check", "repair", "partition")), strict=True):
                for command in commands if town else ():
                    megabytes = max(size, _megabytes(Path(str(town))))
                    yield measure(
                        name, f"{layer} ({Path(str(town)).stem})", [command, str(town), "-o", target], megabytes
                    )


def _megabytes(path: Path) -> float:
    files = [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
    return sum(each.stat().st_size for each in files) / 1e6


def read_layers(path: Path) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Yield the layers of a file that have shapes."""
    try:
        with open_source(path) as opened:
            for layer in opened.layers.values():
                with contextlib.suppress(InvalidInput):
                    frame = read_all_columns(layer)
                    if isinstance(frame, gpd.GeoDataFrame) and len(frame):
                        yield layer.layer, frame.iloc[:MAX_ROWS]
    except InvalidInput:
        return


def shrink(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer in the zone of a Chinese town, scaled so that its longer side is four kilometres."""
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    bounds = np.array(shapely.total_bounds(shapes))
    scale = TOWN_SIDE_M / max(*(bounds[2:] - bounds[:2]), 1e-9)
    moved = shapely.transform(shapes, lambda points: (points - bounds[:2]) * scale + TOWN_CORNER)
    return gpd.GeoDataFrame(geometry=moved, crs=TOWN_CRS)


def write_town(frame: gpd.GeoDataFrame, path: Path) -> Path | None:
    """Write the town that a layer makes; None where it has no shapes."""
    shapes = frame.geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes):
        return None
    dimensions = shapely.get_dimensions(shapes)
    land = shapes[dimensions == 2] if (dimensions == 2).any() else np.array([_surroundings(shapes)], dtype=object)
    places = shapes[dimensions == 0] if (dimensions == 0).all() else shapely.point_on_surface(land)
    numbers = [str(number + 1) for number in range(len(land))]
    layers = {
        "communities": {"code": numbers, "name": numbers, "geometry": land},
        "grids": {"grid_code": numbers, "geometry": land},
        "buildings": {
            "building_id": [str(number + 1) for number in range(len(places))],
            "households": [HOUSEHOLDS] * len(places),
            "geometry": places,
        },
        "streets": {"name": ["1"] * int((dimensions == 1).sum()), "geometry": shapes[dimensions == 1]},
    }
    for name, columns in layers.items():
        if len(columns["geometry"]):
            layer = gpd.GeoDataFrame(columns, crs=frame.crs)
            pyogrio.write_dataframe(layer, path, layer=name, append=path.exists(), geometry_type="Unknown")
    return path


def _surroundings(shapes: np.ndarray) -> shapely.Geometry:
    """Return a rectangle round shapes, a twentieth larger than they are."""
    west, south, east, north = shapely.total_bounds(shapes)
    margin = 0.05 * max(east - west, north - south) or 0.001
    return shapely.box(west - margin, south - margin, east + margin, north + margin)


def measure(file: str, layer: str, arguments: list[str], megabytes: float) -> CommandRun:
    """Run a command in this process."""
    output, errors = io.StringIO(), io.StringIO()
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, max(1, math.ceil(megabytes)) * TIME_LIMIT_S_PER_MB)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(output))
        stack.enter_context(contextlib.redirect_stderr(errors))
        code = int(run([*arguments, "--json", "--language", "en"]))
    signal.setitimer(signal.ITIMER_PROF, 0)
    sentence = first_sentence(output.getvalue()) if code in (ExitCode.BAD_INPUT, ExitCode.INTERNAL) else ""
    return CommandRun(file, layer, arguments[0], code, sentence, megabytes, time.process_time() - start)


def first_sentence(output: str) -> str:
    """Return the first sentence of a refusal."""
    try:
        answer = json.loads(output.splitlines()[-1])
    except (IndexError, ValueError):
        return output[:200]
    faults = answer.get("faults") or []
    return str(faults[0].get("problem", "") if faults else answer.get("error", ""))


def print_summary(runs: list[CommandRun]) -> None:
    """Print figures of all runs."""
    print(f"{len({each.file for each in runs})} files, {len(runs)} runs")
    for command in ("inspect", "check", "repair", "partition"):
        codes = Counter(each.exit_code for each in runs if each.command == command)
        slowest = max((each.cpu_s_per_mb for each in runs if each.command == command), default=0.0)
        print(f"{command}: exit codes {dict(sorted(codes.items()))}; at most {slowest:.1f} CPU s per MB")
    for each in runs:
        if not each.is_sound:
            print(f"FAILED {each}")
    refusals = Counter(
        (each.layer.partition(" (")[2], each.sentence) for each in runs if each.exit_code == ExitCode.BAD_INPUT
    )
    for (town, sentence), count in refusals.most_common():
        print(f"{count:5d} {town.rstrip(')') or 'file'}: {sentence[:150]}")


if __name__ == "__main__":
    main()
