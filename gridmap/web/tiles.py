"""Vector tiles for maps: within what the account may see, kept by browsers and asked for anew every time."""

import gzip
import time
from datetime import date
from typing import cast

from flask import Blueprint, Response, abort, current_app, request

from gridmap.services import tiles
from gridmap.services.tiles import State, Tile
from gridmap.web import current
from gridmap.web.access import signed_in
from gridmap.web.asked import OnDay, read

pages = Blueprint("tiles", __name__)
MIMETYPE = "application/vnd.mapbox-vector-tile"
STATES = "gridmap.tile_states"
RECALLED_S = 1.0
"""How long it is taken for granted that nothing has changed: a map asks for dozens of tiles at once."""
MOST = 1000
"""States remembered by a process; a town has fewer people at work at the same time."""


@pages.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.pbf")
@signed_in
def show(layer: str, z: int, x: int, y: int) -> Response:
    """A tile; nothing but a word that it is still the same, if the browser has it."""
    tile = Tile(layer, z, x, y)
    if not tile.known:
        abort(404)
    state = _state(cast("OnDay", read(OnDay, {}, request.args)).on)
    if request.if_none_match.contains_weak(state.word):
        return _marked(Response(status=304), state)
    content = tiles.kept(tile, state)
    if content is None:
        state, content = tiles.draw(current.database(), _whose(), tile, state.day)
    return _marked(_sent(content), state)


def _state(on: date | None) -> State:
    """What the account's tiles depend on, as it was found a moment ago or else now. Who signs out is out at once."""
    recalled: dict[tuple[int, date | None], tuple[float, State]] = current_app.extensions.setdefault(STATES, {})
    key, now = (_whose(), on), time.monotonic()
    found = recalled.get(key)
    if found and now - found[0] < RECALLED_S:
        return found[1]
    if len(recalled) >= MOST:
        recalled.clear()
    state = tiles.state(current.database(), _whose(), on)
    recalled[key] = (now, state)
    return state


def _whose() -> int:
    """Key of the account; without one nobody comes here."""
    person = current.account() or abort(401)
    return person.id


def _sent(content: bytes) -> Response:
    if not request.accept_encodings["gzip"]:
        return Response(gzip.decompress(content), mimetype=MIMETYPE)
    return Response(content, mimetype=MIMETYPE, headers={"Content-Encoding": "gzip"})


def _marked(answer: Response, state: State) -> Response:
    """Kept by this browser, which asks each time whether it is still the same."""
    answer.set_etag(state.word, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.update(("Accept-Encoding", "Cookie"))
    return answer
