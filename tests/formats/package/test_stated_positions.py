"""CRS and datum as the reader names them, and the question where nobody does."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from gridmap.core.errors import InvalidInput
from gridmap.core.geodesy.datums import Datum, convert_datum
from gridmap.core.land.town import Town
from gridmap.formats.intake.source_file import InputSource
from gridmap.formats.package.town import read_town
from gridmap.formats.readers.layer_source import ReadOptions
from tests.fixtures.town_package import Layers, sound_town, write_geopackage

PREFIXED, PLAIN, DEGREES, WEB_MERCATOR, CGCS2000 = 4526, 4547, 4326, 3857, 4490
QUESTION = "longitudes and latitudes in China"
MAX_ERROR_M = 0.5


def shifted(layers: Layers, datum: Datum, epsg: int = DEGREES) -> Layers:
    """Return layers with the coordinates of a map service, in a CRS."""

    def shift(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        degrees = layer.to_crs(DEGREES)
        shapes = shapely.transform(degrees.geometry.to_numpy(), lambda xy: convert_datum(xy, Datum.WGS84, datum))
        return degrees.set_geometry(gpd.GeoSeries(shapes, crs=DEGREES, index=layer.index)).to_crs(epsg)

    return {name: shift(layer) for name, layer in layers.items()}


def read(layers: Layers, folder: Path, options: ReadOptions | None = None, *, require_datum: bool = False) -> Town:
    file = folder / "town.gpkg"
    file.unlink(missing_ok=True)
    write_geopackage(layers, file)
    return read_town(InputSource(file, options or ReadOptions()), require_datum=require_datum)


def warnings_of(town: Town) -> list[str]:
    return [str(warning.problem) for warning in town.warnings]


def assert_in_place(town: Town) -> None:
    """Assert that communities and buildings are where those of the sound town are."""
    for name in ("communities", "buildings"):
        expected = sound_town()[name].to_crs(PLAIN)
        found = getattr(town, name).to_crs(PLAIN)
        differences = shapely.get_coordinates(shapely.centroid(found.geometry.to_numpy())) - shapely.get_coordinates(
            shapely.centroid(expected.geometry.to_numpy())
        )
        assert np.abs(differences).max() < MAX_ERROR_M


def test_the_crs_of_the_reader_holds_whatever_the_file_says(tmp_path: Path) -> None:
    prefixed = {name: layer.to_crs(PREFIXED) for name, layer in sound_town().items()}
    layers = {name: layer.set_crs(PLAIN, allow_override=True) for name, layer in prefixed.items()}
    with pytest.raises(InvalidInput) as refused:
        read(layers, tmp_path)
    assert "--crs communities=EPSG:4526" in str(refused.value.faults[0].advice)
    town = read(layers, tmp_path, ReadOptions(crs={"": CRS(PREFIXED)}))
    assert_in_place(town)
    said = "the coordinates are read as EPSG:4526, as --crs says; the file says EPSG:4547"
    assert warnings_of(town).count(said) == len(layers)


def test_the_crs_of_one_layer_leaves_the_others_alone(tmp_path: Path) -> None:
    layers = sound_town()
    mislabelled = layers["buildings"].to_crs(PREFIXED).set_crs(PLAIN, allow_override=True)
    town = read({**layers, "buildings": mislabelled}, tmp_path, ReadOptions(crs={"buildings": CRS(PREFIXED)}))
    assert_in_place(town)
    assert len([each for each in warnings_of(town) if "--crs" in each]) == 1


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_file_without_a_crs_gets_the_one_of_the_reader(tmp_path: Path) -> None:
    layers = {name: layer.set_crs(None, allow_override=True) for name, layer in sound_town().items()}
    town = read(layers, tmp_path, ReadOptions(crs={"": CRS(PLAIN)}))
    assert_in_place(town)
    assert any("the file names none" in each for each in warnings_of(town))


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("epsg", [DEGREES, WEB_MERCATOR, CGCS2000, PLAIN, PREFIXED])
def test_the_datum_of_the_reader_moves_the_town_back(datum: Datum, epsg: int, tmp_path: Path) -> None:
    town = read(shifted(sound_town(), datum, epsg), tmp_path, ReadOptions(datum={"": datum}), require_datum=True)
    assert_in_place(town)
    assert not [each for each in warnings_of(town) if QUESTION in each]


def test_the_datum_of_one_layer_leaves_the_others_alone(tmp_path: Path) -> None:
    layers = sound_town()
    layers["buildings"] = shifted(layers, Datum.GCJ02)["buildings"]
    options = ReadOptions(datum={"": Datum.WGS84, "buildings": Datum.GCJ02})
    assert_in_place(read(layers, tmp_path, options))


@pytest.mark.parametrize(
    ("epsg", "require_datum", "answer"),
    [
        (DEGREES, False, "warned"),
        (DEGREES, True, "refused"),
        (WEB_MERCATOR, True, "refused"),
        (CGCS2000, True, "warned"),
        (PLAIN, True, "accepted"),
        (PREFIXED, True, "accepted"),
    ],
)
def test_a_consistent_town_of_unknown_datum_is_never_guessed(
    epsg: int, require_datum: bool, answer: str, tmp_path: Path
) -> None:
    layers = {name: layer.to_crs(epsg) for name, layer in sound_town().items()}
    if answer == "refused":
        with pytest.raises(InvalidInput) as refused:
            read(layers, tmp_path, require_datum=require_datum)
        assert ["--datum wgs84" in str(fault.advice) for fault in refused.value.faults] == [True]
    else:
        questions = [
            each for each in warnings_of(read(layers, tmp_path, require_datum=require_datum)) if QUESTION in each
        ]
        assert len(questions) == (answer == "warned")


def test_towns_outside_china_are_not_asked_about(tmp_path: Path) -> None:
    degrees = {name: layer.to_crs(DEGREES) for name, layer in sound_town().items()}
    layers = {name: layer.set_geometry(layer.geometry.translate(-10.5, -29.3)) for name, layer in degrees.items()}
    assert not [each for each in warnings_of(read(layers, tmp_path, require_datum=True)) if QUESTION in each]
