"""Subdistricts, communities and resident groups as an account may see them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER, Caller
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.grids_in_force import geojson_column
from gridmap.store.schema import Community, Plan, ResidentGroup, Revision, Street, Subdistrict

METRE_IN_DEGREES, COARSE_DECIMALS = 1e-5, 5
"""A metre in degrees, and the decimals that it takes."""


def list_subdistricts(session: Session, caller: Caller, *conditions: ColumnElement[bool]) -> Sequence[Any]:
    """``id``, ``code``, ``name``, ``supervision_phone``, ``shape``, ``box`` of subdistricts, by name."""
    rows = select(Subdistrict.id, Subdistrict.code, Subdistrict.name, Subdistrict.supervision_phone)
    rows = rows.add_columns(geojson_column(Subdistrict.geometry), *_bounds_columns(Subdistrict.geometry))
    return session.execute(
        rows.where(row_filter.visible(caller, Subdistrict), *conditions).order_by(Subdistrict.name, Subdistrict.id)
    ).all()


def has_subdistrict(session: Session, code: str) -> bool:
    """Return whether a subdistrict of this code is in the database, for the owner's commands."""
    rows = select(Subdistrict.id).where(Subdistrict.code == code, row_filter.visible(OWNER, Subdistrict))
    return session.scalar(rows) is not None


def list_communities(session: Session, caller: Caller, *conditions: ColumnElement[bool]) -> Sequence[Any]:
    """``id``, ``code``, ``name``, ``shape`` of communities, in the order of their keys."""
    rows = select(
        Community.id, Community.code, Community.name, Community.subdistrict_id, geojson_column(Community.geometry)
    )
    rows = rows.where(scope_filter.in_scope_communities(caller), *conditions)
    return session.execute(rows.order_by(Community.id)).all()


def list_resident_groups(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[Any]:
    """``id``, ``name``, ``community_id``, ``shape`` (None where nobody drew it) of resident groups."""
    rows = select(
        ResidentGroup.id, ResidentGroup.name, ResidentGroup.community_id, geojson_column(ResidentGroup.geometry)
    )
    here = ResidentGroup.subdistrict_id == subdistrict_id
    rows = rows.where(here, scope_filter.in_scope_communities(caller, ResidentGroup)).order_by(ResidentGroup.id)
    return session.execute(rows).all()


def list_streets(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[Any]:
    """``kind`` and ``shape`` of the streets of a subdistrict, one row a kind: to draw, not to measure."""
    drawn = func.ST_AsGeoJSON(func.ST_Simplify(func.ST_Collect(Street.geometry), METRE_IN_DEGREES), COARSE_DECIMALS)
    rows = select(Street.kind, drawn.label("shape")).where(
        Street.subdistrict_id == subdistrict_id, row_filter.visible(caller, Street)
    )
    return session.execute(rows.group_by(Street.kind).order_by(Street.kind)).all()


def list_plans(session: Session, caller: Caller, community_id: int) -> Sequence[Plan]:
    """Plans of a community, oldest first."""
    rows = (
        select(Plan)
        .where(Plan.community_id == community_id, scope_filter.in_scope_communities(caller, Plan))
        .order_by(Plan.id)
    )
    return session.scalars(rows).all()


def list_revisions(session: Session, caller: Caller, plan_ids: Sequence[int]) -> Sequence[Revision]:
    """Revisions of plans, in the order of their numbers."""
    rows = select(Revision).where(Revision.plan_id.in_(plan_ids), scope_filter.in_scope_communities(caller, Revision))
    return session.scalars(rows.order_by(Revision.plan_id, Revision.number)).all()


def _bounds_columns(column: Any) -> list[Any]:
    """West, south, east, north."""
    edges = {"west": func.ST_XMin, "south": func.ST_YMin, "east": func.ST_XMax, "north": func.ST_YMax}
    return [edge(column).label(name) for name, edge in edges.items()]
