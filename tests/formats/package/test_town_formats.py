"""Whole towns in formats, folders and ZIP files as offices send them."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from gridmap.core.errors import InvalidInput
from gridmap.formats.package.town import read_town
from tests.fixtures.town_package import Layers, sound_town, write_geojson, write_geopackage, write_shapefiles
from tests.formats.small_layers import zip_files


def as_zip_with_names_in_gbk(layers: Layers, folder: Path) -> Path:
    files = sorted(write_shapefiles(layers, folder / "in", "GBK").iterdir())
    names = [f"东湖街道/数据/{file.name}".encode("gbk") for file in files]
    return zip_files(folder / "town.zip", files, names)


def as_zip_of_a_geopackage(layers: Layers, folder: Path) -> Path:
    write_geopackage(layers, folder / "town.gpkg")
    with zipfile.ZipFile(folder / "town.zip", "w") as archive:
        archive.write(folder / "town.gpkg", "town.gpkg")
    return folder / "town.zip"


def as_file_geodatabase(layers: Layers, folder: Path) -> Path:
    for name, frame in layers.items():
        path = folder / "town.gdb"
        whole = frame.astype({"households": "int32"}) if name == "buildings" else frame
        pyogrio.write_dataframe(whole, path, layer=name, driver="OpenFileGDB", append=path.exists())
    return path


def as_folder_of_many_formats(layers: Layers, folder: Path) -> Path:
    """Write a layer in each of several formats, the buildings as points of a workbook."""
    town = folder / "town"
    (town / "道路").mkdir(parents=True)
    write_geojson({"communities": layers["communities"]}, folder / "json")
    shutil.move(folder / "json" / "communities.geojson", town)
    pyogrio.write_dataframe(layers["streets"], town / "道路" / "streets.fgb", driver="FlatGeobuf", SPATIAL_INDEX="NO")
    pyogrio.write_dataframe(layers["barriers"], town / "barriers.tab", driver="MapInfo File", ENCODING="CP936")
    pyogrio.write_dataframe(layers["dedicated"], town / "export.gpkg", layer="dedicated", driver="GPKG")
    points = layers["buildings"].representative_point().to_crs(4490)
    table = pd.DataFrame(layers["buildings"].drop(columns="geometry")).assign(经度=points.x, 纬度=points.y)
    table.to_excel(town / "buildings.xlsx", index=False, engine="xlsxwriter")
    return town


WRITERS: tuple[Callable[[Layers, Path], Path], ...] = (
    as_zip_with_names_in_gbk,
    as_zip_of_a_geopackage,
    as_file_geodatabase,
    as_folder_of_many_formats,
)


@pytest.mark.parametrize("write", WRITERS)
def test_a_town_is_the_same_however_it_is_packed(write: Callable[[Layers, Path], Path], tmp_path: Path) -> None:
    town = read_town(write(sound_town(), tmp_path))
    assert sorted(town.communities.code) == ["420106001001", "420106001002"]
    assert town.communities.name.tolist() == ["水果湖社区", "放鹰台社区"]
    assert town.buildings.set_index("building_id").households.to_dict() == {
        "b1": 120,
        "b2": 80,
        "b3": 0,
        "b4": 150,
        "b5": 60,
        "b6": 90,
    }
    assert town.buildings.courtyard.tolist()[:3] == ["东湖花园", "东湖花园", None]
    assert town.communities.area.to_numpy() == pytest.approx([40_000, 40_000], rel=2e-3)
    assert (len(town.streets), len(town.barriers), town.dedicated.name.tolist()) == (2, 1, ["沙湖公园"])


def test_a_layer_in_two_files_of_a_zip_file_is_refused(tmp_path: Path) -> None:
    folder = write_shapefiles(sound_town(), tmp_path / "in")
    files = sorted(folder.iterdir())
    names = [file.name.encode() for file in files]
    path = zip_files(tmp_path / "t.zip", [*files, *files], [*names, *(b"old/" + name for name in names)])
    with pytest.raises(InvalidInput, match="two files hold the layer buildings"):
        read_town(path)


def test_a_list_without_coordinates_is_told_apart_from_a_damaged_file(tmp_path: Path) -> None:
    folder = write_shapefiles(sound_town(), tmp_path / "town")
    for file in folder.glob("buildings.*"):
        file.unlink()
    (folder / "buildings.csv").write_bytes("building_id,households\nb1,120\n".encode("gbk"))
    with pytest.raises(InvalidInput) as error:
        read_town(folder)
    (fault,) = [each for each in error.value.faults if each.layer == "buildings"]
    assert "no row of the layer has a geometry" in str(fault.problem)
