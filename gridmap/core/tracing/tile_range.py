"""Map tiles that cover a square on the ground, in the tiling scheme of web maps.

References
----------
.. [1] Open Geospatial Consortium, "OpenGIS Web Map Tile Service Implementation Standard", version 1.0.0, 2010:
   annex E.4, the scale set GoogleMapsCompatible.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, cos, floor, isqrt, pi, radians

import numpy as np

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.tracing.placement import EARTH_RADIUS_M, to_mercator

TILE_PIXELS = 256
MAX_TILES = 256
"""Tiles of one picture, those of all its layers: sixteen a side, with which a picture of one layer has 4096 pixels."""
MIN_ZOOM, MAX_ZOOM = 15, 18
"""Coarser than 15 a pixel has 4 m and more, on which no street can be traced; finer than 18 there are no tiles."""
TOO_LARGE = N_("this is too large for one picture: at most {side} km a side are fetched here")


class MapKind(StrEnum):
    """Kind of a picture of Tianditu: photographs from above, or a map with names."""

    IMAGERY = "imagery"
    MAP = "map"

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the layers of tiles, the lowest one first."""
        return ("img",) if self is MapKind.IMAGERY else ("vec", "cva")


@dataclass(frozen=True)
class TileRange:
    """Columns and rows of a zoom level, both ends included; rows count from the north.

    Parameters
    ----------
    zoom : int
    west, east : int
        Columns.
    north, south : int
        Rows.
    """

    zoom: int
    west: int
    east: int
    north: int
    south: int

    @property
    def tile_count(self) -> int:
        """Return the number of tiles of one layer."""
        return (self.east - self.west + 1) * (self.south - self.north + 1)

    def list_tiles(self) -> Iterator[tuple[int, int]]:
        """Yield column and row of each tile."""
        for row in range(self.north, self.south + 1):
            for column in range(self.west, self.east + 1):
                yield column, row


def cover_square(longitude: float, latitude: float, side_m: float, layers: int = 1) -> TileRange:
    """Return the tiles that cover a square, at the finest zoom level at which they are not too many.

    Parameters
    ----------
    longitude, latitude : float
        Middle of the square, degrees, WGS 84 or CGCS2000, which differ by less than a metre.
    side_m : float
        Side of the square on the ground, metres.
    layers : int
        Layers of tiles, one upon the other.

    Raises
    ------
    InvalidInput
        If the tiles of the coarsest useful zoom level are too many; it says which side would do.

    Examples
    --------
    >>> tiles = cover_square(114.3, 30.5, 2000)
    >>> tiles.zoom, tiles.tile_count
    (18, 256)
    """
    most = isqrt(MAX_TILES // layers)
    for zoom in range(MAX_ZOOM, MIN_ZOOM - 1, -1):
        tiles = _cover(longitude, latitude, side_m, zoom)
        if max(tiles.east - tiles.west, tiles.south - tiles.north) < most:
            return tiles
    side_km = floor((most - 1) * _tile_m(MIN_ZOOM) * cos(radians(latitude)) / 100) / 10
    raise InvalidInput([InputFault(Message(TOO_LARGE, {"side": side_km}), column="side_km")])


def _cover(longitude: float, latitude: float, side_m: float, zoom: int) -> TileRange:
    ((east, north),) = to_mercator(np.array([[longitude, latitude]])).tolist()
    half, tile_m, world_half = side_m / 2 / cos(radians(latitude)), _tile_m(zoom), pi * EARTH_RADIUS_M
    x, y = east + world_half, world_half - north
    return TileRange(
        zoom,
        floor((x - half) / tile_m),
        ceil((x + half) / tile_m) - 1,
        floor((y - half) / tile_m),
        ceil((y + half) / tile_m) - 1,
    )


def _tile_m(zoom: int) -> float:
    """Return the side of a tile, metres of Web Mercator."""
    return 2 * pi * EARTH_RADIUS_M / (1 << zoom)
