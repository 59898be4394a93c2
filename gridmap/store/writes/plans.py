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

from gridmap.core.array_types import IntArray
from gridmap.core.caller import Caller
from gridmap.core.errors import Message
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridKind
from gridmap.store import locks, schema
from gridmap.store.message_json import message_to_json
from gridmap.store.reprojection import to_degrees
from gridmap.store.schema.base import SRID


@dataclass(frozen=True, eq=False)
class RevisionContent:
    """A community divided: what a revision keeps.

    Parameters
    ----------
    land_id : int
        Making of the land that is divided.
    cell_ids : ndarray of int
        Numbers of all cells of the community's land.
    grid_of_cell : ndarray of int
        Row of `grids` that each belongs to.
    grids : GeoDataFrame
        ``grid_code``, ``kind``, ``status``, ``households``, ``buildings``, ``area_m2``, ``reason`` (Message or None)
        and perhaps ``name``, in metres; a coverage.
    profile : Profile
        The range asked for.
    reasons : sequence of Message
        Exceptions that concern no single grid.
    """

    land_id: int
    cell_ids: IntArray
    grid_of_cell: IntArray
    grids: gpd.GeoDataFrame
    profile: Profile
    reasons: Sequence[Message] = ()


def create_plan(session: Session, caller: Caller, community_id: int, name: str) -> schema.Plan:
    """Begin a plan of a community; it has no revision yet."""
    home = session.scalars(select(schema.Community.subdistrict_id).where(schema.Community.id == community_id)).one()
    plan = schema.Plan(subdistrict_id=home, community_id=community_id, name=name, created_by=caller.account_id)
    session.add(plan)
    session.flush()
    return plan


def insert_revision(
    session: Session,
    caller: Caller,
    plan: schema.Plan,
    content: RevisionContent,
    *,
    parent_id: int | None = None,
    note: str | None = None,
) -> schema.Revision:
    """Save a division as the next revision of a plan.

    Parameters
    ----------
    session : Session
        Of the owner, or of a planner of the subdistrict.
    plan : Plan
        It gets the next number.
    content : RevisionContent
    parent_id : int, optional
        Revision it was changed from; stays as it is.
    note : str, optional
        What was changed and why.
    """
    revision = schema.Revision(
        subdistrict_id=plan.subdistrict_id,
        plan_id=plan.id,
        community_id=plan.community_id,
        land_id=content.land_id,
        number=_next_revision_number(session, plan.id),
        parent_id=parent_id,
        minimum=content.profile.minimum,
        maximum=content.profile.maximum,
        note=note,
        reasons=[message_to_json(reason) for reason in content.reasons],
        created_by=caller.account_id,
    )
    session.add(revision)
    session.flush()
    grids = _insert_grids(session, revision, content.grids["grid_code"].tolist())
    session.execute(insert(schema.RevisionGrid), _revision_grid_rows(revision, grids, content.grids))
    _insert_assignments(session, revision, content.cell_ids, grids[content.grid_of_cell])
    return revision


def _next_revision_number(session: Session, plan_id: int) -> int:
    """The number after the last, with the plan held so that two who save at once get two numbers."""
    locks.lock_plan(session, plan_id)
    last = session.scalar(select(func.max(schema.Revision.number)).where(schema.Revision.plan_id == plan_id))
    return (last or 0) + 1


def _insert_grids(session: Session, revision: schema.Revision, codes: list[str]) -> IntArray:
    """Numbers of the grids with these codes; a code that the community has had before keeps its grid."""
    shared = {"subdistrict_id": revision.subdistrict_id, "community_id": revision.community_id}
    rows = [{**shared, "code": code} for code in codes]
    session.execute(postgresql.insert(schema.Grid).on_conflict_do_nothing(), rows)
    known = select(schema.Grid.code, schema.Grid.id).where(
        schema.Grid.community_id == revision.community_id, schema.Grid.code.in_(codes)
    )
    number = {row.code: row.id for row in session.execute(known)}
    return np.array([number[code] for code in codes], dtype=np.int64)


def _revision_grid_rows(
    revision: schema.Revision, grid_ids: IntArray, grid_table: gpd.GeoDataFrame
) -> list[dict[str, object]]:
    shapes = to_degrees(grid_table.geometry.to_numpy(), grid_table.crs, multi=True)
    plain = grid_table[["kind", "households", "buildings", "area_m2"]].to_dict("records")
    household = (grid_table["kind"] == GridKind.HOUSEHOLD).to_numpy()
    return [
        {
            **values,
            "revision_id": revision.id,
            "grid_id": int(grid),
            "subdistrict_id": revision.subdistrict_id,
            "name": name,
            "status": status if peopled else None,
            "reason": message_to_json(reason) if reason else None,
            "geometry": WKBElement(shapely.to_wkb(shape), srid=SRID),
        }
        for values, grid, name, status, peopled, reason, shape in zip(
            plain,
            grid_ids,
            _grid_names(grid_table),
            grid_table["status"],
            household,
            grid_table["reason"],
            shapes,
            strict=True,
        )
    ]


def _grid_names(grid_table: gpd.GeoDataFrame) -> list[str | None]:
    return list(grid_table["name"]) if "name" in grid_table else [None] * len(grid_table)


def _insert_assignments(session: Session, revision: schema.Revision, cell_ids: IntArray, grid_ids: IntArray) -> None:
    statement = (
        "INSERT INTO assignment (revision_id, subdistrict_id, cell_id, grid_id)"
        " SELECT :revision, :home, cell, grid FROM unnest(CAST(:cells AS bigint[]), CAST(:grids AS bigint[]))"
        " AS given (cell, grid)"
    )
    values = {"revision": revision.id, "home": revision.subdistrict_id}
    session.execute(text(statement), {**values, "cells": cell_ids.tolist(), "grids": grid_ids.tolist()})
