"""Vector tiles of what the account may see; browsers keep them and validate them at every use."""

import gzip
import time
from datetime import date

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
"""Seconds for which a cache key is reused: a map requests dozens of tiles at once."""
MAX_CACHED_KEYS = 1000
"""Cache keys kept by a process; a town has fewer people at work at the same time."""


@blueprint.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.pbf")
@login_required
def get_tile(layer: str, z: int, x: int, y: int) -> Response:
    """Return a tile, or 304 if the browser has it already."""
    tile = Tile(layer, z, x, y)
    if not tile.is_valid:
        abort(404)
    cache_key = _cache_key(parse_params(DateParams, {}, request.args).on)
    if request.if_none_match.contains_weak(cache_key.key):
        return _add_cache_headers(Response(status=304), cache_key)
    content = tiles.get_cached_tile(tile, cache_key)
    if content is None:
        cache_key, content = tiles.draw_tile(context.database(), context.require_token(), tile, cache_key.on)
    return _add_cache_headers(_tile_response(content), cache_key)


def _cache_key(on: date | None) -> TileCacheKey:
    """Return the cache key of the account's tiles, at most `CACHE_KEY_MAX_AGE_S` old."""
    recent: dict[tuple[int, date | None], tuple[float, TileCacheKey]] = current_app.extensions.setdefault(
        CACHE_KEYS_EXTENSION, {}
    )
    key, now = (_account_id(), on), time.monotonic()
    if key in recent and now - recent[key][0] < CACHE_KEY_MAX_AGE_S:
        return recent[key][1]
    if len(recent) >= MAX_CACHED_KEYS:
        recent.clear()
    cache_key = tiles.get_cache_key(context.database(), context.require_token(), on)
    recent[key] = (now, cache_key)
    return cache_key


def _account_id() -> int:
    """Return the key of the account; views without a signed-in account are not reached."""
    account = context.account() or abort(401)
    return account.id


def _tile_response(content: bytes) -> Response:
    if not request.accept_encodings["gzip"]:
        return Response(gzip.decompress(content), mimetype=TILE_MIMETYPE)
    return Response(content, mimetype=TILE_MIMETYPE, headers={"Content-Encoding": "gzip"})


def _add_cache_headers(response: Response, cache_key: TileCacheKey) -> Response:
    """Let the browser keep a tile and validate it at every use."""
    response.set_etag(cache_key.key, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept-Encoding", "Cookie"))
    return response
