"""Vector tiles drawn by the database, and the version of the data that they are drawn from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

VERSION_SQL = "SELECT d AS day, day_cache_key(d) AS word FROM coalesce(%(day)s, today()) d"
TILE_SQL = {
    layer: f"SELECT day_cache_key(%(day)s) AS word, {function}(%(z)s, %(x)s, %(y)s, %(day)s, %(most)s) AS tile"
    for layer, function in (("buildings", "building_tile"), ("grids", "grid_tile"))
}


class TileDatabase(Protocol):
    """Database that runs one statement for an account."""

    def fetch_one(self, statement: str, params: Mapping[str, object], token: str | None) -> dict[str, Any] | None:
        """Return the first row, in one trip."""


@dataclass(frozen=True)
class TileVersion:
    """Day of a tile, and a key that changes with the data, the day and the rights of the account."""

    on: date
    key: str


@dataclass(frozen=True)
class DrawnTile:
    """A tile with the key of the version that it was drawn from."""

    key: str
    content: bytes


def get_tile_version(database: TileDatabase, token: str, on: date | None) -> TileVersion:
    """Return the version of an account's tiles on a day; today without one."""
    row = database.fetch_one(VERSION_SQL, {"day": on}, token) or {}
    return TileVersion(row["day"], row["word"])


def draw_tile(
    database: TileDatabase,
    token: str,
    layer: str,
    position: tuple[int, int, int],
    on: date,
    max_features: int | None,
) -> DrawnTile:
    """Return a tile as an account may see it, drawn by the same statement that reads its version.

    Parameters
    ----------
    database : TileDatabase
    token : str
        Token of the signed-in browser.
    layer : {"buildings", "grids"}
    position : tuple of int
        Zoom level, column from the west, row from the north.
    on : date
    max_features : int, optional
        The largest features are kept; None for all.
    """
    z, x, y = position
    params = {"z": z, "x": x, "y": y, "day": on, "most": max_features}
    row = database.fetch_one(TILE_SQL[layer], params, token) or {}
    return DrawnTile(row["word"], bytes(row["tile"] or b""))


@cache
def drawing_fingerprint() -> str:
    """Return a fingerprint of the statements that draw; tiles of another version of the program have another one."""
    source = files("gridmap.store").joinpath("sql", "tiles.sql").read_bytes()
    return hashlib.sha256(source).hexdigest()
