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
from gridmap.store.shelf import Shelf

LEVELS = {"buildings": range(14, 21), "grids": range(8, 21)}
"""Zoom levels of each layer: buildings of a whole town would be megabytes, and less than a pixel each."""
LARGEST = 250_000
"""Most bytes of a tile as it is sent; of a denser one the largest features are kept."""
MANY = 12_000
"""Features that a tile may have before the rest is left out, if it is too large with all of them."""
KEPT = 512 * 2**20
"""Bytes of tiles on disk: about 10,000 tiles of a dense town, or all of a day and a dozen subdistricts."""
STATE = "SELECT d AS day, tile_state(d) AS word FROM coalesce(%(day)s, today()) d"
DRAWN = {
    layer: f"SELECT tile_state(%(day)s) AS word, {function}(%(z)s, %(x)s, %(y)s, %(day)s, %(most)s) AS tile"
    for layer, function in (("buildings", "building_tile"), ("grids", "grid_tile"))
}
SQUEEZE = 1
"""Level of compression: a sixth more bytes than by 6, in a seventh of the time."""


class Database(Protocol):
    """Anything that answers a question for an account."""

    def ask(self, question: str, values: Mapping[str, Any], account: int | None) -> dict[str, Any] | None:
        """The first row, in one trip."""


@dataclass(frozen=True)
class Tile:
    """A tile of the usual scheme.

    Parameters
    ----------
    layer : str
        One of `LEVELS`.
    z, x, y : int
        Zoom level; column from the west; row from the north.
    """

    layer: str
    z: int
    x: int
    y: int

    @property
    def known(self) -> bool:
        """Whether there is such a tile."""
        across = range(2**self.z) if self.z in LEVELS.get(self.layer, ()) else ()
        return self.x in across and self.y in across

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"{self.layer}-{self.z}-{self.x}-{self.y}"


@dataclass(frozen=True)
class State:
    """All that a tile depends on.

    Parameters
    ----------
    day : date
        On which the grids are in force.
    word : str
        Another one for every state of the data, every day, and accounts that may not see the same.
    """

    day: date
    word: str


def state(database: Database, account: int, on: date | None = None) -> State:
    """What an account's tiles of a day depend on; of today where none is given."""
    found = database.ask(STATE, {"day": on}, account) or {}
    return _state(found["day"], found["word"])


def kept(tile: Tile, state: State) -> bytes | None:
    """A tile by `gzip` as it was drawn in a state, if it is still on disk."""
    return _shelf().get(state.word, tile.name)


def draw(database: Database, account: int, tile: Tile, day: date) -> tuple[State, bytes]:
    """A tile by `gzip` as it is now for an account, at most `LARGEST` bytes; it is kept.

    Returns
    -------
    State
        Which it was drawn in: found by the same statement, so that no right and no change comes in between.
    bytes
    """
    state, made = _drawn(database, account, tile, day, None)
    most = MANY
    while len(made) > LARGEST:
        (state, made), most = _drawn(database, account, tile, day, most), most // 2
    _shelf().put(state.word, tile.name, made)
    return state, made


def _drawn(database: Database, account: int, tile: Tile, day: date, most: int | None) -> tuple[State, bytes]:
    asked = {"z": tile.z, "x": tile.x, "y": tile.y, "day": day, "most": most}
    found = database.ask(DRAWN[tile.layer], asked, account) or {}
    return _state(day, found["word"]), gzip.compress(bytes(found["tile"] or b""), SQUEEZE, mtime=0)


def _state(day: date, word: str) -> State:
    return State(day, hashlib.sha256(f"{_way()} {word}".encode()).hexdigest()[:40])


def _shelf() -> Shelf:
    """The tiles of this installation, whose home tests change."""
    return _shelf_at(str(config.home()))


@cache
def _shelf_at(home: str) -> Shelf:
    return Shelf(Path(home) / "cache" / "tiles", KEPT)


@cache
def _way() -> str:
    """How tiles are drawn in this version: what an earlier one has left on disk is not theirs."""
    source = files("gridmap.store").joinpath("sql", "tiles.sql").read_bytes()
    return hashlib.sha256(source).hexdigest()
