"""Layers in another CRS or datum than their files say: one fault a layer, which names what fits."""

from itertools import product
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gridmap.core.errors import InputFault, InvalidInput
from gridmap.core.geodesy.datum_fit import find_better_datums
from gridmap.core.geodesy.datums import Datum, convert_datum
from gridmap.formats.package.town import read_town
from tests.fixtures.town_package import Layers, real_towns_dir, sound_town, write_geopackage

PREFIXED, PLAIN = 4526, 4547
WUHAN, LANZHOU = (114.31, 30.62), (103.8, 36.05)


def relabel(layers: Layers, epsg: int | None, *names: str) -> Layers:
    """Return a town whose layers have another CRS, and the coordinates that they had."""
    return {
        name: layer.set_crs(epsg, allow_override=True) if name in names or not names else layer
        for name, layer in layers.items()
    }


def in_crs(epsg: int) -> Layers:
    return {name: layer.to_crs(epsg) for name, layer in sound_town().items()}


def faults_of(layers: Layers, folder: Path) -> list[InputFault]:
    """Return the faults of a town; none if it can be read."""
    try:
        read_town(write_geopackage(layers, folder / "town.gpkg"))
    except InvalidInput as error:
        return list(error.faults)
    return []


@pytest.mark.parametrize("label", [PLAIN, 4326, 2154])
def test_coordinates_with_a_zone_number_name_their_crs(label: int, tmp_path: Path) -> None:
    faults = faults_of(relabel(in_crs(PREFIXED), label), tmp_path)
    assert [fault.layer for fault in faults] == list(sound_town())
    assert {"EPSG:4526" in str(fault.problem) and "begins with 38" in str(fault.problem) for fault in faults} == {True}


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_coordinates_without_a_crs_name_the_one_that_fits(tmp_path: Path) -> None:
    faults = faults_of(relabel(in_crs(PREFIXED), None), tmp_path)
    assert len(faults) == len(sound_town())
    assert {"EPSG:4526" in str(fault.problem) for fault in faults} == {True}


def test_a_layer_without_the_zone_number_of_the_communities_is_one_fault(tmp_path: Path) -> None:
    layers = {**in_crs(PREFIXED), "buildings": sound_town()["buildings"].set_crs(PREFIXED, allow_override=True)}
    [fault] = faults_of(layers, tmp_path)
    assert (fault.layer, fault.row) == ("buildings", None)
    assert "EPSG:4547" in str(fault.problem)


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
@pytest.mark.parametrize("name", ["buildings", "streets"])
def test_a_layer_without_a_crs_names_the_one_that_leads_to_the_communities(name: str, tmp_path: Path) -> None:
    [fault] = faults_of(relabel(in_crs(PLAIN), None, name), tmp_path)
    assert (fault.layer, fault.row) == (name, None)
    assert "EPSG:4547" in str(fault.problem)


def test_a_layer_with_swapped_coordinates_beside_the_communities_is_one_fault(tmp_path: Path) -> None:
    layers = sound_town()
    swapped = shapely.transform(layers["streets"].geometry.to_numpy(), lambda points: points[:, ::-1])
    [fault] = faults_of({**layers, "streets": layers["streets"].set_geometry(swapped, crs=PLAIN)}, tmp_path)
    assert (fault.layer, "swapped" in str(fault.problem)) == ("streets", True)


@pytest.mark.parametrize(("past", "faults"), [(5e-7, 0), (2e-6, 1)])
def test_degrees_may_pass_the_antimeridian_by_rounding_only(past: float, faults: int, tmp_path: Path) -> None:
    streets = sound_town()["streets"].to_crs(4326)
    streets.loc[0, "geometry"] = shapely.LineString([(114.31, 30.62), (180 + past, 30.62)])
    found = faults_of({**sound_town(), "streets": streets}, tmp_path)
    assert len([fault for fault in found if "not degrees" in str(fault.problem)]) == faults


def shift(layer: gpd.GeoDataFrame, source: Datum, target: Datum) -> gpd.GeoDataFrame:
    """Return a layer in longitude and latitude in another datum."""
    shapes = shapely.transform(layer.geometry.to_numpy(), lambda points: convert_datum(points, source, target))
    return layer.set_geometry(gpd.GeoSeries(shapes, crs=layer.crs, index=layer.index))


def many_buildings() -> gpd.GeoDataFrame:
    """Return 120 buildings in rows within the communities of the town."""
    corners = [(x, y) for x in range(5, 395, 26) for y in (5, 30, 55, 110, 140, 165)]
    boxes = [shapely.box(530_000 + x, 3_390_000 + y, 530_010 + x, 3_390_008 + y) for x, y in corners]
    ids = [f"b{number}" for number in range(len(boxes))]
    return gpd.GeoDataFrame({"building_id": ids, "households": 10}, geometry=boxes, crs=PLAIN)


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_buildings_of_a_map_service_are_one_fault_that_names_it(datum: Datum, tmp_path: Path) -> None:
    layers = {name: layer.to_crs(4326) for name, layer in {**sound_town(), "buildings": many_buildings()}.items()}
    [fault] = faults_of({**layers, "buildings": shift(layers["buildings"], Datum.WGS84, datum)}, tmp_path)
    assert (fault.layer, fault.row) == ("buildings", None)
    assert {"gcj02": "GCJ-02", "bd09": "BD-09"}[datum] in str(fault.problem)


