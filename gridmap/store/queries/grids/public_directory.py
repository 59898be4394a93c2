"""Public directory: subdistricts, grids in force today and workers, as residents without an account see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import column, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gridmap.core.errors import Message
from gridmap.store.message_json import message_from_json
from gridmap.store.queries.territory import Bounds


@dataclass(frozen=True)
class PublicSubdistrict:
    """A subdistrict with the phone number for complaints."""

    code: str
    name: str
    supervision_phone: str | None
    bounds: Bounds


@dataclass(frozen=True)
class PublicGridRow:
    """A community with one of its grids in force today; the grid's columns are None for a community without a plan."""

    community: str
    community_name: str
    station_phone: str | None
    code: str | None
    name: str | None
    kind: str | None
    staffed: bool
    shape: str | None = field(repr=False)
    extent: Message | None


@dataclass(frozen=True)
class PublicWorker:
    """A worker in charge of a grid; `work` are keys of lines of work."""

    name: str
    office_phone: str | None
    work: Sequence[str]


def list_subdistricts(session: Session) -> Sequence[PublicSubdistrict]:
    """Return all subdistricts, by name."""
    columns = ("code", "name", "supervision_phone", "west", "south", "east", "north")
    rows = session.execute(select(func.public_subdistricts().table_valued(*columns)))
    return [
        PublicSubdistrict(code, name, phone, (west, south, east, north))
        for code, name, phone, west, south, east, north in rows
    ]


def list_grids(session: Session, subdistrict_code: str) -> Sequence[PublicGridRow]:
    """Return the communities of a subdistrict with their grids in force today, by code."""
    columns = ("community", "community_name", "station_phone", "code", "name", "kind", "staffed", "shape")
    found = func.public_grids(subdistrict_code).table_valued(*columns, column("extent", JSONB))
    rows = session.execute(select(found))
    return [PublicGridRow(*(*row[:-1], message_from_json(row.extent) if row.extent else None)) for row in rows]


def list_workers(session: Session, subdistrict_code: str, grid_code: str) -> Sequence[PublicWorker]:
    """Return the workers in charge of a grid today."""
    columns = ("name", "office_phone", "work")
    rows = session.execute(select(func.public_workers(subdistrict_code, grid_code).table_valued(*columns)))
    return [PublicWorker(*row) for row in rows]
