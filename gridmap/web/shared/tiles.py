"""Vector tiles for maps: within what the account may see, kept by browsers and asked for anew every time."""

import gzip
import time
from datetime import date
from typing import cast

from flask import Blueprint, Response, abort, current_app, request

from gridmap.services.grids import tiles
from gridmap.services.grids.tiles import Tile, TileCacheKey
from gridmap.web import context
from gridmap.web.access import login_required
from gridmap.web.params import DateParams, parse_params

blueprint = Blueprint("tiles", __name__)
TILE_MIMETYPE = "application/vnd.mapbox-vector-tile"
CACHE_KEYS_EXTENSION = "gridmap.tile_cache_keys"
CACHE_KEY_MAX_AGE_S = 1.0
"""How long it is taken for granted that nothing has changed: a map asks for dozens of tiles at once."""
MAX_CACHED_KEYS = 1000
"""States remembered by a process; a town has fewer people at work at the same time."""


@blueprint.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.pbf")
@login_required
def get_tile(layer: str, z: int, x: int, y: int) -> Response:
    """A tile; nothing but a word that it is still the same, if the browser has it."""
    tile = Tile(layer, z, x, y)
    if not tile.is_valid:
        abort(404)
    state = _cache_key(cast("DateParams", parse_params(DateParams, {}, request.args)).on)
    if request.if_none_match.contains_weak(state.key):
        return _add_cache_headers(Response(status=304), state)
    content = tiles.get_cached_tile(tile, state)
    if content is None:
        state, content = tiles.draw_tile(context.database(), _account_id(), tile, state.on)
    return _add_cache_headers(_tile_response(content), state)


def _cache_key(on: date | None) -> TileCacheKey:
    """What the account's tiles depend on, as it was found a moment ago or else now. Who signs out is out at once."""
    recalled: dict[tuple[int, date | None], tuple[float, TileCacheKey]] = current_app.extensions.setdefault(
        CACHE_KEYS_EXTENSION, {}
    )
    key, now = (_account_id(), on), time.monotonic()
    found = recalled.get(key)
    if found and now - found[0] < CACHE_KEY_MAX_AGE_S:
        return found[1]
    if len(recalled) >= MAX_CACHED_KEYS:
        recalled.clear()
    state = tiles.get_cache_key(context.database(), _account_id(), on)
    recalled[key] = (now, state)
    return state


def _account_id() -> int:
    """Key of the account; without one nobody comes here."""
    person = context.account() or abort(401)
    return person.id


def _tile_response(content: bytes) -> Response:
    if not request.accept_encodings["gzip"]:
        return Response(gzip.decompress(content), mimetype=TILE_MIMETYPE)
    return Response(content, mimetype=TILE_MIMETYPE, headers={"Content-Encoding": "gzip"})


def _add_cache_headers(response: Response, cache_key: TileCacheKey) -> Response:
    """Kept by this browser, which asks each time whether it is still the same."""
    response.set_etag(cache_key.key, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept-Encoding", "Cookie"))
    return response
