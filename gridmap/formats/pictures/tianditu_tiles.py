"""Tiles of Tianditu 天地图, fetched from its servers and nowhere else, and written as MBTiles.

Addresses hold the key of the office, so that no message, log or error here repeats one.

References
----------
.. [1] Open Geospatial Consortium, "OpenGIS Web Map Tile Service Implementation Standard", version 1.0.0, 2010.
"""

import io
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException, HTTPMessage
from typing import IO, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from PIL import Image

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.tracing.tile_range import TILE_PIXELS, MapKind, TileRange

SERVERS = tuple(f"https://t{number}.tianditu.gov.cn" for number in range(8))
"""The only servers that are asked; an answer that leads elsewhere is refused."""
MAX_TILE_BYTES = 512 * 1024
TIMEOUT_S = 15.0
"""Seconds of silence after which a server counts as out of reach."""
TRIES = 3
PAUSE_S = 0.5
CONNECTIONS = 4
TILE_FORMATS = ("PNG", "JPEG", "WEBP")
KEY_REFUSED_STATUSES = (401, 403, 418)
TOO_MANY_REQUESTS = 429

KEY_REFUSED = N_(
    "Tianditu refused the key of this office. The person who runs gridmap must check it in Tianditu's console: it has"
    " to be a key for servers (服务器端) that is valid and has requests left today."
)
QUOTA_USED = N_("Tianditu allows no more requests at present. Try it again tomorrow.")
UNREACHABLE = N_(
    "Tianditu cannot be reached from this machine. Try it again when it has a connection to the internet, or upload a"
    " picture instead."
)
NO_TILE = N_("Tianditu has no picture of this place at this level (answer {status}). Choose a larger side.")
NOT_A_TILE = N_("Tianditu sent something that is no map tile. Try it again later.")


class FetchedTile(NamedTuple):
    """A tile with its place; rows count from the north."""

    column: int
    row: int
    content: bytes


class _NoRedirects(HTTPRedirectHandler):
    """Refuse to be led to another address, to which the key would be sent along."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Return None: the answer is an error then."""


def fetch_mosaic(
    tiles: TileRange, kind: MapKind, key: str, servers: Sequence[str], progress: Callable[[int], None]
) -> bytes:
    """Fetch all tiles of a range and return them as an MBTiles file.

    Parameters
    ----------
    tiles : TileRange
    kind : MapKind
    key : str
        Key of the office for servers.
    servers : sequence of str
        `SERVERS`; scheme and host each.
    progress : callable
        Gets the number of tiles that are there; what it raises ends the work.

    Raises
    ------
    NotPossible
        If the servers cannot be reached, refuse the key, or answer with anything but tiles.
    """

    def fetch(place: tuple[int, int]) -> FetchedTile:
        column, row = place
        server = servers[(column + row) % len(servers)]
        contents = [_fetch_tile(_tile_url(server, layer, (tiles.zoom, column, row), key)) for layer in kind.layers]
        return FetchedTile(column, row, contents[0] if len(contents) == 1 else _stack(contents))

    found: list[FetchedTile] = []
    places = list(tiles.list_tiles())
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for start in range(0, len(places), CONNECTIONS):
            progress(start)
            found += pool.map(fetch, places[start : start + CONNECTIONS])
    return write_mbtiles(tiles.zoom, found)


def write_mbtiles(zoom: int, tiles: Sequence[FetchedTile]) -> bytes:
    """Return an MBTiles file, whose rows count from the south.

    Examples
    --------
    >>> write_mbtiles(1, [FetchedTile(0, 0, b"tile")])[:15]
    b'SQLite format 3'
    """
    database = sqlite3.connect(":memory:")
    try:
        database.execute("CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        rows: Iterator[tuple[int, int, int, bytes]] = (
            (zoom, tile.column, 2**zoom - 1 - tile.row, tile.content) for tile in tiles
        )
        database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
        database.commit()
        return database.serialize()
    finally:
        database.close()


def _tile_url(server: str, layer: str, place: tuple[int, int, int], key: str) -> str:
    zoom, column, row = place
    values = {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": layer,
        "STYLE": "default",
        "TILEMATRIXSET": "w",
        "FORMAT": "tiles",
        "TILEMATRIX": zoom,
        "TILEROW": row,
        "TILECOL": column,
        "tk": key,
    }
    return f"{server}/{layer}_w/wmts?{urlencode(values)}"


def _fetch_tile(url: str) -> bytes:
    """Return a tile, after a second and third try where the server failed or was out of reach."""
    for tries_left in reversed(range(TRIES)):
        try:
            return _require_tile(_request(url))
        except HTTPError as error:
            status = error.code
            error.close()
            if status < 500 or not tries_left:
                raise _refusal(status) from None
        except (OSError, HTTPException):
            if not tries_left:
                raise NotPossible(Message(UNREACHABLE)) from None
        time.sleep(PAUSE_S)
    raise AssertionError("the last try returns or raises")


def _request(url: str) -> bytes:
    opener = build_opener(_NoRedirects)
    with opener.open(Request(url, headers={"User-Agent": "gridmap"}), timeout=TIMEOUT_S) as answer:  # noqa: S310 - always https, to the servers above
        content: bytes = answer.read(MAX_TILE_BYTES + 1)
    return content


def _refusal(status: int) -> NotPossible:
    if status in KEY_REFUSED_STATUSES:
        return NotPossible(Message(KEY_REFUSED))
    if status == TOO_MANY_REQUESTS:
        return NotPossible(Message(QUOTA_USED))
    if 300 <= status < 400:
        return NotPossible(Message(NOT_A_TILE))
    return NotPossible(Message(UNREACHABLE) if status >= 500 else Message(NO_TILE, {"status": status}))


def _require_tile(content: bytes) -> bytes:
    """Refuse what is too large, no image, or an image of another size."""
    if len(content) > MAX_TILE_BYTES:
        raise NotPossible(Message(NOT_A_TILE))
    try:
        with Image.open(io.BytesIO(content), formats=TILE_FORMATS) as tile:
            is_tile = tile.size == (TILE_PIXELS, TILE_PIXELS)
            if is_tile:  # a larger one is not decoded
                tile.load()
    except (OSError, SyntaxError, ValueError):
        is_tile = False
    if not is_tile:
        raise NotPossible(Message(NOT_A_TILE))
    return content


def _stack(contents: Sequence[bytes]) -> bytes:
    """Return tiles one upon the other as one."""
    lowest, *others = (Image.open(io.BytesIO(content), formats=TILE_FORMATS).convert("RGBA") for content in contents)
    for other in others:
        lowest.alpha_composite(other)
    output = io.BytesIO()
    lowest.save(output, "PNG", compress_level=1)
    return output.getvalue()
