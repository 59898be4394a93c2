"""The first day read: pictures, the draft, and whether a subdistrict has land already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.tracing.placement import Affine, ControlPoint, PlacementMethod
from gridmap.store.access import row_filter
from gridmap.store.schema import Account, Building, Land, Picture, Subdistrict, Tracing


@dataclass(frozen=True)
class PictureRow:
    """A picture without its content."""

    id: int
    subdistrict_id: int
    name: str
    width: int
    height: int
    points: Sequence[ControlPoint]
    method: PlacementMethod | None
    affine: Affine | None


@dataclass(frozen=True)
class TracingRow:
    """A draft; `saved_by` is the name of the account."""

    subdistrict_id: int
    version: int
    content: Mapping[str, Any] = field(repr=False)
    saved_by: str | None
    saved_at: datetime


@dataclass(frozen=True)
class FirstDaySubdistrict:
    """A subdistrict of a planner, with what its first day has come to."""

    id: int
    code: str
    name: str
    has_land: bool
    is_traced: bool
    pictures: int


def list_first_day_subdistricts(session: Session, caller: Caller) -> Sequence[FirstDaySubdistrict]:
    """Return the subdistricts that the caller works in as a whole, by name."""
    pictures = (
        select(func.count())
        .select_from(Picture)
        .where(Picture.subdistrict_id == Subdistrict.id, Picture.content.is_not(None))
        .where(row_filter.visible(caller, Picture))
        .correlate(Subdistrict)
        .scalar_subquery()
    )
    has_land = exists().where(Land.subdistrict_id == Subdistrict.id)
    is_traced = exists().where(Tracing.subdistrict_id == Subdistrict.id)
    rows = select(Subdistrict.id, Subdistrict.code, Subdistrict.name, has_land, is_traced, pictures)
    rows = rows.where(row_filter.visible(caller, Subdistrict), Subdistrict.id.in_(caller.whole_subdistrict_ids))
    return [FirstDaySubdistrict(*row) for row in session.execute(rows.order_by(Subdistrict.name, Subdistrict.id))]


def list_pictures(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[PictureRow]:
    """Return the pictures of a subdistrict, the newest first."""
    rows = _select_pictures(caller).where(Picture.subdistrict_id == subdistrict_id).order_by(Picture.id.desc())
    return [_picture_row(*row) for row in session.execute(rows)]


def find_picture(session: Session, caller: Caller, picture_id: int) -> PictureRow | None:
    """Return one picture, or None where the caller may not see it."""
    row = session.execute(_select_pictures(caller).where(Picture.id == picture_id)).first()
    return _picture_row(*row) if row else None


def get_picture_content(session: Session, caller: Caller, picture_id: int) -> bytes | None:
    """Return the image of a picture, or None where the caller may not see it."""
    rows = select(Picture.content).where(Picture.id == picture_id, row_filter.visible(caller, Picture))
    return session.scalar(rows)


def find_tracing(session: Session, caller: Caller, subdistrict_id: int) -> TracingRow | None:
    """Return the draft of a subdistrict, or None where there is none."""
    name = select(Account.display_name).where(Account.id == Tracing.saved_by).scalar_subquery()
    rows = select(Tracing.subdistrict_id, Tracing.version, Tracing.content, name, Tracing.saved_at)
    rows = rows.where(Tracing.subdistrict_id == subdistrict_id, row_filter.visible(caller, Tracing))
    row = session.execute(rows).first()
    return TracingRow(*row) if row else None


def has_land(session: Session, caller: Caller, subdistrict_id: int) -> bool:
    """Return whether a subdistrict has land or buildings already."""
    land = select(Land.id).where(Land.subdistrict_id == subdistrict_id, row_filter.visible(caller, Land)).limit(1)
    built = select(Building.id).where(Building.subdistrict_id == subdistrict_id, row_filter.visible(caller, Building))
    return any(session.scalar(rows) is not None for rows in (land, built.limit(1)))


def _select_pictures(caller: Caller) -> Any:  # a statement of nine columns
    columns = Picture.id, Picture.subdistrict_id, Picture.name, Picture.width, Picture.height
    rows = select(*columns, Picture.points, Picture.method, Picture.placement)
    return rows.where(Picture.content.is_not(None), row_filter.visible(caller, Picture))


def _picture_row(id_: int, subdistrict_id: int, name: str, width: int, height: int, *placing: Any) -> PictureRow:
    points, method, placement = placing
    known = [ControlPoint(*point) for point in points]
    affine = Affine(*placement) if placement else None
    return PictureRow(
        id_, subdistrict_id, name, width, height, known, PlacementMethod(method) if method else None, affine
    )
