"""Today's grids in pieces are repaired before a plan starts from them."""

from dataclasses import replace

import numpy as np
import pytest

from gridmap.core.errors import NotPossible
from gridmap.core.land.build import build_land
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations
from gridmap.core.repartition.present_plan import PresentPlan
from gridmap.core.vocabulary import GridKind
from gridmap.services.plans.partitions.repartition import RepartitionRequest
from gridmap.services.plans.partitions.repartition_content import CodedPlan, build_view, count_far_homes_of
from gridmap.services.plans.partitions.repartition_job import CommunityStart, refuse_locks, repair_start
from gridmap.store.queries.plans.community_town import StoredCommunity
from tests.fixtures.ascii_towns import town

ROW = town("ABCDEF", gap=0, households=dict.fromkeys("ABCDEF", 150))


def start_of(grids: str) -> CommunityStart:
    """Return the row of buildings with the grid of each, X or Y."""
    land = build_land(ROW)
    grid_of_building = np.array(["XY".index(grid) for grid in grids])
    cells = np.arange(len(land.cells))
    grid_of_cell = np.zeros(len(cells), dtype=np.int64)
    grid_of_cell[land.cell_of_building] = grid_of_building
    plan = GridPlan(grid_of_cell, np.zeros(2, dtype=np.int64), (GridKind.HOUSEHOLD,) * 2, (None,) * 2)
    counted = np.ones(len(ROW.buildings), dtype=np.bool_)
    stored = StoredCommunity(ROW, land, 1, cells, np.arange(len(ROW.buildings)), counted)
    return CommunityStart(1, stored, CodedPlan(plan, ["X", "Y"]), None, ["X", "Y"])


def test_a_grid_in_two_pieces_is_repaired_and_keeps_its_code() -> None:
    start = start_of("XYXXYY")
    present, repaired = repair_start(start, RepartitionRequest(1, 300, 500, 1))
    assert repaired == 1
    assert set(present.codes) == {"X", "Y"}
    plan = replace(start.plan.plan, grid_of_cell=present.grid_of_cell)
    assert find_violations(ROW, start.stored.land, plan, grid_polygons(plan, start.stored.land)) == []


def test_grids_in_one_piece_stay_as_they_are() -> None:
    start = start_of("XXXYYY")
    present, repaired = repair_start(start, RepartitionRequest(1, 300, 500, 1))
    assert repaired == 0
    assert np.array_equal(present.grid_of_cell, start.plan.plan.grid_of_cell)


PARK = town("AB$$\nAB$$", gap=0, households={"A": 200, "B": 200})


def refuse_locks_of(kind: GridKind, locked: str) -> None:
    """Lock grids of the houses, X, and of the park, Y, which is of a kind."""
    land = build_land(PARK)
    cells = np.arange(len(land.cells))
    is_park = land.dedicated >= 0
    assert is_park.any()
    counted = np.ones(len(PARK.buildings), dtype=np.bool_)
    stored = StoredCommunity(PARK, land, 1, cells, np.arange(len(PARK.buildings)), counted)
    kinds = (GridKind.HOUSEHOLD, kind)
    refuse_locks(stored, PresentPlan(is_park.astype(np.int64), ["X", "Y"], kinds, frozenset(locked)))


def test_a_household_grid_with_a_park_cannot_be_locked() -> None:
    with pytest.raises(NotPossible, match="Grid Y cannot be locked: it holds a park, school or market"):
        refuse_locks_of(GridKind.HOUSEHOLD, "XY")


@pytest.mark.parametrize(("kind", "locked"), [(GridKind.HOUSEHOLD, "X"), (GridKind.DEDICATED, "XY")])
def test_other_grids_can_be_locked(kind: GridKind, locked: str) -> None:
    refuse_locks_of(kind, locked)


@pytest.mark.parametrize(("radius", "codes"), [(0, []), (31, []), (29, ["X"]), (9, ["X", "Y"])])
def test_grids_wider_than_the_radius_are_exceptions_of_a_plan(radius: int, codes: list[str]) -> None:
    start = start_of("XXXXYY")
    shapes = grid_polygons(start.plan.plan, start.stored.land)
    view = build_view(start.stored, None, start.plan, start.plan, shapes, Profile(1, 900, max_radius_m=radius))
    assert [each["code"] for each in view["exceptions"]] == codes  # type: ignore[attr-defined]


@pytest.mark.parametrize(("radius", "far"), [(4, 6), (29, 2), (31, 0)])
def test_homes_beyond_the_radius_are_counted(radius: int, far: int) -> None:
    start = start_of("XXXXYY")
    plan = start.plan.plan
    assert count_far_homes_of(start.stored, plan.grid_of_cell, plan.kind, radius) == far
