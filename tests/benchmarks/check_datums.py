"""Recognition of datums and coordinate reference systems, on real towns moved to China.

Run with the development environment: .venv/bin/python -m tests.benchmarks.check_datums [--json] [TOWN ...]
Every town is laid at a place in China, metre for metre. Then its layers are written in every combination of WGS 84,
GCJ-02 and BD-09, and in zones of CGCS2000 with and without prefix, with right and wrong labels, and read as a town
package. "named" counts the files whose fault names the right datum of every layer, or the right CRS; "silent" those off
by more than 50 m that were read without a fault or a question about their coordinates. The exit code is 1 if a target
is missed.
"""

import argparse
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely
from pyproj import CRS

from gridmap.core.errors import InputFault, InvalidInput
from gridmap.core.geodesy.datums import DATUM_NAMES, Datum, convert_datum
from gridmap.formats.package.town import read_town
from tests.benchmarks.harness.measure import Row, check_target, find_real_towns, print_report

PLACES = {
    "Wuhan": (114.3, 30.6),
    "Kunming": (102.7, 25.0),
    "Shanghai": (121.4, 31.2),
    "Harbin": (126.6, 45.7),
    "Ürümqi": (87.6, 43.8),
    "Guangzhou": (113.3, 23.1),
}
LAYERS = "communities", "buildings", "streets"
DATUM_QUESTION = "longitudes and latitudes in China"
MIN_NAMED_SHARE = 0.95
Layers = Mapping[str, gpd.GeoDataFrame]
WGS84 = CRS("EPSG:4326")


@dataclass(frozen=True)
class Case:
    """A town in one form.

    Parameters
    ----------
    kind : str
        Form, as the report counts it.
    layers : mapping of str to GeoDataFrame
        Layers to write.
    is_wrong : bool
        Whether layers are off each other, or without a usable CRS.
    text : str
        Words that a fault has to say: the right datums, or the right CRS.
    """

    kind: str
    layers: Layers
    is_wrong: bool
    text: str = ""


