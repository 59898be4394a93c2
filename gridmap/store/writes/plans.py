"""Plans written: a revision with its grids, the grid of each cell and streets, and a revision copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from geoalchemy2.elements import WKBElement
from sqlalchemy import func, insert, literal, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute, Session

from gridmap.core.array_types import IntArray
from gridmap.core.caller import Caller
from gridmap.core.errors import Message
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridKind, HouseholdKind
from gridmap.store import locks, schema
from gridmap.store.access import row_filter
from gridmap.store.message_json import message_to_json
from gridmap.store.queries.columns import GEOJSON_DECIMALS
from gridmap.store.queries.plans.revision_streets import StreetSides
from gridmap.store.queries.plans.revisions import PlanRow, RevisionRow, plan_row, revision_row
from gridmap.store.reprojection import to_degrees
from gridmap.store.schema.base import SRID

COPIED_COLUMNS = (
    *("subdistrict_id", "plan_id", "community_id", "land_id"),
    *("minimum", "maximum", "household_kind", "max_radius_m", "reasons"),
)
"""Columns of a revision that a copy takes over."""
INSERT_ASSIGNMENTS_SQL = text(
    "INSERT INTO assignment (revision_id, subdistrict_id, cell_id, grid_id)"
    " SELECT :revision_id, :subdistrict_id, cell_id, grid_id"
    " FROM unnest(CAST(:cell_ids AS bigint[]), CAST(:grid_ids AS bigint[])) AS pairs (cell_id, grid_id)"
)


@dataclass(frozen=True, eq=False)
class RevisionContent:
    """Partition of a community, to be saved as a revision.

    Parameters
    ----------
    land_id : int
        Land version that is partitioned.
    cell_ids : ndarray of int
        Keys of all cells of the community's land.
    grid_of_cell : ndarray of int, one per cell
        Row of `grids` that the cell belongs to.
    grids : GeoDataFrame, metric CRS
        ``grid_code``, ``kind``, ``status``, ``households``, ``buildings``, ``area_m2``, ``reason`` (Message or None)
        and optionally ``name``; a coverage.
    profile : Profile
        Range that it was made with.
    reasons : sequence of Message
        Exceptions that concern no single grid.
    household_kind : HouseholdKind
        Kind of the households of `grids`.
    """

    land_id: int
    cell_ids: IntArray
    grid_of_cell: IntArray
    grids: gpd.GeoDataFrame
    profile: Profile
    reasons: Sequence[Message] = ()
    household_kind: HouseholdKind = HouseholdKind.RESIDENT


@dataclass(frozen=True)
class NewRevisionStreet:
    """A street between two grids that counts in one of them."""

    sides: StreetSides
    grid_id: int
    street_name: str | None


def insert_plan(session: Session, caller: Caller, community_id: int, name: str) -> PlanRow:
    """Begin a plan of a community, without a revision."""
    community = schema.Community.id == community_id, row_filter.visible(caller, schema.Community)
    subdistrict_id = session.scalars(select(schema.Community.subdistrict_id).where(*community)).one()
    plan = schema.Plan(
        subdistrict_id=subdistrict_id, community_id=community_id, name=name, created_by=caller.account_id
    )
    session.add(plan)
    session.flush()
    return plan_row(plan)


def insert_revision(
    session: Session,
    caller: Caller,
    plan: PlanRow,
    content: RevisionContent,
    *,
    parent_id: int | None = None,
    note: str | None = None,
) -> RevisionRow:
    """Save a partition as the next revision of a plan.

    Parameters
    ----------
    session : Session
        Of a planner of the subdistrict, or of the owner.
    caller : Caller
    plan : PlanRow
    content : RevisionContent
    parent_id : int, optional
        Revision that it was changed from; stays as it is.
    note : str, optional
        Description of the change.

    Returns
    -------
    RevisionRow
        With the next number of the plan.
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
        household_kind=content.household_kind.value,
        max_radius_m=int(content.profile.max_radius_m) or None,
        note=note,
        reasons=[message_to_json(reason) for reason in content.reasons],
        created_by=caller.account_id,
    )
    session.add(revision)
    session.flush()
    grid_ids = _insert_grids(session, plan, content.grids["grid_code"].tolist())
    session.execute(insert(schema.RevisionGrid), _revision_grid_values(revision, grid_ids, content.grids))
    _insert_assignments(session, revision, content.cell_ids, grid_ids[content.grid_of_cell])
    return revision_row(revision, plan.name)


def insert_revision_streets(session: Session, revision: RevisionRow, streets: Sequence[NewRevisionStreet]) -> None:
    """Give streets to sides in a revision that was just saved."""
    keys = {"revision_id": revision.id, "subdistrict_id": revision.subdistrict_id}
    values = [
        {**keys, **each.sides._asdict(), "grid_id": each.grid_id, "street_name": each.street_name} for each in streets
    ]
    if values:
        session.execute(insert(schema.RevisionStreet), values)


