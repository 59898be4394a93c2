"""Contents of a revision: its grids, the grid of each cell, and the buildings in its grids on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, case, func, literal, select, true
from sqlalchemy.orm import Session, aliased

from gridmap.core.caller import Caller
from gridmap.core.courtyards import NAME_SEPARATOR
from gridmap.core.errors import Message
from gridmap.core.vocabulary import GridKind
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.message_json import message_from_json
from gridmap.store.queries.columns import AnyRow, AnySelect, geojson_column
from gridmap.store.queries.grids import grids_in_force
from gridmap.store.queries.grids.grids_in_force import CountBasis, SubdistrictDay
from gridmap.store.queries.plans.revisions import RevisionRow
from gridmap.store.schema import (
    Assignment,
    Building,
    BuildingCell,
    Cell,
    Courtyard,
    Estate,
    Grid,
    HouseholdCount,
    RevisionGrid,
)

UNICODE_COLLATION = "und-x-icu"
"""Upper and lower case of every script, whatever the locale of the database."""


@dataclass(frozen=True)
class RevisionGridRow:
    """A grid as a revision has it, with the households at the time of saving; `shape` is GeoJSON."""

    grid_id: int
    code: str
    name: str | None
    kind: GridKind
    households: int
    reason: Message | None
    shape: str = field(repr=False)


@dataclass(frozen=True)
class RevisionBuildingRow:
    """A building of a day with the grid that a revision has it in.

    Parameters
    ----------
    id : int
    code : str
    name, address, courtyard : str or None
    levels : float or None
    households : int
        By the newest count of the kind that was asked for; 0 without one.
    counted : bool
        Whether there is such a count.
    grid_id, grid : int, str
        Key and code of the grid.
    schematic : bool
        Whether its place is schematic.
    shape : str or None
        GeoJSON, where it was asked for.
    """

    id: int
    code: str
    name: str | None
    address: str | None
    levels: float | None
    courtyard: str | None
    grid_id: int
    grid: str
    households: int
    counted: bool
    schematic: bool
    shape: str | None = field(repr=False)


def list_revision_grids(session: Session, caller: Caller, revision_id: int) -> Sequence[RevisionGridRow]:
    """Return the grids of a revision in whose community the caller works, by code."""
    rows = (
        select(RevisionGrid.grid_id, Grid.code, RevisionGrid.name, RevisionGrid.kind, RevisionGrid.households)
        .add_columns(RevisionGrid.reason, geojson_column(RevisionGrid.geometry))
        .join(Grid, Grid.id == RevisionGrid.grid_id)
        .where(RevisionGrid.revision_id == revision_id, scope_filter.in_scope_communities(caller, Grid))
        .order_by(Grid.code)
    )
    return [
        RevisionGridRow(
            grid_id, code, name, GridKind(kind), households, message_from_json(reason) if reason else None, shape
        )
        for grid_id, code, name, kind, households, reason, shape in session.execute(rows)
    ]


def count_cells(session: Session, caller: Caller, land_id: int) -> int:
    """Return the number of cells of a land."""
    rows = select(func.count(Cell.id)).where(Cell.land_id == land_id, row_filter.visible(caller, Cell))
    return session.scalars(rows).one()


def list_grid_codes(session: Session, caller: Caller, community_id: int) -> Sequence[str]:
    """Return every code that grids of a community have ever had."""
    in_scope = Grid.community_id == community_id, scope_filter.in_scope_communities(caller, Grid)
    return session.scalars(select(Grid.code).where(*in_scope).order_by(Grid.code)).all()


def get_grid_codes_by_cell(session: Session, caller: Caller, revision_id: int) -> Mapping[int, str]:
    """Return the code of the grid of each cell of a revision."""
    rows = (
        select(Assignment.cell_id, Grid.code)
        .join(Grid, Grid.id == Assignment.grid_id)
        .where(Assignment.revision_id == revision_id, row_filter.visible(caller, Assignment))
    )
    return {row.cell_id: row.code for row in session.execute(rows)}


def list_buildings(
    session: Session, caller: Caller, revision: RevisionRow, basis: CountBasis, *, with_shape: bool = False
) -> Sequence[RevisionBuildingRow]:
    """Return the buildings of a day, each with its newest count and its grid in a revision, by code.

    Parameters
    ----------
    session : Session
    caller : Caller
    revision : RevisionRow
    basis : CountBasis
    with_shape : bool
        Whether `shape` is filled, which makes the answer many times larger.
    """
    shape = geojson_column(Building.geometry) if with_shape else literal(None).label("shape")
    rows = select_buildings(caller, revision, basis).add_columns(shape).order_by(Building.code, Building.id)
    return [_building_row(row, row.shape) for row in session.execute(rows)]


def search_buildings(
    session: Session, caller: Caller, revision: RevisionRow, words: Sequence[str], basis: CountBasis, limit: int
) -> tuple[Sequence[RevisionBuildingRow], int]:
    """Return the first buildings whose texts hold all words, and the number of all.

    These are code, name and address of the building, name of the courtyard and name of its estate.

    Upper and lower case are the same. Buildings with households come first, each group by code.

    Parameters
    ----------
    session : Session
    caller : Caller
    revision : RevisionRow
    words : sequence of str
        Without spaces; no word finds every building.
    basis : CountBasis
    limit : int
        Maximum number of buildings returned.
    """
    searched = fold_case(
        func.concat_ws(" ", Building.code, Building.name, Building.address, Estate.name, Courtyard.name)
    )
    matches = and_(true(), *(func.strpos(searched, fold_case(literal(word))) > 0 for word in words))
    found = select_buildings(caller, revision, basis).where(matches).subquery()
    rows = (
        select(found, func.count().over().label("total"))
        .order_by(found.c.households == 0, found.c.code, found.c.id)
        .limit(limit)
    )
    listed = session.execute(rows).all()
    return [_building_row(row, None) for row in listed], listed[0].total if listed else 0


def select_buildings(caller: Caller, revision: RevisionRow, basis: CountBasis) -> AnySelect:
    """Select the columns of `RevisionBuildingRow` without ``shape``."""
    day, is_kind = SubdistrictDay(revision.subdistrict_id, basis.on), HouseholdCount.kind == basis.household_kind
    counts = grids_in_force.select_household_counts(caller, day, is_kind).subquery()
    assigned = and_(Assignment.revision_id == revision.id, Assignment.cell_id == BuildingCell.cell_id)
    return (
        select(Building.id, Building.code, Building.name, Building.address, Building.levels)
        .add_columns(_courtyard_name().label("courtyard"), Grid.id.label("grid_id"), Grid.code.label("grid"))
        .add_columns(func.coalesce(counts.c.households, 0).label("households"))
        .add_columns(counts.c.id.is_not(None).label("counted"))
        .add_columns(Building.schematic)
        .join(BuildingCell, BuildingCell.building_id == Building.id)
        .join(Assignment, assigned)
        .join(Grid, Grid.id == Assignment.grid_id)
        .outerjoin(Courtyard, Courtyard.id == Building.courtyard_id)
        .outerjoin(Estate, Estate.id == Courtyard.estate_id)
        .outerjoin(counts, counts.c.building_id == Building.id)
        .where(BuildingCell.land_id == revision.land_id, Building.valid.contains(basis.on))
        .where(scope_filter.in_scope_communities(caller, Building))
    )


def _courtyard_name() -> ColumnElement[str]:
    """Return the name of a courtyard, with the estate where another one of the community has the same name."""
    other = aliased(Courtyard)
    same_name = and_(other.community_id == Courtyard.community_id, other.name == Courtyard.name)
    is_shared = select(other.id).where(same_name, other.id != Courtyard.id).correlate(Courtyard).exists()
    return func.nullif(func.concat_ws(NAME_SEPARATOR, case((is_shared, Estate.name)), Courtyard.name), "")


def _building_row(row: AnyRow, shape: str | None) -> RevisionBuildingRow:
    return RevisionBuildingRow(
        id=row.id,
        code=row.code,
        name=row.name,
        address=row.address,
        levels=row.levels,
        courtyard=row.courtyard,
        grid_id=row.grid_id,
        grid=row.grid,
        households=row.households,
        counted=row.counted,
        schematic=row.schematic,
        shape=shape,
    )


def fold_case(text: ColumnElement[str]) -> ColumnElement[str]:
    """Return a text in which upper and lower case are the same, as by `str.casefold`: ß is ss, and ς is σ."""
    lower = func.lower(func.upper(func.lower(text.collate(UNICODE_COLLATION))))
    return func.replace(lower, "ς", "σ")
