"""MBTiles: raster tiles of one zoom level put together to one picture that says where it lies.

References
----------
.. [1] Mapbox, "MBTiles Specification", version 1.3, 2018.
"""

import io
import sqlite3
from typing import NamedTuple

from PIL import Image

SQLITE_MAGIC = b"SQLite format 3\0"
TILE_FORMATS = ("PNG", "JPEG", "WEBP")
WORLD_HALF_M = 20037508.342789244
"""Half of the width of the Web Mercator square, metres."""
WEB_MERCATOR = 3857
MAX_TILES = 4096
EXTENT_OF_ZOOM = (
    "SELECT zoom_level, min(tile_column), max(tile_column), min(tile_row), max(tile_row), count(*) FROM tiles"
    " WHERE zoom_level BETWEEN 0 AND 24 GROUP BY zoom_level ORDER BY zoom_level DESC"
)
TILES_OF_ZOOM = "SELECT tile_column, tile_row, tile_data FROM tiles WHERE zoom_level = ?"


class TileExtent(NamedTuple):
    """Columns and rows of a zoom level that have tiles; rows count from the south (TMS)."""

    zoom: int
    west: int
    east: int
    south: int
    north: int
    tile_count: int

    @property
    def columns(self) -> int:
        """Number of columns."""
        return self.east - self.west + 1

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.north - self.south + 1


def is_mbtiles(content: bytes) -> bool:
    """Return whether a file may be MBTiles, which is a database of SQLite."""
    return content.startswith(SQLITE_MAGIC)


def assemble_tiles(content: bytes, max_side: int) -> tuple[Image.Image, dict[str, list[float]]]:
    """Put the tiles of the finest zoom level together whose picture is not too large.

    Parameters
    ----------
    content : bytes
        MBTiles file with tiles in PNG, JPEG or WebP.
    max_side : int
        Longest side of the picture, pixels.

    Returns
    -------
    picture : Image
        RGBA; transparent where there is no tile.
    tags : dict
        Place in Web Mercator, in the form of GeoTIFF tags.

    Raises
    ------
    ValueError
        If there are no raster tiles, or if even the coarsest level is too large.
    """
    database = sqlite3.connect(":memory:")
    try:
        database.deserialize(content)
        database.execute("PRAGMA trusted_schema = OFF")
        return _read_mosaic(database, max_side)
    except sqlite3.Error as error:
        raise ValueError(str(error)) from error
    finally:
        database.close()


def _read_mosaic(database: sqlite3.Connection, max_side: int) -> tuple[Image.Image, dict[str, list[float]]]:
    for values in database.execute(EXTENT_OF_ZOOM).fetchall():
        extent = TileExtent(*map(int, values))
        first = database.execute(TILES_OF_ZOOM, (extent.zoom,)).fetchone()
        side = _decode(first[2]).width
        if max(extent.columns, extent.rows) * side <= max_side and extent.tile_count <= MAX_TILES:
            return _paste(database, extent, side), _tags(extent, side)
    raise ValueError("no zoom level fits")


def _paste(database: sqlite3.Connection, extent: TileExtent, side: int) -> Image.Image:
    mosaic = Image.new("RGBA", (extent.columns * side, extent.rows * side))
    for column, row, data in database.execute(TILES_OF_ZOOM, (extent.zoom,)):
        tile = _decode(data)
        if tile.size != (side, side):
            raise ValueError("tiles differ in size")
        mosaic.paste(tile.convert("RGBA"), ((column - extent.west) * side, (extent.north - row) * side))
    return mosaic


def _decode(data: object) -> Image.Image:
    if not isinstance(data, bytes):
        raise ValueError("a tile holds no image")
    tile = Image.open(io.BytesIO(data), formats=TILE_FORMATS)
    if tile.width != tile.height or not 64 <= tile.width <= 1024:
        raise ValueError("a tile is no square of 64 to 1024 pixels")
    return tile


def _tags(extent: TileExtent, side: int) -> dict[str, list[float]]:
    """Return the place of the north-western corner and the size of a pixel, as a GeoTIFF says them."""
    tile_m = 2 * WORLD_HALF_M / 2**extent.zoom
    west, north = extent.west * tile_m - WORLD_HALF_M, (extent.north + 1) * tile_m - WORLD_HALF_M
    keys = [1.0, 1.0, 0.0, 1.0, 3072.0, 0.0, 1.0, float(WEB_MERCATOR)]
    size, corner = [tile_m / side, tile_m / side, 0.0], [0.0, 0.0, 0.0, west, north, 0.0]
    return {"keys": keys, "scale": size, "tiepoint": corner, "width": [float(extent.columns * side)]}
