"""Plans written: a revision with its grids and the cells of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from geoalchemy2.elements import WKBElement
from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from gridmap.core.arrays import Ints
from gridmap.core.errors import Message
from gridmap.core.names import GridKind
from gridmap.core.partition.profile import Profile
from gridmap.store import schema
from gridmap.store.metres import to_degrees
from gridmap.store.schema.base import SRID
from gridmap.store.session import ACCOUNT
from gridmap.store.words import as_json


@dataclass(frozen=True, eq=False)
class Division:
    """A community divided: what a revision keeps.

    Parameters
    ----------
    land : int
        Making of the land that is divided.
    cells : ndarray of int
        Numbers of all cells of the community's land.
    of_cell : ndarray of int
        Row of `grids` that each belongs to.
    grids : GeoDataFrame
        ``grid_code``, ``kind``, ``status``, ``households``, ``buildings``, ``area_m2``, ``reason`` (Message or None)
        and perhaps ``name``, in metres; a coverage.
    profile : Profile
        The range asked for.
    reasons : sequence of Message
        Exceptions that concern no single grid.
    """

    land: int
    cells: Ints
    of_cell: Ints
    grids: gpd.GeoDataFrame
    profile: Profile
    reasons: Sequence[Message] = ()


def begin_plan(session: Session, community: int, name: str) -> schema.Plan:
    """Begin a plan of a community; it has no revision yet."""
    home = session.scalars(select(schema.Community.subdistrict_id).where(schema.Community.id == community)).one()
    plan = schema.Plan(subdistrict_id=home, community_id=community, name=name, made_by=session.info.get(ACCOUNT))
    session.add(plan)
    session.flush()
    return plan


def put_revision(
    session: Session, plan: schema.Plan, division: Division, *, parent: int | None = None, note: str | None = None
) -> schema.Revision:
    """Save a division as the next revision of a plan.

    Parameters
    ----------
    session : Session
        Of the owner, or of a planner of the subdistrict.
    plan : Plan
        It gets the next number.
    division : Division
    parent : int, optional
        Revision it was changed from; stays as it is.
    note : str, optional
        What was changed and why.
    """
    revision = schema.Revision(
        subdistrict_id=plan.subdistrict_id,
        plan_id=plan.id,
        community_id=plan.community_id,
        land_id=division.land,
        number=_next_number(session, plan.id),
        parent_id=parent,
        minimum=division.profile.minimum,
        maximum=division.profile.maximum,
        note=note,
        reasons=[as_json(reason) for reason in division.reasons],
        made_by=session.info.get(ACCOUNT),
    )
    session.add(revision)
    session.flush()
    grids = _grids(session, revision, division.grids["grid_code"].tolist())
    session.execute(insert(schema.RevisionGrid), _rows(revision, grids, division.grids))
    _assign(session, revision, division.cells, grids[division.of_cell])
    return revision


def _next_number(session: Session, plan: int) -> int:
    """The number after the last, with the plan held so that two who save at once get two numbers."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('plan'), :plan)"), {"plan": plan % 2**31})
    last = session.scalar(select(func.max(schema.Revision.number)).where(schema.Revision.plan_id == plan))
    return (last or 0) + 1


def _grids(session: Session, revision: schema.Revision, codes: list[str]) -> Ints:
    """Numbers of the grids with these codes; a code that the community has had before keeps its grid."""
    shared = {"subdistrict_id": revision.subdistrict_id, "community_id": revision.community_id}
    rows = [{**shared, "code": code} for code in codes]
    session.execute(postgresql.insert(schema.Grid).on_conflict_do_nothing(), rows)
    known = select(schema.Grid.code, schema.Grid.id).where(
        schema.Grid.community_id == revision.community_id, schema.Grid.code.in_(codes)
    )
    number = {row.code: row.id for row in session.execute(known)}
    return np.array([number[code] for code in codes], dtype=np.int64)


def _rows(revision: schema.Revision, grids: Ints, table: gpd.GeoDataFrame) -> list[dict[str, object]]:
    shapes = to_degrees(table.geometry.to_numpy(), table.crs, multi=True)
    plain = table[["kind", "households", "buildings", "area_m2"]].to_dict("records")
    household = (table["kind"] == GridKind.HOUSEHOLD).to_numpy()
    return [
        {
            **values,
            "revision_id": revision.id,
            "grid_id": int(grid),
            "subdistrict_id": revision.subdistrict_id,
            "name": name,
            "status": status if peopled else None,
            "reason": as_json(reason) if reason else None,
            "geometry": WKBElement(shapely.to_wkb(shape), srid=SRID),
        }
        for values, grid, name, status, peopled, reason, shape in zip(
            plain, grids, _names(table), table["status"], household, table["reason"], shapes, strict=True
        )
    ]


def _names(table: gpd.GeoDataFrame) -> list[str | None]:
    return list(table["name"]) if "name" in table else [None] * len(table)


def _assign(session: Session, revision: schema.Revision, cells: Ints, grids: Ints) -> None:
    statement = (
        "INSERT INTO assignment (revision_id, subdistrict_id, cell_id, grid_id)"
        " SELECT :revision, :home, cell, grid FROM unnest(CAST(:cells AS bigint[]), CAST(:grids AS bigint[]))"
        " AS given (cell, grid)"
    )
    values = {"revision": revision.id, "home": revision.subdistrict_id}
    session.execute(text(statement), {**values, "cells": cells.tolist(), "grids": grids.tolist()})
