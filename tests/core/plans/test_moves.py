"""A building moved to another grid: what goes along, and where it may go."""

import numpy as np
import pytest

from gridmap.core.array_types import IntArray
from gridmap.core.land.build import build_land
from gridmap.core.plans.inherited_codes import fill_missing_codes, inherit_codes
from gridmap.core.plans.moves import GridAssignment, cells_moving_with, neighbouring_grids, split_courtyards
from tests.fixtures.ascii_towns import town

PICTURE = "A.B|C.D\nE.F|G.H"


def split_in_halves(picture: str = PICTURE) -> GridAssignment:
    """A town in two grids, west (0) and east (1) of the middle."""
    drawn = town(picture)
    land = build_land(drawn)
    middle = drawn.communities.union_all().centroid.x
    return GridAssignment(drawn, land, np.array([int(cell.centroid.x > middle) for cell in land.cells], dtype=np.int64))


def building_index(assignment: GridAssignment, name: str) -> int:
    return int(assignment.town.buildings["building_id"].tolist().index(name))


def with_courtyard(assignment: GridAssignment, *names: str) -> GridAssignment:
    buildings = assignment.town.buildings
    buildings["courtyard"] = [("1号院" if each in names else None) for each in buildings["building_id"]]
    return assignment


def grid_by_building(assignment: GridAssignment) -> dict[str, int]:
    return dict(zip(assignment.town.buildings["building_id"], assignment.grid_of_building.tolist(), strict=True))


def test_a_moved_building_is_in_the_other_grid_and_the_others_stay() -> None:
    west = split_in_halves()
    after = west.move_cells(cells_moving_with(west, building_index(west, "B"), alone=False), 1)
    assert {name for name, grid in grid_by_building(after).items() if grid != grid_by_building(west)[name]} == {"B"}


def test_a_move_leaves_the_division_before_as_it_was() -> None:
    west = split_in_halves()
    before = west.grid_of_cell.copy()
    west.move_cells(cells_moving_with(west, building_index(west, "B"), alone=False), 1)
    assert (west.grid_of_cell == before).all()


def test_a_courtyard_goes_as_a_whole() -> None:
    west = with_courtyard(split_in_halves(), "B", "F")
    together, alone = (cells_moving_with(west, building_index(west, "B"), alone=alone) for alone in (False, True))
    assert len(together) == 2
    assert alone.tolist() == [west.land.cell_of_building[building_index(west, "B")]]


def test_of_a_divided_courtyard_only_what_is_in_the_grid_goes() -> None:
    west = with_courtyard(split_in_halves(), "B", "F", "C")
    assert west.land.cell_of_building[building_index(west, "C")] not in cells_moving_with(
        west, building_index(west, "B"), alone=False
    )


def test_a_divided_courtyard_is_told() -> None:
    west = with_courtyard(split_in_halves(), "B", "F")
    assert split_courtyards(west.town, west.grid_of_building) == {}
    after = west.move_cells(cells_moving_with(west, building_index(west, "B"), alone=True), 1)
    assert split_courtyards(west.town, after.grid_of_building) == {"1号院": 2}


def test_the_grid_across_the_street_is_beside() -> None:
    west = split_in_halves()
    near, border = neighbouring_grids(west, cells_moving_with(west, building_index(west, "B"), alone=False))
    assert near.tolist() == [1]
    assert border[0] > 0


def test_what_lies_behind_other_houses_is_beside_nothing() -> None:
    west = split_in_halves()
    near, _ = neighbouring_grids(west, cells_moving_with(west, building_index(west, "A"), alone=False))
    assert near.tolist() == []


def test_land_without_buildings_that_is_cut_off_goes_along() -> None:
    """A pond between the house and the street."""
    west = split_in_halves("AB#|CD")
    (pond,) = np.flatnonzero(west.land.water)
    assert west.grid_of_cell[pond] == 0
    assert west.move_cells(cells_moving_with(west, building_index(west, "B"), alone=False), 1).grid_of_cell[pond] == 1


def test_land_that_still_hangs_together_stays() -> None:
    west = split_in_halves("AB|CD\nE#|GH")
    (pond,) = np.flatnonzero(west.land.water)
    assert west.move_cells(cells_moving_with(west, building_index(west, "B"), alone=False), 1).grid_of_cell[pond] == 0


@pytest.mark.parametrize(("after", "expected"), [([0, 0, 1, 1], ["A", "B"]), ([1, 1, 0, 0], ["B", "A"])])
def test_grids_keep_the_code_of_those_they_share_most_with(after: list[int], expected: list[str]) -> None:
    before = np.array([0, 0, 1, 1])
    assert inherit_codes(before, np.array(after), np.ones(4), ["A", "B"]) == expected


def test_a_grid_of_new_land_has_no_code_yet() -> None:
    found: IntArray = np.array([0, 1, 2])
    assert inherit_codes(np.array([0, 0, 0]), found, np.array([1.0, 5, 2]), ["A"]) == [None, "A", None]


def test_a_code_that_was_given_once_is_not_given_again() -> None:
    assert fill_missing_codes("TP", [None, "TP-001"], ["TP-001", "TP-002"]) == ["TP-003", "TP-001"]
