"""A changed plan is the next revision; what is true on any date follows from it."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.errors import BadInput
from gridmap.core.partition.divide import divide
from gridmap.core.rules import breaches
from gridmap.services import grids
from gridmap.services.loading import LoadReport
from gridmap.services.plans import adopt
from gridmap.services.revisions import save_revision
from gridmap.store import schema
from gridmap.store.in_force import Day
from gridmap.store.kept import KeptTown, town_of
from tests.loaded import DAY, SETTINGS, load, undone

LATER = date(2090, 1, 1)


@pytest.fixture(scope="module")
def report(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    """The town, loaded once for the tests of this module."""
    return load(module_database_url, tmp_path_factory.mktemp("town"))


@pytest.fixture
def session(module_database_url: str, report: LoadReport) -> Iterator[Session]:
    with undone(module_database_url) as opened:
        yield opened


def kept(session: Session, report: LoadReport, community: int = 1) -> KeptTown:
    found = town_of(session, int(report.loaded.stored.communities[community]), DAY)
    assert found is not None
    return found


def first(session: Session, report: LoadReport) -> schema.Revision:
    """The first revision of the second community, whose grids hold b4, b5 and b6."""
    mine = schema.Revision.community_id == int(report.loaded.stored.communities[1])
    return session.scalars(select(schema.Revision).where(mine).order_by(schema.Revision.id)).first()  # type: ignore[return-value]


def codes(session: Session, revision: schema.Revision) -> dict[int, str]:
    """Code of the grid of each cell."""
    rows = (
        select(schema.Assignment.cell_id, schema.Grid.code)
        .join(schema.Grid, schema.Grid.id == schema.Assignment.grid_id)
        .where(schema.Assignment.revision_id == revision.id)
    )
    return {row.cell_id: row.code for row in session.execute(rows)}


def joined(session: Session, report: LoadReport) -> schema.Revision:
    """A revision in which all land that is not dedicated is one grid: that of b6."""
    town, before = kept(session, report), codes(session, first(session, report))
    into = before[int(town.cells[town.land.building_cell[-1]])]
    open_land = town.cells[town.land.dedicated < 0].tolist()
    return save_revision(session, first(session, report).id, dict.fromkeys(open_land, into), day=DAY, note="one grid")


def households(session: Session, report: LoadReport, day: date) -> list[int]:
    """Those of each grid of the second community that is in force on a day."""
    found = grids.all_of(session, Day(report.loaded.stored.subdistrict, day))
    second = int(report.loaded.stored.communities[1])
    return sorted(grid.households.number for grid in found if grid.community == second)


def test_a_community_comes_back_as_it_was_loaded(session: Session, report: LoadReport) -> None:
    town, loaded = kept(session, report).town, report.loaded.town
    mine = loaded.buildings[loaded.buildings["community"] == 1]
    columns = ["building_id", "households", "levels", "courtyard", "estate"]
    assert town.buildings[columns].to_numpy().tolist() == mine[columns].to_numpy().tolist()
    assert town.crs == loaded.crs


def test_its_land_has_the_same_cells_and_borders(session: Session, report: LoadReport) -> None:
    land, whole = kept(session, report).land, report.loaded.land
    mine = np.flatnonzero(whole.community == 1)
    inner = np.isin(whole.borders.left, mine) & np.isin(whole.borders.right, mine)
    assert shapely.equals_exact(land.cells, whole.cells[mine], tolerance=0).all()
    assert np.allclose(land.borders.length, whole.borders.length[inner])
    assert (land.borders.walkable == whole.borders.walkable[inner]).all()


def test_it_can_be_divided_again(session: Session, report: LoadReport) -> None:
    town = kept(session, report)
    plan = divide(town.town, town.land, SETTINGS)
    shapes = np.array([shapely.coverage_union_all(town.land.cells[plan.of_cell == g]) for g in range(len(plan))])
    assert not breaches(town.town, town.land, plan, shapes)


def test_a_change_is_the_next_revision_and_the_first_stays(session: Session, report: LoadReport) -> None:
    before = codes(session, first(session, report))
    made = joined(session, report)
    assert (made.number, made.parent_id, made.note) == (2, first(session, report).id, "one grid")
    assert codes(session, first(session, report)) == before


def test_from_its_day_the_figures_follow_and_not_a_day_before(session: Session, report: LoadReport) -> None:
    old = households(session, report, DAY)
    adopt(session, joined(session, report).id, LATER)
    assert households(session, report, LATER - timedelta(days=1)) == old
    assert households(session, report, LATER) == [0, 300]


def test_a_grid_keeps_its_row_while_its_extent_changes(session: Session, report: LoadReport) -> None:
    made = joined(session, report)
    rows = select(schema.RevisionGrid.grid_id)
    new = set(session.scalars(rows.where(schema.RevisionGrid.revision_id == made.id)))
    assert new < set(session.scalars(rows.where(schema.RevisionGrid.revision_id == made.parent_id)))


def test_a_grid_out_of_range_by_hand_says_so(session: Session, report: LoadReport) -> None:
    made = joined(session, report)
    rows = select(schema.RevisionGrid).where(
        schema.RevisionGrid.revision_id == made.id, schema.RevisionGrid.households > 0
    )
    (grid,) = session.scalars(rows)
    assert grid.status == "over"
    assert grid.reason == {"template": "as it was changed by hand", "values": {}}


def test_a_park_is_not_given_to_a_grid_of_households(session: Session, report: LoadReport) -> None:
    town, before = kept(session, report), codes(session, first(session, report))
    into = before[int(town.cells[town.land.building_cell[-1]])]
    park = dict.fromkeys(town.cells[town.land.dedicated >= 0].tolist(), into)
    with pytest.raises(BadInput, match=f"keeps_dedicated: {into}"):
        save_revision(session, first(session, report).id, park, day=DAY)


def test_a_cell_of_elsewhere_is_refused(session: Session, report: LoadReport) -> None:
    with pytest.raises(BadInput, match="1 cells"):
        save_revision(session, first(session, report).id, {-1: "X"}, day=DAY)
