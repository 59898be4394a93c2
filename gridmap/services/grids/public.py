"""Public directory for residents without an account: the workers of a grid today, and the phone numbers of offices."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy.orm import Session

from gridmap.core.errors import Message
from gridmap.store.queries.grids import public_directory
from gridmap.store.queries.grids.public_directory import PublicGridRow, PublicSubdistrict, PublicWorker

__all__ = [
    "PublicCommunity",
    "PublicGrid",
    "PublicSubdistrict",
    "PublicWorker",
    "get_subdistrict",
    "list_communities",
    "list_subdistricts",
    "list_workers",
]


@dataclass(frozen=True)
class PublicGrid:
    """A grid in force today; `staffed` tells whether a worker is in charge, `shape` is GeoJSON."""

    code: str
    name: str | None
    kind: str
    staffed: bool
    shape: str = field(repr=False)
    extent: Message | None


@dataclass(frozen=True)
class PublicCommunity:
    """A community with its grids; it has none without a plan in force."""

    code: str
    name: str
    station_phone: str | None
    grids: Sequence[PublicGrid]


def list_subdistricts(session: Session) -> Sequence[PublicSubdistrict]:
    """Return all subdistricts, by name."""
    return public_directory.list_subdistricts(session)


def get_subdistrict(session: Session, code: str) -> PublicSubdistrict | None:
    """Return the subdistrict with a code, or None."""
    return next((each for each in list_subdistricts(session) if each.code == code), None)


def list_communities(session: Session, subdistrict_code: str) -> Sequence[PublicCommunity]:
    """Return the communities of a subdistrict with their grids in force today, by code."""
    rows = public_directory.list_grids(session, subdistrict_code)
    return [_public_community(list(group)) for _, group in groupby(rows, lambda row: row.community)]


def list_workers(session: Session, subdistrict_code: str, grid_code: str) -> Sequence[PublicWorker]:
    """Return the workers in charge of a grid today."""
    return public_directory.list_workers(session, subdistrict_code, grid_code)


def _public_community(rows: Sequence[PublicGridRow]) -> PublicCommunity:
    first = rows[0]
    grids = [
        PublicGrid(row.code, row.name, row.kind, row.staffed, row.shape, row.extent)
        for row in rows
        if row.code is not None and row.kind is not None and row.shape is not None
    ]
    return PublicCommunity(first.community, first.community_name, first.station_phone, grids)