def move_town(path: Path, place: tuple[float, float]) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a town in longitude and latitude, laid at a place metre for metre."""
    known = set(pyogrio.list_layers(path)[:, 0])
    layers = {name: gpd.read_file(path, layer=name) for name in LAYERS if name in known}
    centre = layers["communities"].union_all().centroid
    here, there = (
        CRS(f"+proj=tmerc +lon_0={lon} +lat_0={lat} +datum=WGS84") for lon, lat in ((centre.x, centre.y), place)
    )
    return {
        name: layer.to_crs(here).set_crs(there, allow_override=True).to_crs(WGS84) for name, layer in layers.items()
    }


def shift_layer(layer: gpd.GeoDataFrame, datum: Datum) -> gpd.GeoDataFrame:
    """Return a layer in WGS 84 with the coordinates of another datum."""
    shapes = shapely.transform(layer.geometry.to_numpy(), lambda points: convert_datum(points, Datum.WGS84, datum))
    return layer.set_geometry(gpd.GeoSeries(shapes, crs=layer.crs))


def list_datum_cases(town: Layers) -> Iterator[Case]:
    """Yield a town in every combination of datums."""
    shifted = {(name, datum): shift_layer(town[name], datum) for name in town for datum in Datum}
    for datums in product(Datum, repeat=len(town)):
        chosen = dict(zip(town, datums, strict=True))
        layers = {name: shifted[name, datum] for name, datum in chosen.items()}
        is_wrong = len(set(datums)) > 1
        odd = _name_odd_layer(chosen)
        kind = f"datum: {odd} in another one" if is_wrong else "datum: one for all layers"
        yield Case(kind, layers, is_wrong, describe_datums(chosen) if is_wrong else DATUM_QUESTION)


def describe_datums(datums: Mapping[str, Datum]) -> str:
    """Return the words of a fault for datums; without streets, theirs is that of the communities."""
    datums = {"streets": datums["communities"], **datums}
    return ", ".join(f"{name} {DATUM_NAMES[datums[name]]}" for name in ("buildings", "communities", "streets"))


def _name_odd_layer(datums: Mapping[str, Datum]) -> str:
    odd = [name for name, datum in datums.items() if list(datums.values()).count(datum) == 1]
    return odd[0] if len(odd) == 1 else "each layer"


def zone_codes(longitude: float) -> Iterator[tuple[str, int, int]]:
    """Yield width, EPSG code with zone prefix, and without it, of the zones of a longitude."""
    three = round(longitude / 3) - 25
    six = int(longitude // 6) - 12
    yield "3°", 4513 + three, 4534 + three
    yield "6°", 4491 + six, 4502 + six


def list_zone_cases(town: Layers, longitude: float) -> Iterator[Case]:
    """Yield a town in zones of CGCS2000."""
    for width, prefixed, plain in zone_codes(longitude):
        for code, sibling, form in ((prefixed, plain, "with"), (plain, prefixed, "without")):
            zone = {name: layer.to_crs(code) for name, layer in town.items()}
            right = f"EPSG:{code}"
            ends = f"{width} {form} prefix"
            yield Case(f"zone: right label, {ends}", zone, is_wrong=False)
            wrong = zone["buildings"].set_crs(sibling, allow_override=True)
            yield Case(f"zone: label of the other form, {ends}", {**zone, "buildings": wrong}, True, right)
            bare = {name: layer.set_crs(None, allow_override=True) for name, layer in zone.items()}
            yield Case(f"zone: buildings without label, {ends}", {**zone, "buildings": bare["buildings"]}, True, right)
            yield Case(f"zone: no layer with label, {ends}", bare, True, right if form == "with" else "")
            web = shift_layer(town["buildings"], Datum.GCJ02).to_crs(code)
            text = describe_datums({"buildings": Datum.GCJ02, "communities": Datum.WGS84})
            yield Case("zone: buildings from GCJ-02", {**zone, "buildings": web}, True, text)


def read_case(case: Case, folder: Path) -> Row:
    """Write and read a town; return whether it was refused, rightly named, or silently read."""
    path = folder / "town.gpkg"
    path.unlink(missing_ok=True)
    for name, layer in case.layers.items():
        pyogrio.write_dataframe(layer, path, layer=name, driver="GPKG")
    try:
        town = read_town(path, require_households=False, require_datum=not case.is_wrong)
        faults: tuple[InputFault, ...] = town.warnings
        is_refused = False
    except InvalidInput as error:
        faults, is_refused = tuple(error.faults), True
    is_named = any(case.text in str(fault.problem) for fault in faults)
    is_silent = case.is_wrong and not is_refused and not any(fault.column == "geometry" for fault in faults)
    return {
        "kind": case.kind,
        "files": 1,
        "refused": int(is_refused),
        "named": int(is_refused and is_named),
        "silent": int(is_silent),
    }


def measure_towns(towns: list[Path]) -> list[Row]:
    """Return a row for each kind of form, summed over towns."""
    rows: dict[str, Row] = {}
    places = cycle(PLACES.values())
    with tempfile.TemporaryDirectory() as folder:
        for path, place in zip(towns, places, strict=False):
            town = move_town(path, place)
            for case in (*list_datum_cases(town), *list_zone_cases(town, place[0])):
                found = read_case(case, Path(folder))
                known = rows.setdefault(case.kind, {**dict.fromkeys(found, 0), "kind": case.kind})
                known.update({name: known[name] + found[name] for name in found if name != "kind"})
                if case.is_wrong and not found["named"]:
                    print("not named:", path.name, case.kind, case.text, file=sys.stderr)
    return list(rows.values())


def check_targets(rows: list[Row]) -> list[Row]:
    """Return the targets: layers off each other are recognised, and sound zones are read."""
    wrong = [row for row in rows if "one for all" not in row["kind"] and "right label" not in row["kind"]]
    share = sum(row["named"] for row in wrong) / sum(row["files"] for row in wrong)
    silent = sum(row["silent"] for row in wrong)
    consistent = sum(row["files"] - row["named"] for row in rows if "one for all" in row["kind"])
    refused = sum(row["refused"] for row in rows if "right label" in row["kind"])
    return [
        check_target(
            f"share of files off each other that are rightly named, at least {MIN_NAMED_SHARE}",
            share,
            share >= MIN_NAMED_SHARE,
        ),
        check_target("files off each other that are read without a fault or question", silent, silent == 0),
        check_target("consistent files in degrees without the question of their datum", consistent, consistent == 0),
        check_target("sound files in zones that are refused", refused, refused == 0),
    ]


if __name__ == "__main__":
    warnings.filterwarnings("ignore", message="'crs' was not provided")
    parser = argparse.ArgumentParser()
    parser.add_argument("towns", nargs="*")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    measured = measure_towns(find_real_towns(arguments.towns))
    targets = check_targets(measured)
    print_report("check_datums", measured, targets, as_json=arguments.json)
    sys.exit(not all(target["met"] for target in targets))
