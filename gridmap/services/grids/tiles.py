"""Vector tiles of buildings and grids, as an account may see them: drawn by the database, kept on disk."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from gridmap import config
from gridmap.store.disk_cache import DiskCache

ZOOM_LEVELS = {"buildings": range(14, 21), "grids": range(8, 21)}
"""Zoom levels of each layer: buildings of a whole town would be megabytes, and less than a pixel each."""
MAX_TILE_BYTES = 250_000
"""Most bytes of a tile as it is sent; of a denser one the largest features are kept."""
MAX_FEATURES = 12_000
"""Features that a tile may have before the rest is left out, if it is too large with all of them."""
MAX_CACHE_BYTES = 512 * 2**20
"""Bytes of tiles on disk: about 10,000 tiles of a dense town, or all of a day and a dozen subdistricts."""
CACHE_KEY_SQL = "SELECT d AS day, tile_cache_key(d) AS word FROM coalesce(%(day)s, today()) d"
TILE_SQL = {
    layer: f"SELECT tile_cache_key(%(day)s) AS word, {function}(%(z)s, %(x)s, %(y)s, %(day)s, %(most)s) AS tile"
    for layer, function in (("buildings", "building_tile"), ("grids", "grid_tile"))
}
GZIP_LEVEL = 1
"""Level of compression: a sixth more bytes than by 6, in a seventh of the time."""


class TileDatabase(Protocol):
    """Anything that answers a question for an account."""

    def fetch_one(self, statement: str, params: Mapping[str, Any], account_id: int | None) -> dict[str, Any] | None:
        """The first row, in one trip."""


@dataclass(frozen=True)
class Tile:
    """A tile of the usual scheme.

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
        """Whether there is such a tile."""
        across = range(2**self.z) if self.z in ZOOM_LEVELS.get(self.layer, ()) else ()
        return self.x in across and self.y in across

    @property
    def file_stem(self) -> str:
        """Name of its file."""
        return f"{self.layer}-{self.z}-{self.x}-{self.y}"


@dataclass(frozen=True)
class TileCacheKey:
    """All that a tile depends on.

    Parameters
    ----------
    on : date
        On which the grids are in force.
    key : str
        Another one for every state of the data, every day, and accounts that may not see the same.
    """

    on: date
    key: str


def get_cache_key(database: TileDatabase, account_id: int, on: date | None = None) -> TileCacheKey:
    """What an account's tiles of a day depend on; of today where none is given."""
    found = database.fetch_one(CACHE_KEY_SQL, {"day": on}, account_id) or {}
    return _make_cache_key(found["day"], found["word"])


def get_cached_tile(tile: Tile, cache_key: TileCacheKey) -> bytes | None:
    """A tile by `gzip` as it was drawn in a state, if it is still on disk."""
    return _tile_cache().get(cache_key.key, tile.file_stem)


def draw_tile(database: TileDatabase, account_id: int, tile: Tile, on: date) -> tuple[TileCacheKey, bytes]:
    """A tile by `gzip` as it is now for an account, at most `MAX_TILE_BYTES` bytes; it is kept.

    Returns
    -------
    TileCacheKey
        Which it was drawn in: found by the same statement, so that no right and no change comes in between.
    bytes
    """
    state, made = _query_tile(database, account_id, tile, on, None)
    most = MAX_FEATURES
    while len(made) > MAX_TILE_BYTES:
        (state, made), most = _query_tile(database, account_id, tile, on, most), most // 2
    _tile_cache().put(state.key, tile.file_stem, made)
    return state, made


def _query_tile(
    database: TileDatabase, account_id: int, tile: Tile, on: date, max_features: int | None
) -> tuple[TileCacheKey, bytes]:
    asked = {"z": tile.z, "x": tile.x, "y": tile.y, "day": on, "most": max_features}
    found = database.fetch_one(TILE_SQL[tile.layer], asked, account_id) or {}
    return _make_cache_key(on, found["word"]), gzip.compress(bytes(found["tile"] or b""), GZIP_LEVEL, mtime=0)


def _make_cache_key(on: date, word: str) -> TileCacheKey:
    return TileCacheKey(on, hashlib.sha256(f"{_drawing_fingerprint()} {word}".encode()).hexdigest()[:40])


def _tile_cache() -> DiskCache:
    """The tiles of this installation, whose home tests change."""
    return _open_cache(str(config.data_dir()))


@cache
def _open_cache(folder: str) -> DiskCache:
    return DiskCache(Path(folder) / "cache" / "tiles", MAX_CACHE_BYTES)


@cache
def _drawing_fingerprint() -> str:
    """How tiles are drawn in this version: what an earlier one has left on disk is not theirs."""
    source = files("gridmap.store").joinpath("sql", "tiles.sql").read_bytes()
    return hashlib.sha256(source).hexdigest()
