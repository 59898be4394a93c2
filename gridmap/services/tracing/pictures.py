"""Pictures that planners trace on: uploaded, placed by control points, shown, and removed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.field_lengths import MAX_NAME_LETTERS
from gridmap.core.geodesy.datums import Datum, convert_datum
from gridmap.core.text_comparison import clean_text
from gridmap.core.tracing.placement import (
    ControlPoint,
    Placement,
    PlacementMethod,
    place_by_points,
    place_by_scale,
)
from gridmap.formats.pictures.picture_file import RecodedPicture, recode_picture
from gridmap.services.tracing import drafts
from gridmap.store.queries.plans import first_days as tracing_queries
from gridmap.store.queries.plans.first_days import PictureRow
from gridmap.store.writes.tracing import pictures as tracing_writes

__all__ = [
    "PictureRow",
    "PlacementRequest",
    "ScaleRequest",
    "add_picture",
    "get_content",
    "get_picture",
    "list_pictures",
    "place_picture",
    "place_without_map",
    "preview_placement",
    "remove_picture",
    "require_room",
    "store_picture",
]

MAX_PICTURES = 20
MAX_POINTS = 40
LOCAL_ORIGIN = 105.0, 35.0
"""Place of a local frame where nothing is known: the middle of China."""
TOO_MANY_PICTURES = N_("a subdistrict has at most {maximum} pictures: remove one that is not needed any more")
TOO_MANY_POINTS = N_("at most {maximum} control points are used")


@dataclass(frozen=True)
class PlacementRequest:
    """Control points and the way to use them.

    Parameters
    ----------
    method : {PlacementMethod.SIMILARITY, PlacementMethod.AFFINE}
    points : sequence of ControlPoint
        In `datum`.
    datum : Datum
        Of the longitudes and latitudes that were typed; those of web maps are shifted.
    move_draft : bool
        Whether what was traced follows the picture.
    """

    method: PlacementMethod
    points: Sequence[ControlPoint]
    datum: Datum = Datum.WGS84
    move_draft: bool = False


@dataclass(frozen=True)
class ScaleRequest:
    """Scale and north of a picture without a map.

    Parameters
    ----------
    first, second : tuple of float
        Two places on the picture, pixels.
    distance_m : float
        Metres between them.
    north_degrees : float
        Direction of north, clockwise from the upper edge.
    """

    first: tuple[float, float]
    second: tuple[float, float]
    distance_m: float
    north_degrees: float = 0.0


def add_picture(session: Session, caller: Caller, subdistrict_id: int, name: str, content: bytes) -> int:
    """Store a picture that a planner uploads, and return its key.

    Parameters
    ----------
    session : Session
        Of a planner of the whole subdistrict.
    caller : Caller
    subdistrict_id : int
    name : str
        Name of the file.
    content : bytes
        PNG, JPEG, WebP or GeoTIFF; a GeoTIFF that names its CRS places itself.

    Raises
    ------
    NotFound
        If the caller does not work in the whole subdistrict.
    InvalidInput
        If it is no picture, or too large.
    """
    require_room(session, caller, subdistrict_id)
    return store_picture(session, caller, subdistrict_id, name, recode_picture(content))


def require_room(session: Session, caller: Caller, subdistrict_id: int) -> None:
    """Refuse a further picture where there are too many, and callers who do not work in the whole subdistrict.

    Raises
    ------
    NotFound, InvalidInput
        As of `add_picture`.
    """
    drafts.require_subdistrict(session, caller, subdistrict_id)
    if len(tracing_queries.list_pictures(session, caller, subdistrict_id)) >= MAX_PICTURES:
        problem = Message(TOO_MANY_PICTURES, {"maximum": MAX_PICTURES})
        raise InvalidInput([InputFault(problem, column="picture")])


def store_picture(session: Session, caller: Caller, subdistrict_id: int, name: str, picture: RecodedPicture) -> int:
    """Store a picture that was written anew, and return its key.

    Raises
    ------
    NotFound, InvalidInput
        As of `add_picture`.
    """
    require_room(session, caller, subdistrict_id)
    shown_name = clean_text(name)[:MAX_NAME_LETTERS] or "–"
    new = tracing_writes.NewPicture(shown_name, picture.width, picture.height, picture.content, picture.placement)
    return tracing_writes.insert_picture(session, caller, subdistrict_id, new)


def list_pictures(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[PictureRow]:
    """Return the pictures of a subdistrict, the newest first."""
    return tracing_queries.list_pictures(session, caller, subdistrict_id)


def get_picture(session: Session, caller: Caller, picture_id: int) -> PictureRow:
    """Return one picture.

    Raises
    ------
    NotFound
        If the caller may not see it, or if it was removed.
    """
    picture = tracing_queries.find_picture(session, caller, picture_id)
    if picture is None:
        raise NotFound
    return picture


def get_content(session: Session, caller: Caller, picture_id: int) -> bytes:
    """Return the image of a picture, WebP.

    Raises
    ------
    NotFound
        If the caller may not see it, or if it was removed.
    """
    content = tracing_queries.get_picture_content(session, caller, picture_id)
    if content is None:
        raise NotFound
    return content


def remove_picture(session: Session, caller: Caller, picture_id: int) -> PictureRow:
    """Remove a picture; what was traced on it stays."""
    picture = get_picture(session, caller, picture_id)
    tracing_writes.remove_picture(session, caller, picture_id)
    return picture


def preview_placement(request: PlacementRequest) -> tuple[list[ControlPoint], Placement]:
    """Return the control points in WGS 84, and the placement that they give.

    Raises
    ------
    InvalidInput
        As of `gridmap.core.tracing.placement.place_by_points`, and for too many points.

    Examples
    --------
    >>> points = [ControlPoint(0, 0, 114.3, 30.51), ControlPoint(1000, 0, 114.31, 30.51)]
    >>> preview_placement(PlacementRequest(PlacementMethod.SIMILARITY, points))[1].suspicious is None
    True
    """
    if len(request.points) > MAX_POINTS:
        raise InvalidInput([InputFault(Message(TOO_MANY_POINTS, {"maximum": MAX_POINTS}))])
    points = [_in_wgs84(point, request.datum) for point in request.points]
    return points, place_by_points(points, request.method)


def place_picture(session: Session, caller: Caller, picture_id: int, request: PlacementRequest) -> Placement:
    """Place a picture by control points, and store them.

    Raises
    ------
    NotFound, InvalidInput
        As of `get_picture` and `preview_placement`.
    """
    picture = get_picture(session, caller, picture_id)
    points, placement = preview_placement(request)
    tracing_writes.place_picture(session, caller, picture_id, points, placement)
    if request.move_draft and picture.affine:
        drafts.move_draft(session, caller, picture.subdistrict_id, picture.affine, placement.affine)
    return placement


def place_without_map(session: Session, caller: Caller, picture_id: int, request: ScaleRequest) -> Placement:
    """Place a picture by its scale and the direction of north, in a local frame.

    Raises
    ------
    NotFound
        As of `get_picture`.
    """
    picture = get_picture(session, caller, picture_id)
    (x, y), (u, v) = request.first, request.second
    pixels = max(((x - u) ** 2 + (y - v) ** 2) ** 0.5, 1e-9)
    anchor = ControlPoint(picture.width / 2, picture.height / 2, *LOCAL_ORIGIN)
    placement = place_by_scale(anchor, request.distance_m / pixels, request.north_degrees)
    tracing_writes.place_picture(session, caller, picture_id, [], placement)
    return placement


def _in_wgs84(point: ControlPoint, datum: Datum) -> ControlPoint:
    import numpy as np

    lonlat = np.array([[point.longitude, point.latitude]])
    ((longitude, latitude),) = convert_datum(lonlat, datum, Datum.WGS84).tolist()
    return ControlPoint(point.x, point.y, longitude, latitude)
