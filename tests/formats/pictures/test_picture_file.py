"""Pictures: read by a process with limits, and written anew without what they carried."""

import io
import math
import sqlite3
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from gridmap.core.errors import InvalidInput
from gridmap.core.tracing.placement import to_degrees
from gridmap.formats.pictures import picture_file
from gridmap.formats.pictures.picture_file import recode_picture


def encode(image: Image.Image, picture_format: str, **options: Any) -> bytes:
    output = io.BytesIO()
    image.save(output, picture_format, **options)
    return output.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Return a PNG of a size, with almost no pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (head, b"IDAT" + zlib.compress(b"few"))
    packed = (struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def geotiff(width: int, height: int) -> bytes:
    """Return a GeoTIFF in EPSG:4547 with half a metre a pixel."""
    tags = ImageFileDirectory_v2()
    tags[33550], tags.tagtype[33550] = (0.5, 0.5, 0.0), 12
    tags[33922], tags.tagtype[33922] = (0.0, 0.0, 0.0, 500_000.0, 3_375_000.0, 0.0), 12
    tags[34735], tags.tagtype[34735] = (1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 4547), 3
    return encode(Image.new("RGB", (width, height), "green"), "TIFF", tiffinfo=tags)


@pytest.mark.parametrize("picture_format", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_every_format_becomes_a_webp_of_the_same_size(picture_format: str) -> None:
    picture = recode_picture(encode(Image.new("RGB", (300, 200), "red"), picture_format))
    assert (picture.width, picture.height, picture.placement) == (300, 200, None)
    assert Image.open(io.BytesIO(picture.content)).format == "WEBP"


def test_a_large_picture_is_reduced_to_the_longest_side() -> None:
    picture = recode_picture(encode(Image.new("L", (6000, 1500)), "PNG"))
    assert (picture.width, picture.height) == (4096, 1024)


def test_metadata_is_gone_and_the_orientation_is_applied() -> None:
    image = Image.new("RGB", (300, 200), "red")
    exif = image.getexif()
    exif[0x0112], exif[0x010E] = 6, "taken at the office"
    picture = recode_picture(encode(image, "JPEG", exif=exif))
    assert (picture.width, picture.height) == (200, 300)
    assert b"office" not in picture.content
    assert len(Image.open(io.BytesIO(picture.content)).getexif()) == 0


def test_a_geotiff_places_itself_also_when_it_is_reduced() -> None:
    picture = recode_picture(geotiff(8192, 200))
    assert picture.placement is not None
    assert picture.placement.method == "file"
    assert picture.placement.metres_per_pixel() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no picture"),
        (b"%PDF-1.7 nothing", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (encode(Image.new("RGB", (9, 9)), "GIF"), "no picture"),
        (encode(Image.new("RGB", (300, 300)), "PNG")[:200], "no picture"),
        (png_header(60_000, 60_000), "3600 million pixels"),
    ],
    ids=["empty", "pdf", "svg", "gif", "cut", "bomb"],
)
def test_what_cannot_be_read_is_refused_before_it_is_decoded(content: bytes, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        recode_picture(content)


def test_a_file_above_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_file, "MAX_BYTES", 10)
    with pytest.raises(InvalidInput, match="at most"):
        recode_picture(b"x" * 11)


def test_a_picture_that_takes_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_file, "MEMORY_LIMIT_BYTES", 300 * 2**20)
    with pytest.raises(InvalidInput, match="too much memory"):
        recode_picture(encode(Image.new("RGB", (11_000, 11_000)), "PNG"))


def mbtiles(tiles: Mapping[tuple[int, int, int], bytes]) -> bytes:
    """Return MBTiles with tiles by zoom level, column and row from the south."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
    database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", [(*place, data) for place, data in tiles.items()])
    database.commit()
    content = database.serialize()
    database.close()
    return content


def tile(colour: str, side: int = 256) -> bytes:
    return encode(Image.new("RGB", (side, side), colour), "PNG")


def test_tiles_become_a_picture_that_lies_where_they_lie() -> None:
    column, row = 53550, 38600  # at zoom level 16, in the province of Hubei
    tiles = {(16, column + x, row + y): tile(("red", "green")[y]) for x in (0, 1, 2) for y in (0, 1)}
    picture = recode_picture(mbtiles({**tiles, (15, column // 2, row // 2): tile("blue")}))
    assert (picture.width, picture.height) == (768, 512)
    shown = Image.open(io.BytesIO(picture.content)).convert("RGB")
    assert shown.getpixel((10, 10))[1] > 100  # type: ignore[index]
    assert shown.getpixel((10, 500))[0] > 200  # type: ignore[index]
    assert picture.placement is not None
    longitude, latitude = to_degrees(picture.placement.affine.apply(np.array([[0.0, 512.0]])))[0]
    assert longitude == pytest.approx(column / 2**16 * 360 - 180, abs=1e-6)
    assert latitude == pytest.approx(math.degrees(math.atan(math.sinh(math.pi * (2 * row / 2**16 - 1)))), abs=1e-6)


def test_a_coarser_zoom_level_is_taken_where_the_finest_is_too_large() -> None:
    tiles = {(18, 1000 + x, 2000): tile("red") for x in (0, 40)} | {(17, 500 + x, 1000): tile("red") for x in range(3)}
    assert recode_picture(mbtiles(tiles)).width == 3 * 256


@pytest.mark.parametrize(
    "content",
    [
        mbtiles({(14, 1, 1): b"\x1f\x8b vector tile"}),
        mbtiles({}),
        mbtiles({(18, 0, 0): tile("red"), (18, 90_000, 0): tile("red")}),
        mbtiles({(10, 1, 1): tile("red"), (10, 2, 1): tile("red", 512)}),
        mbtiles({(10, 1, 1): tile("red", 32)}),
        b"SQLite format 3\0" + b"x" * 5000,
    ],
    ids=["vector tiles", "empty", "tiles far apart", "two sizes", "tiny tiles", "damaged"],
)
def test_other_databases_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="no picture that gridmap can read"):
        recode_picture(content)
