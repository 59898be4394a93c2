"""Vector tiles for maps: within what the account may see, kept by browsers and asked for anew every time."""

import gzip

from flask import Blueprint, Response, abort, request

from gridmap.services import tiles
from gridmap.web import current
from gridmap.web.access import signed_in
from gridmap.web.asked import OnDay, read

pages = Blueprint("tiles", __name__)
MIMETYPE = "application/vnd.mapbox-vector-tile"


@pages.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.pbf")
@signed_in
def show(layer: str, z: int, x: int, y: int) -> Response:
    """A tile; nothing but a word that it is still the same, if the browser has it."""
    tile = tiles.Tile(layer, z, x, y)
    if not tile.known:
        abort(404)
    asked = read(OnDay, {}, request.args)
    state = tiles.state(current.session(), getattr(asked, "on", None))
    answer = Response(mimetype=MIMETYPE)
    answer.set_etag(state.word, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.update(("Accept-Encoding", "Cookie"))
    if request.if_none_match.contains_weak(state.word):
        answer.status_code = 304
    else:
        _fill(answer, tiles.content(current.session(), tile, state))
    return answer


def _fill(answer: Response, content: bytes) -> None:
    if request.accept_encodings["gzip"]:
        answer.content_encoding = "gzip"
        answer.set_data(content)
    else:
        answer.set_data(gzip.decompress(content))
