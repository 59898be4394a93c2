"""Subdistricts, communities, resident groups and streets as a caller may see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import StreetKind
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.columns import AnySelect, bounds_columns, geojson_column
from gridmap.store.schema import Community, ResidentGroup, Street, Subdistrict

METRE_IN_DEGREES, COARSE_DECIMALS = 1e-5, 5
"""A metre in degrees, and the decimals that express it."""

Bounds = tuple[float, float, float, float]
"""West, south, east and north, degrees."""


@dataclass(frozen=True)
class SubdistrictRow:
    """A subdistrict; `shape` is GeoJSON."""

    id: int
    code: str
    name: str
    supervision_phone: str | None
    bounds: Bounds
    shape: str = field(repr=False)


@dataclass(frozen=True)
class CommunityRow:
    """A community; `shape` is GeoJSON."""

    id: int
    code: str
    name: str
    subdistrict_id: int
    station_phone: str | None
    bounds: Bounds
    shape: str = field(repr=False)


@dataclass(frozen=True)
class ResidentGroupRow:
    """A resident group; `shape` is GeoJSON, or None where nobody drew it."""

    id: int
    name: str
    community_id: int
    shape: str | None = field(repr=False)


@dataclass(frozen=True)
class StreetsRow:
    """All streets of a kind; `shape` is GeoJSON, simplified for drawing."""

    kind: StreetKind
    shape: str = field(repr=False)


@dataclass(frozen=True)
class StreetNameRow:
    """Name of a street, at the middle of its longest part; `shape` is GeoJSON."""

    name: str
    shape: str = field(repr=False)


def list_subdistricts(session: Session, caller: Caller) -> Sequence[SubdistrictRow]:
    """Return the subdistricts of a caller, by name."""
    return _subdistrict_rows(session, _select_subdistricts(caller))


def find_subdistrict(session: Session, caller: Caller, subdistrict_id: int) -> SubdistrictRow | None:
    """Return one subdistrict, or None where the caller may not see it."""
    rows = _subdistrict_rows(session, _select_subdistricts(caller).where(Subdistrict.id == subdistrict_id))
    return rows[0] if rows else None


def find_subdistrict_by_code(session: Session, caller: Caller, code: str) -> SubdistrictRow | None:
    """Return the subdistrict with a code, or None where the caller may not see it."""
    rows = _subdistrict_rows(session, _select_subdistricts(caller).where(Subdistrict.code == code))
    return rows[0] if rows else None


def has_subdistrict(session: Session, caller: Caller, code: str) -> bool:
    """Return whether the caller sees a subdistrict with a code; the owner sees all."""
    rows = select(Subdistrict.id).where(Subdistrict.code == code, row_filter.visible(caller, Subdistrict))
    return session.scalar(rows) is not None


def list_communities(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[CommunityRow]:
    """Return the communities of a subdistrict in which the caller works, in the order of their keys."""
    return _community_rows(session, caller, Community.subdistrict_id == subdistrict_id)


def find_community(session: Session, caller: Caller, community_id: int) -> CommunityRow | None:
    """Return one community, or None where the caller does not work in it."""
    rows = _community_rows(session, caller, Community.id == community_id)
    return rows[0] if rows else None


def list_resident_groups(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[ResidentGroupRow]:
    """Return the resident groups of the communities of a subdistrict in which the caller works."""
    rows = (
        select(ResidentGroup.id, ResidentGroup.name, ResidentGroup.community_id, geojson_column(ResidentGroup.geometry))
        .where(ResidentGroup.subdistrict_id == subdistrict_id)
        .where(scope_filter.in_scope_communities(caller, ResidentGroup))
        .order_by(ResidentGroup.id)
    )
    return [ResidentGroupRow(*row) for row in session.execute(rows)]


def list_streets(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[StreetsRow]:
    """Return the streets of a subdistrict by kind, simplified to a metre: for drawing, not for measuring."""
    simplified = func.ST_Simplify(func.ST_Collect(Street.geometry), METRE_IN_DEGREES)
    rows = (
        select(Street.kind, func.ST_AsGeoJSON(simplified, COARSE_DECIMALS).label("shape"))
        .where(Street.subdistrict_id == subdistrict_id, row_filter.visible(caller, Street))
        .group_by(Street.kind)
        .order_by(Street.kind)
    )
    return [StreetsRow(StreetKind(row.kind), row.shape) for row in session.execute(rows)]


def list_street_names(session: Session, caller: Caller, subdistrict_id: int, limit: int) -> Sequence[StreetNameRow]:
    """Return the names of the streets of a subdistrict, the longest streets first."""
    length, middle = func.ST_Length(Street.geometry), func.ST_LineInterpolatePoint(Street.geometry, 0.5)
    parts = (
        select(Street.name, length.label("length"), func.sum(length).over(partition_by=Street.name).label("total"))
        .add_columns(func.ST_AsGeoJSON(middle, COARSE_DECIMALS).label("shape"))
        .where(Street.subdistrict_id == subdistrict_id, row_filter.visible(caller, Street), Street.name != "")
        .subquery()
    )
    longest = (
        select(parts.c.name, parts.c.shape, parts.c.total)
        .ext(distinct_on(parts.c.name))
        .order_by(parts.c.name, parts.c.length.desc(), parts.c.shape)
        .subquery()
    )
    rows = select(longest.c.name, longest.c.shape).order_by(longest.c.total.desc(), longest.c.name).limit(limit)
    return [StreetNameRow(*row) for row in session.execute(rows)]


def _select_subdistricts(caller: Caller) -> AnySelect:
    rows = select(Subdistrict.id, Subdistrict.code, Subdistrict.name, Subdistrict.supervision_phone)
    rows = rows.add_columns(*bounds_columns(Subdistrict.geometry), geojson_column(Subdistrict.geometry))
    return rows.where(row_filter.visible(caller, Subdistrict)).order_by(Subdistrict.name, Subdistrict.id)


def _subdistrict_rows(session: Session, rows: AnySelect) -> list[SubdistrictRow]:
    return [
        SubdistrictRow(id_, code, name, phone, (west, south, east, north), shape)
        for id_, code, name, phone, west, south, east, north, shape in session.execute(rows)
    ]


def _community_rows(session: Session, caller: Caller, condition: ColumnElement[bool]) -> list[CommunityRow]:
    rows = (
        select(Community.id, Community.code, Community.name, Community.subdistrict_id, Community.station_phone)
        .add_columns(*bounds_columns(Community.geometry), geojson_column(Community.geometry))
        .where(condition, scope_filter.in_scope_communities(caller, Community))
        .order_by(Community.id)
    )
    return [
        CommunityRow(id_, code, name, subdistrict_id, phone, (west, south, east, north), shape)
        for id_, code, name, subdistrict_id, phone, west, south, east, north, shape in session.execute(rows)
    ]
