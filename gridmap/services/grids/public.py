"""What residents may know without an account: who answers for their grid today, and how to reach the office."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.maps.map_shell import MapShell, build_map_shell


@dataclass(frozen=True)
class PublicSubdistrict:
    """A subdistrict: its code, its name, where one complains, and the box it lies in, in degrees."""

    code: str
    name: str
    supervision_phone: str | None
    west: float
    south: float
    east: float
    north: float


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


def list_subdistricts(session: Session) -> Sequence[PublicSubdistrict]:
    """All subdistricts, by name."""
    found = func.public_subdistricts().table_valued(*(each.name for each in fields(PublicSubdistrict)))
    return [PublicSubdistrict(*row) for row in session.execute(select(found))]


def get_subdistrict(session: Session, code: str) -> PublicSubdistrict | None:
    """The subdistrict with a code."""
    return next((each for each in list_subdistricts(session) if each.code == code), None)


def list_communities(session: Session, subdistrict_code: str) -> Sequence[PublicCommunity]:
    """Communities of a subdistrict with their grids in force today, by code."""
    columns = ("community", "community_name", "station_phone", "code", "name", "kind", "staffed", "shape")
    rows = session.execute(select(func.public_grids(subdistrict_code).table_valued(*columns))).all()
    return [_public_community(list(here)) for _, here in groupby(rows, lambda row: row.community)]


def list_workers(session: Session, subdistrict_code: str, grid_code: str) -> Sequence[PublicWorker]:
    """Who is in charge of a grid today."""
    found = func.public_workers(subdistrict_code, grid_code).table_valued("name", "office_phone", "work")
    return [PublicWorker(*row) for row in session.execute(select(found))]


def build_public_map(subdistrict: PublicSubdistrict, script_url: str) -> MapShell:
    """The map of a subdistrict, empty: what is on it is asked for by the page.

    Parameters
    ----------
    subdistrict : PublicSubdistrict
    script_url : str
        Address of the script that draws.
    """
    return build_map_shell((subdistrict.west, subdistrict.south, subdistrict.east, subdistrict.north), script_url)


def _public_community(rows: Sequence[Any]) -> PublicCommunity:
    first, held = rows[0], [_public_grid(row) for row in rows if row.code is not None]
    return PublicCommunity(first.community, first.community_name, first.station_phone, held)


def _public_grid(row: Any) -> PublicGrid:
    return PublicGrid(row.code, row.name, row.kind, row.staffed, row.shape)
