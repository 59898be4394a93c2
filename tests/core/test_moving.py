"""A building moved to another grid: what goes along, and where it may go."""

import numpy as np
import pytest

from gridmap.core.arrays import Ints
from gridmap.core.inherited import fresh_codes, inherited_codes
from gridmap.core.land import build_land
from gridmap.core.moving import Divided, beside, parted_courtyards, unit_of
from tests.towns import town

PICTURE = "A.B|C.D\nE.F|G.H"


def halves(picture: str = PICTURE) -> Divided:
    """A town in two grids, west (0) and east (1) of the middle."""
    drawn = town(picture)
    land = build_land(drawn)
    middle = drawn.communities.union_all().centroid.x
    return Divided(drawn, land, np.array([int(cell.centroid.x > middle) for cell in land.cells], dtype=np.int64))


def position(divided: Divided, name: str) -> int:
    return int(divided.town.buildings["building_id"].tolist().index(name))


def with_courtyard(divided: Divided, *names: str) -> Divided:
    buildings = divided.town.buildings
    buildings["courtyard"] = [("1号院" if each in names else None) for each in buildings["building_id"]]
    return divided


def grids(divided: Divided) -> dict[str, int]:
    return dict(zip(divided.town.buildings["building_id"], divided.of_building.tolist(), strict=True))


def test_a_moved_building_is_in_the_other_grid_and_the_others_stay() -> None:
    west = halves()
    after = west.moved(unit_of(west, position(west, "B"), alone=False), 1)
    assert {name for name, grid in grids(after).items() if grid != grids(west)[name]} == {"B"}


def test_a_move_leaves_the_division_before_as_it_was() -> None:
    west = halves()
    before = west.of_cell.copy()
    west.moved(unit_of(west, position(west, "B"), alone=False), 1)
    assert (west.of_cell == before).all()


def test_a_courtyard_goes_as_a_whole() -> None:
    west = with_courtyard(halves(), "B", "F")
    together, alone = (unit_of(west, position(west, "B"), alone=alone) for alone in (False, True))
    assert len(together) == 2
    assert alone.tolist() == [west.land.building_cell[position(west, "B")]]


def test_of_a_divided_courtyard_only_what_is_in_the_grid_goes() -> None:
    west = with_courtyard(halves(), "B", "F", "C")
    assert west.land.building_cell[position(west, "C")] not in unit_of(west, position(west, "B"), alone=False)


def test_a_divided_courtyard_is_told() -> None:
    west = with_courtyard(halves(), "B", "F")
    assert parted_courtyards(west.town, west.of_building) == {}
    after = west.moved(unit_of(west, position(west, "B"), alone=True), 1)
    assert parted_courtyards(west.town, after.of_building) == {"1号院": 2}


def test_the_grid_across_the_street_is_beside() -> None:
    west = halves()
    near, border = beside(west, unit_of(west, position(west, "B"), alone=False))
    assert near.tolist() == [1]
    assert border[0] > 0


def test_what_lies_behind_other_houses_is_beside_nothing() -> None:
    west = halves()
    near, _ = beside(west, unit_of(west, position(west, "A"), alone=False))
    assert near.tolist() == []


def test_land_without_buildings_that_is_cut_off_goes_along() -> None:
    """A pond between the house and the street."""
    west = halves("AB#|CD")
    (pond,) = np.flatnonzero(west.land.water)
    assert west.of_cell[pond] == 0
    assert west.moved(unit_of(west, position(west, "B"), alone=False), 1).of_cell[pond] == 1


def test_land_that_still_hangs_together_stays() -> None:
    west = halves("AB|CD\nE#|GH")
    (pond,) = np.flatnonzero(west.land.water)
    assert west.moved(unit_of(west, position(west, "B"), alone=False), 1).of_cell[pond] == 0


@pytest.mark.parametrize(("after", "expected"), [([0, 0, 1, 1], ["A", "B"]), ([1, 1, 0, 0], ["B", "A"])])
def test_grids_keep_the_code_of_those_they_share_most_with(after: list[int], expected: list[str]) -> None:
    before = np.array([0, 0, 1, 1])
    assert inherited_codes(before, np.array(after), np.ones(4), ["A", "B"]) == expected


def test_a_grid_of_new_land_has_no_code_yet() -> None:
    found: Ints = np.array([0, 1, 2])
    assert inherited_codes(np.array([0, 0, 0]), found, np.array([1.0, 5, 2]), ["A"]) == [None, "A", None]


def test_a_code_that_was_given_once_is_not_given_again() -> None:
    assert fresh_codes("TP", [None, "TP-001"], ["TP-001", "TP-002"]) == ["TP-003", "TP-001"]
