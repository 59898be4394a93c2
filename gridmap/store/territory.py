"""Subdistricts, communities and resident groups as an account may see them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.store import access, extent
from gridmap.store.in_force import geojson
from gridmap.store.schema import Community, Plan, ResidentGroup, Revision, Street, Subdistrict

METRE, COARSE = 1e-5, 5
"""A metre in degrees, and the decimals that it takes."""


def subdistricts(session: Session, *wanted: ColumnElement[bool]) -> Sequence[Any]:
    """``id``, ``code``, ``name``, ``supervision_phone``, ``shape``, ``box`` of subdistricts, by name."""
    rows = select(Subdistrict.id, Subdistrict.code, Subdistrict.name, Subdistrict.supervision_phone)
    rows = rows.add_columns(geojson(Subdistrict.geometry), *_box(Subdistrict.geometry))
    return session.execute(
        rows.where(access.only(session, Subdistrict), *wanted).order_by(Subdistrict.name, Subdistrict.id)
    ).all()


def communities(session: Session, *wanted: ColumnElement[bool]) -> Sequence[Any]:
    """``id``, ``code``, ``name``, ``shape`` of communities, in the order of their keys."""
    rows = select(Community.id, Community.code, Community.name, Community.subdistrict_id, geojson(Community.geometry))
    rows = rows.where(extent.communities(session), *wanted)
    return session.execute(rows.order_by(Community.id)).all()


def resident_groups(session: Session, home: int) -> Sequence[Any]:
    """``id``, ``name``, ``community_id``, ``shape`` (None where nobody drew it) of resident groups."""
    rows = select(ResidentGroup.id, ResidentGroup.name, ResidentGroup.community_id, geojson(ResidentGroup.geometry))
    here = ResidentGroup.subdistrict_id == home
    rows = rows.where(here, extent.communities(session, ResidentGroup)).order_by(ResidentGroup.id)
    return session.execute(rows).all()


def streets(session: Session, home: int) -> Sequence[Any]:
    """``kind`` and ``shape`` of the streets of a subdistrict, one row a kind: to draw, not to measure."""
    drawn = func.ST_AsGeoJSON(func.ST_Simplify(func.ST_Collect(Street.geometry), METRE), COARSE)
    rows = select(Street.kind, drawn.label("shape")).where(Street.subdistrict_id == home, access.only(session, Street))
    return session.execute(rows.group_by(Street.kind).order_by(Street.kind)).all()


def plans(session: Session, community: int) -> Sequence[Plan]:
    """Plans of a community, oldest first."""
    rows = select(Plan).where(Plan.community_id == community, extent.communities(session, Plan)).order_by(Plan.id)
    return session.scalars(rows).all()


def revisions(session: Session, plans: Sequence[int]) -> Sequence[Revision]:
    """Revisions of plans, in the order of their numbers."""
    rows = select(Revision).where(Revision.plan_id.in_(plans), extent.communities(session, Revision))
    return session.scalars(rows.order_by(Revision.plan_id, Revision.number)).all()


def _box(column: Any) -> list[Any]:
    """West, south, east, north."""
    edges = {"west": func.ST_XMin, "south": func.ST_YMin, "east": func.ST_XMax, "north": func.ST_YMax}
    return [edge(column).label(name) for name, edge in edges.items()]
