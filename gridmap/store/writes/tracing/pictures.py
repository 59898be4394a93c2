"""Pictures of the first day written, with their placement."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.tracing.placement import ControlPoint, Placement
from gridmap.store.access import row_filter
from gridmap.store.schema import Picture


@dataclass(frozen=True)
class NewPicture:
    """A picture to store: re-encoded, without metadata."""

    name: str
    width: int
    height: int
    content: bytes = field(repr=False)
    placement: Placement | None = None


def insert_picture(session: Session, caller: Caller, subdistrict_id: int, picture: NewPicture) -> int:
    """Store a picture and return its key."""
    row = Picture(
        subdistrict_id=subdistrict_id,
        name=picture.name,
        width=picture.width,
        height=picture.height,
        content=picture.content,
        points=[],
        uploaded_by=caller.account_id,
        **_placement_values(picture.placement),
    )
    session.add(row)
    session.flush()
    return int(row.id)


def place_picture(
    session: Session, caller: Caller, picture_id: int, points: Sequence[ControlPoint], placement: Placement | None
) -> None:
    """Store the control points of a picture, and its placement if they give one."""
    values = {"points": [list(astuple(point)) for point in points], **_placement_values(placement)}
    _update_picture(session, caller, picture_id, values)


def remove_picture(session: Session, caller: Caller, picture_id: int) -> None:
    """Remove the image of a picture; the row stays."""
    _update_picture(session, caller, picture_id, {"content": None})


def _placement_values(placement: Placement | None) -> dict[str, Any]:
    if placement is None:
        return {"method": None, "placement": None}
    return {"method": str(placement.method), "placement": list(astuple(placement.affine))}


def _update_picture(session: Session, caller: Caller, picture_id: int, values: Mapping[str, Any]) -> None:
    rows = update(Picture).where(Picture.id == picture_id, row_filter.visible(caller, Picture))
    session.execute(rows.values(**values).execution_options(synchronize_session=False))