def copy_revision(session: Session, caller: Caller, parent: RevisionRow, note: str | None) -> RevisionRow:
    """Save the grids of a revision as the next one, without its streets.

    Parameters
    ----------
    session : Session
        Of a planner of the community, or of the owner.
    caller : Caller
    parent : RevisionRow
    note : str or None
    """
    original = session.get_one(schema.Revision, parent.id)
    copy = schema.Revision(
        **{name: getattr(original, name) for name in COPIED_COLUMNS},
        number=_next_revision_number(session, parent.plan_id),
        parent_id=parent.id,
        note=note,
        created_by=caller.account_id,
    )
    session.add(copy)
    session.flush()
    for table in (schema.RevisionGrid, schema.Assignment):
        _copy_rows(session, table, parent.id, copy.id)
    return revision_row(copy, parent.plan_name)


def _next_revision_number(session: Session, plan_id: int) -> int:
    """Return the number after the last one; the lock gives two concurrent savers two numbers."""
    locks.lock_plan(session, plan_id)
    last = session.scalar(select(func.max(schema.Revision.number)).where(schema.Revision.plan_id == plan_id))
    return (last or 0) + 1


def _insert_grids(session: Session, plan: PlanRow, codes: list[str]) -> IntArray:
    """Return the keys of the grids with some codes; a code that the community has had before keeps its grid."""
    shared = {"subdistrict_id": plan.subdistrict_id, "community_id": plan.community_id}
    session.execute(
        postgresql.insert(schema.Grid).on_conflict_do_nothing(), [{**shared, "code": code} for code in codes]
    )
    rows = select(schema.Grid.code, schema.Grid.id).where(
        schema.Grid.community_id == plan.community_id, schema.Grid.code.in_(codes)
    )
    id_by_code = {row.code: row.id for row in session.execute(rows)}
    return np.array([id_by_code[code] for code in codes], dtype=np.int64)


def _revision_grid_values(
    revision: schema.Revision, grid_ids: IntArray, grid_table: gpd.GeoDataFrame
) -> list[dict[str, object]]:
    shapes = to_degrees(grid_table.geometry.to_numpy(), grid_table.crs, multi=True)
    figures = grid_table[["kind", "households", "buildings", "area_m2"]].to_dict("records")
    shared = {"revision_id": revision.id, "subdistrict_id": revision.subdistrict_id}
    return [
        {
            **shared,
            **values,
            "grid_id": int(grid_id),
            "name": name,
            "status": status if values["kind"] == GridKind.HOUSEHOLD else None,
            "reason": message_to_json(reason) if reason else None,
            "extent": message_to_json(extent) if extent else None,
            "outline": outline,
            "geometry": WKBElement(shapely.to_wkb(shape), srid=SRID),
        }
        for values, grid_id, name, status, reason, extent, outline, shape in zip(
            figures,
            grid_ids,
            _optional_values(grid_table, "name"),
            grid_table["status"],
            grid_table["reason"],
            _optional_values(grid_table, "extent"),
            _outlines(grid_table),
            shapes,
            strict=True,
        )
    ]


def _optional_values(grid_table: gpd.GeoDataFrame, column: str) -> list[Any]:
    """Return the values of a column, None for each grid where the table does not have it."""
    return list(grid_table[column]) if column in grid_table else [None] * len(grid_table)


def _outlines(grid_table: gpd.GeoDataFrame) -> list[str | None]:
    """Return the outlines as GeoJSON, as pages show shapes; None where grids have none of their own."""
    outlines = np.array(_optional_values(grid_table, "outline"), dtype=object)
    if any(outline is None for outline in outlines):
        return [None] * len(grid_table)
    shapes = to_degrees(outlines, grid_table.crs, multi=True)
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, GEOJSON_DECIMALS))
    return list(shapely.to_geojson(shapely.orient_polygons(rounded)))


def _insert_assignments(session: Session, revision: schema.Revision, cell_ids: IntArray, grid_ids: IntArray) -> None:
    keys = {"revision_id": revision.id, "subdistrict_id": revision.subdistrict_id}
    session.execute(INSERT_ASSIGNMENTS_SQL, {**keys, "cell_ids": cell_ids.tolist(), "grid_ids": grid_ids.tolist()})


def _copy_rows(
    session: Session, table: type[schema.RevisionGrid | schema.Assignment], parent_id: int, copy_id: int
) -> None:
    names = [column.name for column in table.__table__.columns if column.name != "revision_id"]
    columns: list[InstrumentedAttribute[object]] = [getattr(table, name) for name in names]
    rows = select(literal(copy_id), *columns).where(table.revision_id == parent_id)
    session.execute(insert(table).from_select(["revision_id", *names], rows))
