"""Pictures of Tianditu 天地图 to trace on: asked for, and fetched once by a job with the key of the office."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil, cos, radians
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.tracing.tile_range import MapKind, TileRange, cover_square
from gridmap.environment import read_variable
from gridmap.secret_files import TIANDITU_KEY, secret_path, variable_of
from gridmap.services.jobs.jobs import submit_job
from gridmap.services.jobs.kinds import FETCH_TIANDITU
from gridmap.services.tracing import pictures
from gridmap.store.queries.land.building_sites import find_bounds

__all__ = ["MapKind", "Square", "TiandituRequest", "find_square", "has_key", "submit_picture"]

METRES_PER_DEGREE = 111_320
NO_KEY = N_("This office has set up no key of Tianditu: ask the person who runs gridmap, or upload a picture.")


@dataclass(frozen=True)
class Square:
    """A square on the ground.

    Parameters
    ----------
    longitude, latitude : float
        Its middle, degrees, WGS 84 or CGCS2000.
    side_km : float
    """

    longitude: float
    latitude: float
    side_km: float


@dataclass(frozen=True)
class TiandituRequest:
    """A picture of Tianditu that a planner asks for.

    Parameters
    ----------
    subdistrict_id : int
    kind : MapKind
    square : Square

    Examples
    --------
    >>> request = TiandituRequest(7, MapKind.MAP, Square(114.3, 30.5, 2.0))
    >>> TiandituRequest.from_json(request.to_json()) == request
    True
    """

    subdistrict_id: int
    kind: MapKind
    square: Square

    @property
    def tiles(self) -> TileRange:
        """Return the tiles of each layer; an `InvalidInput` says that they are too many."""
        square = self.square
        return cover_square(square.longitude, square.latitude, square.side_km * 1000, len(self.kind.layers))

    def to_json(self) -> dict[str, object]:
        """Return the parameters of the job."""
        return {"subdistrict_id": self.subdistrict_id, "kind": str(self.kind), **asdict(self.square)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "TiandituRequest":
        """Return the request of the parameters of a job."""
        square = Square(values["longitude"], values["latitude"], values["side_km"])
        return cls(values["subdistrict_id"], MapKind(values["kind"]), square)


def has_key() -> bool:
    """Return whether a key is set up; pages ask for no more, and never read it."""
    return bool(read_variable(variable_of(TIANDITU_KEY))) or secret_path(TIANDITU_KEY).is_file()


def find_square(session: Session, caller: Caller, subdistrict_id: int) -> Square | None:
    """Return the square that holds the communities of a subdistrict; None where they have no boundaries yet."""
    bounds = find_bounds(session, caller, subdistrict_id)
    if bounds is None:
        return None
    west, south, east, north = bounds
    latitude = (south + north) / 2
    degrees = max((east - west) * cos(radians(latitude)), north - south)
    side_km = ceil(degrees * METRES_PER_DEGREE / 100) / 10
    return Square(round((west + east) / 2, 5), round(latitude, 5), max(side_km, 0.1))


def submit_picture(session: Session, caller: Caller, request: TiandituRequest, request_key: str | None = None) -> int:
    """Ask for a picture and return the key of the job. What can be known before the work is refused at once.

    Parameters
    ----------
    session : Session
        Of a planner of the whole subdistrict.
    caller : Caller
    request : TiandituRequest
    request_key : str, optional
        Key of the form, which makes one job however often it is sent.

    Raises
    ------
    NotFound
        If the caller does not work in the whole subdistrict.
    InvalidInput
        If the square is too large, or the subdistrict has too many pictures.
    NotPossible
        If there is no key, or too many jobs of the account wait.
    """
    pictures.require_room(session, caller, request.subdistrict_id)
    if not has_key():
        raise NotPossible(Message(NO_KEY))
    _ = request.tiles
    return submit_job(
        session,
        caller,
        FETCH_TIANDITU,
        request.to_json(),
        subdistrict_id=request.subdistrict_id,
        request_key=request_key,
    )
