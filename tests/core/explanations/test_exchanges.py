"""Exchanges across borders: the one that would save most, and the rule that stops it."""

import numpy as np
import pytest

from gridmap.core.explanations.border_lengths import measure_borders
from gridmap.core.explanations.exchanges import BorderSearch, BorderStudy
from gridmap.core.land.build import build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.atoms import build_atoms
from gridmap.core.partition.search import build_objective
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.vocabulary import BorderKind
from tests.fixtures.ascii_towns import town

NORTH = {"A": 150, "B": 150, "C": 100, "D": 100, "E": 100, "F": 100}


def study(drawn: Town, first: str) -> BorderStudy:
    """Study the border between the grid of some letters, 1, and that of all others, 2."""
    land, profile = build_land(drawn), Profile()
    atoms = build_atoms(drawn, land, profile, CostWeights())
    grid = np.empty(len(atoms.households), dtype=np.int64)
    grid[atoms.atom_of_cell[land.cell_of_building]] = ~drawn.buildings["building_id"].isin([*first])
    objective = build_objective(profile, CostWeights(), int(atoms.households.sum()))
    return BorderSearch(atoms, grid, (0, 1), ("1", "2"), profile, objective).study()


@pytest.mark.parametrize(
    ("households", "obstacles"),
    [
        ({}, []),
        ({"D": 99}, ["grid 2 would have 299 households, fewer than 300"]),
        ({"C": 200}, []),
        ({"C": 200, "A": 151}, ["grid 1 would have 501 households, more than 500"]),
    ],
)
def test_the_best_move_is_allowed_or_names_the_rule_that_stops_it(
    households: dict[str, int], obstacles: list[str]
) -> None:
    found = study(town("ABC|DEF", households=NORTH | households), "AB")
    assert found.best is not None
    assert (len(found.best.given), len(found.best.taken)) == (0, 1)
    assert found.best.gain_m == pytest.approx(20 * 1.05 - 20 * 0.2, abs=3.0)
    assert [str(each) for each in found.best.obstacles] == obstacles
    assert (found.allowed == found.best) is not bool(obstacles)


def test_a_grid_must_not_fall_into_pieces() -> None:
    households = dict.fromkeys("ABFGH", 60) | {"C": 150, "D": 50, "E": 150}
    found = study(town("C|D|E\nABFGH", households=households), "ABFGH")
    assert found.best is not None
    assert [str(each) for each in found.best.obstacles] == ["grid 2 would fall into pieces"]
    assert found.allowed is None


def test_a_border_along_a_street_is_as_good_as_can_be() -> None:
    found = study(town("AB|CD", households={"A": 200, "B": 200, "C": 200, "D": 200}), "AB")
    assert (found.best, found.allowed, found.tried) == (None, None, 3)


def test_borders_are_measured_by_what_they_follow() -> None:
    drawn = town("AB|CD", "AAAAA")
    land = build_land(drawn)
    grid = np.zeros(len(land.cells), dtype=np.int64)
    for number, letters in enumerate(("B", "CD"), start=1):
        grid[land.cell_of_building[drawn.buildings["building_id"].isin([*letters])]] = number
    first, second = measure_borders(land, grid, 1)
    assert {first.other, second.other} == {0, 2}
    street = first if first.other == 2 else second
    assert street.length_m == {BorderKind.LOCAL: pytest.approx(20.0, abs=0.1)}
    assert street.is_within


def test_borders_with_another_community_are_told_apart() -> None:
    drawn = town("AB", "AB")
    land = build_land(drawn)
    (border,) = measure_borders(land, land.community, 0)
    assert not border.is_within
