"""Small layers as files of many formats and encodings, made byte by byte where a library would not make them."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from gridmap.services.files.inputs import input_source
from gridmap.services.files.inspection import LayerDescription, inspect_source

NAME_WIDTH = 40
CODES = ["420106001001", "420106001002"]
HOUSEHOLDS = [120, 80]
CHINESE = ("水果湖社区", "放鹰台社区")


class Layer(NamedTuple):
    """Values of a layer as they were read, with its description."""

    codes: list[str]
    names: list[str]
    households: int
    description: LayerDescription


def small_layer(names: Sequence[str] = CHINESE) -> gpd.GeoDataFrame:
    """Return two communities with a code, a name and households."""
    shapes = [shapely.box(114.3, 30.5, 114.31, 30.51), shapely.box(114.31, 30.5, 114.32, 30.51)]
    columns = {"code": CODES, "name": list(names), "households": np.array(HOUSEHOLDS, dtype=np.int32)}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490")


def write_layer(path: Path, driver: str, names: Sequence[str] = CHINESE, **options: str | bool) -> Path:
    """Write the small layer in a format of GDAL."""
    pyogrio.write_dataframe(small_layer(names), path, driver=driver, **options)
    return path


def write_shapefile(
    path: Path, names: Sequence[bytes], code_page: str | None = None, language_id: int | None = None
) -> Path:
    """Write the small layer as a Shapefile whose names are the given bytes."""
    marks = [f"<{number}".ljust(NAME_WIDTH, ">") for number in range(len(names))]
    write_layer(path, "ESRI Shapefile", marks)
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    for mark, name in zip(marks, names, strict=True):
        start = content.index(mark.encode())
        content[start : start + NAME_WIDTH] = name.ljust(NAME_WIDTH)
    content[29] = language_id or 0
    table.write_bytes(content)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if code_page is not None:
        path.with_suffix(".cpg").write_text(code_page)
    return path


def read_only_layer(path: Path, encoding: str | None = None) -> Layer:
    """Read the only layer of a file, folder or ZIP file."""
    from gridmap.formats.intake.source_file import open_source
    from gridmap.formats.readers.layer_rows import read_all_columns

    source = input_source(path, encoding)
    description = inspect_source(source)
    assert not description.faults
    with open_source(source) as opened:
        frame = read_all_columns(next(iter(opened.layers.values())))
    frame.columns = frame.columns.str.lower()
    frame = frame.sort_values("code")
    households = int(frame["households"].astype(float).sum())
    return Layer(list(frame["code"].astype(str)), list(frame["name"]), households, description.layers[0])


class NamedByBytes(zipfile.ZipInfo):
    """Member of a ZIP file whose name is stored as the given bytes, without the mark for Unicode."""

    raw_name = b""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name of the library
        return self.raw_name, self.flag_bits


def zip_files(target: Path, files: Sequence[Path], names: Sequence[bytes]) -> Path:
    """Pack files under names of any bytes, as programs of other systems do."""
    with zipfile.ZipFile(target, "w") as archive:
        for number, (file, name) in enumerate(zip(files, names, strict=True)):
            member = NamedByBytes(str(number))
            member.raw_name = name
            archive.writestr(member, file.read_bytes())
    return target
