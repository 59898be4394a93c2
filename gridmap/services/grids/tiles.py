"""Vector tiles of buildings and grids as an account may see them: drawn by the database, cached on disk."""

import gzip
import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from gridmap import config
from gridmap.store.disk_cache import DiskCache
from gridmap.store.queries.grids import tiles as tile_queries
from gridmap.store.queries.grids.tiles import TileDatabase

ZOOM_LEVELS = {"buildings": range(14, 21), "grids": range(8, 21)}
"""Zoom levels of each layer: buildings of a whole town would be megabytes, and less than a pixel each."""
MAX_TILE_BYTES = 250_000
"""Maximum size of a compressed tile; of a denser one the largest features are kept."""
MAX_FEATURES = 12_000
"""Features of a tile that is too large with all of them, at the first attempt to make it smaller."""
MAX_CACHE_BYTES = 512 * 2**20
"""Size of the tiles on disk: about 10,000 tiles of a dense town, or all of a day and a dozen subdistricts."""
GZIP_LEVEL = 1
"""Level of compression: a sixth more bytes than level 6, in a seventh of the time."""


@dataclass(frozen=True)
class Tile:
    """A tile of the usual XYZ scheme.

    Parameters
    ----------
    layer : str
        One of `ZOOM_LEVELS`.
    z, x, y : int
        Zoom level; column from the west; row from the north.
    """

    layer: str
    z: int
    x: int
    y: int

    @property
    def is_valid(self) -> bool:
        """True if the layer has such a tile."""
        across = range(2**self.z) if self.z in ZOOM_LEVELS.get(self.layer, ()) else ()
        return self.x in across and self.y in across

    @property
    def file_stem(self) -> str:
        """Name of its file in the cache."""
        return f"{self.layer}-{self.z}-{self.x}-{self.y}"


@dataclass(frozen=True)
class TileCacheKey:
    """Cache key of the tiles of a day.

    Parameters
    ----------
    on : date
        Day on which the grids are in force.
    key : str
        Changes with the data, the day and the rights of the account.
    """

    on: date
    key: str


def get_cache_key(database: TileDatabase, token: str, on: date | None = None) -> TileCacheKey:
    """Return the cache key of an account's tiles of a day; of today without a date."""
    version = tile_queries.get_tile_version(database, token, on)
    return _make_cache_key(version.on, version.key)


def get_cached_tile(tile: Tile, cache_key: TileCacheKey) -> bytes | None:
    """Return a gzip-compressed tile from the cache, or None."""
    return _tile_cache().get(cache_key.key, tile.file_stem)


def draw_tile(database: TileDatabase, token: str, tile: Tile, on: date) -> tuple[TileCacheKey, bytes]:
    """Draw a tile as it is now for an account, and cache it.

    Returns
    -------
    TileCacheKey
        Read by the statement that draws, so that no change of data or rights comes in between.
    bytes
        Compressed by gzip, at most `MAX_TILE_BYTES`.
    """
    cache_key, content = _query_tile(database, token, tile, on, None)
    max_features = MAX_FEATURES
    while len(content) > MAX_TILE_BYTES:
        cache_key, content = _query_tile(database, token, tile, on, max_features)
        max_features //= 2
    _tile_cache().put(cache_key.key, tile.file_stem, content)
    return cache_key, content


def _query_tile(
    database: TileDatabase, token: str, tile: Tile, on: date, max_features: int | None
) -> tuple[TileCacheKey, bytes]:
    position = tile.z, tile.x, tile.y
    drawn = tile_queries.draw_tile(database, token, tile.layer, position, on, max_features)
    return _make_cache_key(on, drawn.key), gzip.compress(drawn.content, GZIP_LEVEL, mtime=0)


def _make_cache_key(on: date, version_key: str) -> TileCacheKey:
    text = f"{tile_queries.drawing_fingerprint()} {version_key}"
    return TileCacheKey(on, hashlib.sha256(text.encode()).hexdigest()[:40])


def _tile_cache() -> DiskCache:
    """Return the cache of this installation; tests change its home."""
    return _open_cache(str(config.data_dir()))


@cache
def _open_cache(folder: str) -> DiskCache:
    return DiskCache(Path(folder) / "cache" / "tiles", MAX_CACHE_BYTES)
