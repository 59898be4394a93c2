"""What residents may know without an account: who answers for their grid today, and how to reach the office."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Office:
    """A subdistrict: its code, its name, and where one complains."""

    code: str
    name: str
    supervision_phone: str | None


@dataclass(frozen=True)
class PublicGrid:
    """A grid in force today: `shape` is GeoJSON, `staffed` whether somebody is in charge."""

    code: str
    name: str | None
    kind: str
    staffed: bool
    shape: str


@dataclass(frozen=True)
class PublicCommunity:
    """A community with its grids; none where no plan is in force."""

    code: str
    name: str
    station_phone: str | None
    grids: Sequence[PublicGrid]


@dataclass(frozen=True)
class PublicWorker:
    """Who is in charge of a grid; `work` are keys of lines of work."""

    name: str
    office_phone: str | None
    work: Sequence[str]


def offices(session: Session) -> Sequence[Office]:
    """All subdistricts, by name."""
    found = func.public_offices().table_valued("code", "name", "supervision_phone")
    return [Office(*row) for row in session.execute(select(found))]


def office(session: Session, code: str) -> Office | None:
    """The subdistrict with a code."""
    return next((each for each in offices(session) if each.code == code), None)


def communities(session: Session, office: str) -> Sequence[PublicCommunity]:
    """Communities of a subdistrict with their grids in force today, by code."""
    columns = ("community", "community_name", "station_phone", "code", "name", "kind", "staffed", "shape")
    rows = session.execute(select(func.public_grids(office).table_valued(*columns))).all()
    return [
        PublicCommunity(*of, [_grid(row) for row in here if row.code is not None])
        for of, here in groupby(rows, lambda row: tuple(row)[:3])
    ]


def workers(session: Session, office: str, grid: str) -> Sequence[PublicWorker]:
    """Who is in charge of a grid today."""
    found = func.public_workers(office, grid).table_valued("name", "office_phone", "work")
    return [PublicWorker(*row) for row in session.execute(select(found))]


def _grid(row: Any) -> PublicGrid:
    return PublicGrid(row.code, row.name, row.kind, row.staffed, row.shape)