def net_of_streets() -> gpd.GeoDataFrame:
    """Return a net of streets that reaches 2 km around `many_buildings`, nowhere closer than 5 m to one."""
    places_x = *range(-2_000, 0, 31), *range(24, 390, 26), *range(400, 2_400, 31)
    places_y = *range(-2_000, 0, 37), 20, 45, 95, 125, 150, *range(180, 2_000, 37)
    ends = [((x, -2_000), (x, 2_000)) for x in places_x] + [((-2_000, y), (2_400, y)) for y in places_y]
    lines = [shapely.LineString([(530_000 + x, 3_390_000 + y) for x, y in pair]) for pair in ends]
    streets = shapely.segmentize(lines, 50.0)
    return gpd.GeoDataFrame({"name": ["a"] * len(streets)}, geometry=streets, crs=PLAIN)


@pytest.mark.parametrize("is_point", [False, True])
@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_streets_of_a_map_service_are_one_fault_that_names_it(datum: Datum, is_point: bool, tmp_path: Path) -> None:
    buildings = many_buildings()
    buildings = buildings.set_geometry(buildings.centroid) if is_point else buildings
    town = {**sound_town(), "buildings": buildings, "streets": net_of_streets()}
    layers = {name: layer.to_crs(4326) for name, layer in town.items()}
    streets = shift(layers["streets"], Datum.WGS84, datum)
    [fault] = faults_of({**layers, "streets": streets}, tmp_path)
    named = {"gcj02": "GCJ-02", "bd09": "BD-09"}[datum]
    assert f"buildings WGS 84, communities WGS 84, streets {named}" in str(fault.problem)
    assert str(fault.advice).endswith(f"the datum of each: --datum streets={datum}")


@pytest.mark.parametrize(("distance_m", "warnings"), [(249.9, 0), (250.1, 1)])
def test_streets_that_all_lie_outside_are_a_warning(distance_m: float, warnings: int, tmp_path: Path) -> None:
    layers = sound_town()
    streets = layers["streets"].translate(yoff=distance_m)
    town = read_town(
        write_geopackage({**layers, "streets": layers["streets"].set_geometry(streets)}, tmp_path / "t.gpkg")
    )
    assert len([each for each in town.warnings if "lies in a community" in str(each.problem)]) == warnings


def test_buildings_and_streets_in_place_have_no_fault(tmp_path: Path) -> None:
    town = {**sound_town(), "buildings": many_buildings(), "streets": net_of_streets()}
    assert not faults_of({name: layer.to_crs(4326) for name, layer in town.items()}, tmp_path)


def move(layer: gpd.GeoDataFrame, start: tuple[float, float], end: tuple[float, float]) -> gpd.GeoDataFrame:
    """Return a layer at another place, in longitude and latitude, in its own shape and size."""
    metres = layer.to_crs(f"+proj=aeqd +lon_0={start[0]} +lat_0={start[1]} +units=m")
    moved = metres.set_crs(f"+proj=aeqd +lon_0={end[0]} +lat_0={end[1]} +units=m", allow_override=True)
    return moved.to_crs(4326)


TownLayers = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]


@pytest.fixture(scope="module", params=["cambridge", "kunming", "olemps", "singapore_ct", "singapore_tap", "vologda"])
def real_layers(request: pytest.FixtureRequest) -> TownLayers:
    """Return buildings, communities and streets of a real town."""
    file = real_towns_dir() / f"{request.param}.gpkg"
    if not file.is_file():
        pytest.skip(f"no real town at {file}; set GRIDMAP_TOWNS to a folder of town packages")
    buildings, communities, streets = (
        pyogrio.read_dataframe(file, layer=name)
        if name in pyogrio.list_layers(file)[:, 0]
        else gpd.GeoDataFrame(geometry=[], crs=4326)
        for name in ("buildings", "communities", "streets")
    )
    return buildings, communities, streets


@pytest.mark.full
@pytest.mark.parametrize("place", [WUHAN, LANZHOU])
def test_datums_of_real_towns_moved_to_china_are_recognised(
    real_layers: TownLayers, place: tuple[float, float]
) -> None:
    middle = shapely.box(*real_layers[1].total_bounds).centroid
    moved = [move(layer, (middle.x, middle.y), place) if len(layer) else layer for layer in real_layers]
    combinations = [each for each in product(Datum, repeat=3) if len(real_layers[2]) or each[1] is each[2]]
    for datums in combinations:
        layers = [shift(layer, Datum.WGS84, datum) for layer, datum in zip(moved, datums, strict=True)]
        fit = find_better_datums(*layers)
        expected = None if len(set(datums)) == 1 else datums
        assert (fit and (fit.buildings, fit.communities, fit.streets)) == expected
