"""Moves of buildings to other grids, and inheritance of grid codes."""

import numpy as np
import pytest

from gridmap.core.array_types import IntArray
from gridmap.core.land.build import build_land
from gridmap.core.plans.inherited_codes import fill_missing_codes, inherit_codes
from gridmap.core.plans.moves import (
    GridAssignment,
    cells_moving_with,
    courtyard_buildings,
    neighbouring_grids,
    split_courtyards,
)
from tests.fixtures.ascii_towns import town

PICTURE = "A.B|C.D\nE.F|G.H"


def split_in_halves(picture: str = PICTURE) -> GridAssignment:
    """Return a town with two grids, west (0) and east (1) of the middle."""
    ascii_town = town(picture)
    land = build_land(ascii_town)
    middle = ascii_town.communities.union_all().centroid.x
    grid_of_cell = np.array([int(cell.centroid.x > middle) for cell in land.cells], dtype=np.int64)
    return GridAssignment(ascii_town, land, grid_of_cell)


def building_index(assignment: GridAssignment, name: str) -> int:
    return int(assignment.town.buildings["building_id"].tolist().index(name))


def add_courtyard(assignment: GridAssignment, *names: str) -> GridAssignment:
    buildings = assignment.town.buildings
    buildings["courtyard"] = [("1号院" if each in names else None) for each in buildings["building_id"]]
    return assignment


def grid_by_building(assignment: GridAssignment) -> dict[str, int]:
    return dict(zip(assignment.town.buildings["building_id"], assignment.grid_of_building.tolist(), strict=True))


def test_only_the_moved_building_changes_its_grid() -> None:
    assignment = split_in_halves()
    after = assignment.move_cells(cells_moving_with(assignment, building_index(assignment, "B"), alone=False), 1)
    assert {name for name, grid in grid_by_building(after).items() if grid != grid_by_building(assignment)[name]} == {
        "B"
    }


def test_a_move_does_not_change_the_original_assignment() -> None:
    assignment = split_in_halves()
    before = assignment.grid_of_cell.copy()
    assignment.move_cells(cells_moving_with(assignment, building_index(assignment, "B"), alone=False), 1)
    assert (assignment.grid_of_cell == before).all()


def test_a_building_moves_with_its_courtyard_unless_alone() -> None:
    assignment = add_courtyard(split_in_halves(), "B", "F")
    together, alone = (
        cells_moving_with(assignment, building_index(assignment, "B"), alone=alone) for alone in (False, True)
    )
    assert len(together) == 2
    assert alone.tolist() == [assignment.land.cell_of_building[building_index(assignment, "B")]]


def test_only_the_courtyard_buildings_of_the_same_grid_move() -> None:
    assignment = add_courtyard(split_in_halves(), "B", "F", "C")
    assert assignment.land.cell_of_building[building_index(assignment, "C")] not in cells_moving_with(
        assignment, building_index(assignment, "B"), alone=False
    )


def test_a_split_courtyard_is_reported_with_its_number_of_grids() -> None:
    assignment = add_courtyard(split_in_halves(), "B", "F")
    assert split_courtyards(assignment.town, assignment.grid_of_building) == []
    after = assignment.move_cells(cells_moving_with(assignment, building_index(assignment, "B"), alone=True), 1)
    (split,) = split_courtyards(assignment.town, after.grid_of_building)
    assert (split.name, split.grids) == ("1号院", 2)


def test_the_grid_across_the_street_is_a_neighbour() -> None:
    assignment = split_in_halves()
    grids, border_m = neighbouring_grids(
        assignment, cells_moving_with(assignment, building_index(assignment, "B"), alone=False)
    )
    assert grids.tolist() == [1]
    assert border_m[0] > 0


def test_neighbouring_grids_are_ordered_by_the_length_of_their_border() -> None:
    """The building has 30 m of border with the west, 10 m with the north, and none with the south-east."""
    ascii_town = town("NNNN\nWWXE\nWWXE\nWWXE")
    land = build_land(ascii_town)
    names = ascii_town.buildings["building_id"].tolist()
    grid_by_name = {"E": 0, "N": 1, "W": 2, "X": 3}
    grid_of_cell = np.zeros(len(land.cells), dtype=np.int64)
    for building, cell in enumerate(land.cell_of_building):
        grid_of_cell[cell] = grid_by_name[names[building][0]]
    assignment = GridAssignment(ascii_town, land, grid_of_cell)
    grids, border_m = neighbouring_grids(
        assignment, cells_moving_with(assignment, building_index(assignment, "X"), alone=True)
    )
    assert sorted(grids.tolist()) == sorted(set(grids.tolist()) - {3})
    assert border_m.tolist() == sorted(border_m.tolist(), reverse=True)
    assert (border_m > 1).all()


def test_a_courtyard_is_that_of_the_building() -> None:
    assignment = add_courtyard(split_in_halves(), "B", "F")
    index = building_index(assignment, "B")
    expected = sorted(building_index(assignment, name) for name in ("B", "F"))
    assert courtyard_buildings(assignment.town, index).tolist() == expected


def test_a_building_behind_others_has_no_neighbouring_grid() -> None:
    assignment = split_in_halves()
    grids, _ = neighbouring_grids(
        assignment, cells_moving_with(assignment, building_index(assignment, "A"), alone=False)
    )
    assert grids.tolist() == []


def test_land_without_buildings_that_is_cut_off_moves_too() -> None:
    """The pond lies between the building and the street."""
    assignment = split_in_halves("AB#|CD")
    (pond,) = np.flatnonzero(assignment.land.water)
    assert assignment.grid_of_cell[pond] == 0
    assert (
        assignment.move_cells(
            cells_moving_with(assignment, building_index(assignment, "B"), alone=False), 1
        ).grid_of_cell[pond]
        == 1
    )


def test_land_that_is_still_connected_stays() -> None:
    assignment = split_in_halves("AB|CD\nE#|GH")
    (pond,) = np.flatnonzero(assignment.land.water)
    assert (
        assignment.move_cells(
            cells_moving_with(assignment, building_index(assignment, "B"), alone=False), 1
        ).grid_of_cell[pond]
        == 0
    )


@pytest.mark.parametrize(("after", "expected"), [([0, 0, 1, 1], ["A", "B"]), ([1, 1, 0, 0], ["B", "A"])])
def test_grids_inherit_the_code_of_the_grid_with_the_largest_shared_weight(
    after: list[int], expected: list[str]
) -> None:
    before = np.array([0, 0, 1, 1])
    assert inherit_codes(before, np.array(after), np.ones(4), ["A", "B"]) == expected


def test_a_grid_that_inherits_nothing_has_no_code() -> None:
    new_grid: IntArray = np.array([0, 1, 2])
    assert inherit_codes(np.array([0, 0, 0]), new_grid, np.array([1.0, 5, 2]), ["A"]) == [None, "A", None]


def test_a_code_that_was_used_is_not_assigned_again() -> None:
    assert fill_missing_codes("TP", [None, "TP-001"], ["TP-001", "TP-002"]) == ["TP-003", "TP-001"]
