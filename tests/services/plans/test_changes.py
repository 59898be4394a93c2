"""Changes of a plan: each is saved as the next revision, and figures follow on its effective date."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest
import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.errors import InvalidInput
from gridmap.core.partition.partition import partition_town
from gridmap.core.plans.rules import find_violations
from gridmap.services.grids import in_force
from gridmap.services.imports.load_report import LoadReport
from gridmap.services.plans.adoption import adopt
from gridmap.services.plans.changes import save_revision
from gridmap.store import schema
from gridmap.store.message_json import message_from_json
from gridmap.store.queries.grids.grids_in_force import CountBasis, SubdistrictDay
from gridmap.store.queries.plans.community_town import StoredCommunity, load_community
from gridmap.store.queries.plans.revisions import RevisionRow
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import EFFECTIVE_DATE, SETTINGS, load_town, rolled_back_session

LATER = date(2090, 1, 1)


@pytest.fixture(scope="module")
def report(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    """Load the town once for the tests of this module."""
    return load_town(module_database_url, tmp_path_factory.mktemp("town"))


@pytest.fixture
def session(module_database_url: str, report: LoadReport) -> Iterator[Session]:
    with rolled_back_session(module_database_url) as opened:
        yield opened


def load_stored_community(session: Session, report: LoadReport, index: int = 1) -> StoredCommunity:
    stored = load_community(
        session, caller_of(session), int(report.loaded.stored.community_ids[index]), CountBasis(EFFECTIVE_DATE)
    )
    assert stored is not None
    return stored


def first_revision(session: Session, report: LoadReport) -> schema.Revision:
    """Return the first revision of the second community, whose grids have b4, b5 and b6."""
    own = schema.Revision.community_id == int(report.loaded.stored.community_ids[1])
    return session.scalars(select(schema.Revision).where(own).order_by(schema.Revision.id)).first()  # type: ignore[return-value]


def test_grids_of_a_revision_have_outlines_and_extents(session: Session, report: LoadReport) -> None:
    revision = first_revision(session, report)
    rows = session.scalars(select(schema.RevisionGrid).where(schema.RevisionGrid.revision_id == revision.id)).all()
    outlines = shapely.from_geojson([row.outline for row in rows])
    assert shapely.area(outlines) == pytest.approx(shapely.area([to_shape(row.geometry) for row in rows]), rel=0.01)
    extents = [str(message_from_json(row.extent)) for row in rows if row.extent]
    assert all(re.fullmatch("East: .+; south: .+; west: .+; north: .+", extent) for extent in extents), extents


def grid_code_by_cell(session: Session, revision: schema.Revision) -> dict[int, str]:
    """Return the code of the grid of each cell."""
    rows = (
        select(schema.Assignment.cell_id, schema.Grid.code)
        .join(schema.Grid, schema.Grid.id == schema.Assignment.grid_id)
        .where(schema.Assignment.revision_id == revision.id)
    )
    return {row.cell_id: row.code for row in session.execute(rows)}


def revision_with_joined_grids(session: Session, report: LoadReport) -> RevisionRow:
    """Save a revision in which all land that is not dedicated is one grid: that of b6."""
    stored, before = load_stored_community(session, report), grid_code_by_cell(session, first_revision(session, report))
    target_code = before[int(stored.cell_ids[stored.land.cell_of_building[-1]])]
    open_land = stored.cell_ids[stored.land.dedicated < 0].tolist()
    return save_revision(
        session,
        caller_of(session),
        first_revision(session, report).id,
        dict.fromkeys(open_land, target_code),
        on=EFFECTIVE_DATE,
        note="one grid",
    )


def households_by_grid(session: Session, report: LoadReport, day: date) -> list[int]:
    """Return the households of each grid in force of the second community."""
    grids = in_force.list_grids(session, caller_of(session), SubdistrictDay(report.loaded.stored.subdistrict_id, day))
    second = int(report.loaded.stored.community_ids[1])
    return sorted(grid.households.number for grid in grids if grid.community_id == second)


def test_a_community_comes_back_as_it_was_loaded(session: Session, report: LoadReport) -> None:
    stored, loaded = load_stored_community(session, report).town, report.loaded.town
    own = loaded.buildings[loaded.buildings["community"] == 1]
    columns = ["building_id", "households", "levels", "courtyard", "estate"]
    assert stored.buildings[columns].to_numpy().tolist() == own[columns].to_numpy().tolist()
    assert stored.crs == loaded.crs


def test_its_land_has_the_same_cells_and_borders(session: Session, report: LoadReport) -> None:
    land, whole = load_stored_community(session, report).land, report.loaded.land
    own = np.flatnonzero(whole.community == 1)
    inner = np.isin(whole.borders.left, own) & np.isin(whole.borders.right, own)
    assert shapely.equals_exact(land.cells, whole.cells[own], tolerance=0).all()
    assert np.allclose(land.borders.length, whole.borders.length[inner])
    assert (land.borders.walkable == whole.borders.walkable[inner]).all()


def test_it_can_be_partitioned_again(session: Session, report: LoadReport) -> None:
    stored = load_stored_community(session, report)
    plan = partition_town(stored.town, stored.land, SETTINGS)
    shapes = np.array([shapely.coverage_union_all(stored.land.cells[plan.grid_of_cell == g]) for g in range(len(plan))])
    assert not find_violations(stored.town, stored.land, plan, shapes)


def test_a_change_is_saved_as_the_next_revision(session: Session, report: LoadReport) -> None:
    before = grid_code_by_cell(session, first_revision(session, report))
    saved = revision_with_joined_grids(session, report)
    assert (saved.number, saved.parent_id, saved.note) == (2, first_revision(session, report).id, "one grid")
    assert grid_code_by_cell(session, first_revision(session, report)) == before


def test_figures_follow_from_the_effective_date_and_not_a_day_before(session: Session, report: LoadReport) -> None:
    old = households_by_grid(session, report, EFFECTIVE_DATE)
    adopt(session, caller_of(session), revision_with_joined_grids(session, report).id, LATER)
    assert households_by_grid(session, report, LATER - timedelta(days=1)) == old
    assert households_by_grid(session, report, LATER) == [0, 300]


def test_a_grid_keeps_its_row_while_its_extent_changes(session: Session, report: LoadReport) -> None:
    saved = revision_with_joined_grids(session, report)
    rows = select(schema.RevisionGrid.grid_id)
    new = set(session.scalars(rows.where(schema.RevisionGrid.revision_id == saved.id)))
    assert new < set(session.scalars(rows.where(schema.RevisionGrid.revision_id == saved.parent_id)))


def test_a_grid_out_of_range_has_the_change_as_its_reason(session: Session, report: LoadReport) -> None:
    saved = revision_with_joined_grids(session, report)
    rows = select(schema.RevisionGrid).where(
        schema.RevisionGrid.revision_id == saved.id, schema.RevisionGrid.households > 0
    )
    (grid,) = session.scalars(rows)
    assert grid.status == "over"
    assert grid.reason == {"template": "as it was changed by hand", "values": {}}


def test_a_park_is_not_given_to_a_grid_of_households(session: Session, report: LoadReport) -> None:
    stored, before = load_stored_community(session, report), grid_code_by_cell(session, first_revision(session, report))
    target_code = before[int(stored.cell_ids[stored.land.cell_of_building[-1]])]
    park = dict.fromkeys(stored.cell_ids[stored.land.dedicated >= 0].tolist(), target_code)
    with pytest.raises(InvalidInput, match=f"Grid {target_code} would mix dedicated land"):
        save_revision(session, caller_of(session), first_revision(session, report).id, park, on=EFFECTIVE_DATE)


def test_a_cell_of_another_community_is_refused(session: Session, report: LoadReport) -> None:
    with pytest.raises(InvalidInput, match="1 cells"):
        save_revision(session, caller_of(session), first_revision(session, report).id, {-1: "X"}, on=EFFECTIVE_DATE)
