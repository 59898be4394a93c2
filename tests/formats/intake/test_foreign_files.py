"""Files that gridmap cannot read: what they are, and the steps to get them read."""

import zipfile
from pathlib import Path

import pytest

from gridmap.core.errors import InvalidInput
from gridmap.formats.intake.layer_search import KNOWN_LAYERS
from gridmap.formats.package.layer_schemas import GRIDS, LAYERS
from gridmap.formats.package.town import read_town
from gridmap.formats.package.town_extras import EXTRA_LAYERS
from gridmap.services.files.inspection import inspect_source
from tests.formats.small_layers import write_layer

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
FOREIGN: dict[str, tuple[str, bytes, str, str]] = {
    "drawing": ("网格.dwg", b"AC1032" + bytes(100), "AutoCAD drawing", "DXF"),
    "PDF": ("a.pdf", b"%PDF-1.7\n", "PDF document", "Georeferencer"),
    "photograph": ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(100), "picture", "Georeferencer"),
    "rar": ("a.rar", b"Rar!\x1a\x07\x01\0" + bytes(100), "archive", "unpack"),
    "7z": ("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(100), "archive", "unpack"),
    "Access": ("a.mdb", b"\0\1\0\0Standard Jet DB\0" + bytes(100), "personal geodatabase", "Export Features"),
    "old Word": ("a.doc", OLE + "WordDocument".encode("utf-16-le"), "Word document", "Excel"),
    "web page as .xls": ("台账.xls", b"<html><table><tr><td>1</td></tr></table>", "web page", "xlsx"),
    "MapGIS": ("a.wp", b"WMAP`D23" + bytes(100), "MapGIS layer", "Shapefile"),
    "project": ("a.qgs", b"<!DOCTYPE qgis><qgis version='3'/>", "project of QGIS", "name the files"),
    "part of a Shapefile": ("a.dbf", b"\x03" + bytes(100), "part of a Shapefile", ".shp"),
    "drawing with a wrong suffix": ("a.gpkg", b"AC1032" + bytes(100), "AutoCAD drawing", "DXF"),
    "noise": ("a.bin", bytes(range(1, 255)), "unknown kind", "QGIS"),
    "other JSON": ("a.json", b'{"grids": 4}', "no GeoJSON", "QGIS"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_named_with_the_way_to_get_it_read(name: str, tmp_path: Path) -> None:
    file, content, kind, steps = FOREIGN[name]
    (tmp_path / file).write_bytes(content)
    with pytest.raises(InvalidInput) as error:
        inspect_source(tmp_path / file)
    (fault,) = error.value.faults
    assert fault.file == file
    assert kind in str(fault.problem)
    assert steps in str(fault.advice)


def test_a_word_document_is_told_from_a_zip_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(InvalidInput, match="Word document"):
        inspect_source(tmp_path / "a.docx")


def test_a_drawing_in_a_folder_is_named_where_a_layer_is_missing(tmp_path: Path) -> None:
    write_layer(tmp_path / "communities.shp", "ESRI Shapefile")
    (tmp_path / "buildings.dwg").write_bytes(b"AC1032" + bytes(100))
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(InvalidInput) as error:
        read_town(tmp_path)
    problems = {fault.file: str(fault.problem) for fault in error.value.faults}
    assert "AutoCAD drawing" in problems["buildings.dwg"]
    assert "photo.jpg" not in problems


def test_a_result_beside_the_layers_is_left_out(tmp_path: Path) -> None:
    write_layer(tmp_path / "communities.shp", "ESRI Shapefile")
    for layer in ("communities", "buildings", "profile"):
        write_layer(tmp_path / "result.gpkg", "GPKG", layer=layer, append=layer != "communities")
    description = inspect_source(tmp_path)
    assert not description.faults
    assert [layer.file for layer in description.layers] == ["communities.shp"]


def test_the_names_of_all_layers_are_known_to_the_search() -> None:
    assert {schema.name for schema in (*LAYERS, GRIDS, *EXTRA_LAYERS)} == KNOWN_LAYERS
