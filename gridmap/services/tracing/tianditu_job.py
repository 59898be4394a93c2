"""Job that fetches a picture of Tianditu 天地图, and stores it as one that is placed already."""

import re
from collections.abc import Mapping
from typing import Any

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.tracing.tile_range import MapKind
from gridmap.environment import read_variable
from gridmap.formats.pictures.picture_file import recode_picture
from gridmap.formats.pictures.tianditu_tiles import SERVERS, fetch_mosaic
from gridmap.secret_files import TIANDITU_KEY, secret_path, secret_place, variable_of
from gridmap.services.jobs.context import JobContext
from gridmap.services.tracing import pictures
from gridmap.services.tracing.tianditu import NO_KEY, TiandituRequest, has_key
from gridmap.store.day_bounds import get_today
from gridmap.texts import translate

KEY_PATTERN = re.compile(r"[0-9A-Za-z]{16,64}")
FETCHING = N_("Fetching the tiles")
NAMES = {
    MapKind.IMAGERY: N_("© Tianditu, imagery, fetched on {day}, level {zoom}"),
    MapKind.MAP: N_("© Tianditu, map, fetched on {day}, level {zoom}"),
}
WRONG_KEY = N_("The key of Tianditu cannot be read, or is none: {place}. Tell the person who runs gridmap.")


def fetch_picture(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Fetch the tiles of a picture, and store them as one that is placed already.

    Returns
    -------
    mapping
        ``picture_id``.

    Raises
    ------
    NotFound, InvalidInput
        As of `submit_picture`: rights and pictures may have changed meanwhile.
    NotPossible
        If there is no key, or Tianditu gives no tiles.
    """
    request = TiandituRequest.from_json(parameters)
    tiles, key, step = request.tiles, read_key(), Message(FETCHING)
    with context.transaction() as session:
        pictures.require_room(session, context.caller, request.subdistrict_id)
        day = get_today(session)
    content = fetch_mosaic(
        tiles, request.kind, key, SERVERS, lambda done: context.progress(step, done, tiles.tile_count)
    )
    picture = recode_picture(content)
    name = translate(Message(NAMES[request.kind], {"day": day, "zoom": tiles.zoom}), context.language)
    picture_id = pictures.store_picture(context.session, context.caller, request.subdistrict_id, name, picture)
    return {"picture_id": picture_id}


def read_key() -> str:
    """Return the key of the office.

    Raises
    ------
    NotPossible
        If there is none, or if it cannot be one.
    """
    if not has_key():
        raise NotPossible(Message(NO_KEY))
    try:
        key = read_variable(variable_of(TIANDITU_KEY)) or secret_path(TIANDITU_KEY).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        key = ""
    if not KEY_PATTERN.fullmatch(key):
        raise NotPossible(Message(WRONG_KEY, {"place": secret_place(TIANDITU_KEY)}))
    return key
