"""Grids of real towns, broken at random, are found out and repaired."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from gridmap.core.check import check
from gridmap.core.land import Land, build_land
from gridmap.core.measures import outlines
from gridmap.core.partition.divide import Settings, divide
from gridmap.core.partition.profile import Profile
from gridmap.core.repair import repair
from gridmap.core.town import Town
from gridmap.formats.town import read_town
from tests.breakers import Drawing, broken, invented, missed
from tests.core.check.test_broken_grids import SIZES
from tests.core.test_repair import broken_rules, checked, unexplained

NAMES = ("cambridge", "singapore_tp")


@cache
def divided(path: Path) -> tuple[Town, Land, Drawing]:
    """A real town with sound grids."""
    town = read_town(path)
    land = build_land(town)
    plan = divide(town, land, Settings())
    shapes = tuple(outlines(plan, land))
    return town, land, Drawing(shapes, tuple(town.communities.geometry), tuple(plan.community.tolist()))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_sound_is_reported(name: str, real_towns: Path) -> None:
    town, _, sound = divided(real_towns / f"{name}.gpkg")
    assert {finding.kind for finding in check(town, sound.drawn(), Profile())} <= SIZES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(3))
def test_broken_grids_are_found_out_and_repaired(name: str, seed: int, real_towns: Path) -> None:
    town, land, sound = divided(real_towns / f"{name}.gpkg")
    drawing = broken(np.random.default_rng(seed), sound, 10)
    found = check(town, drawing.drawn(), Profile())
    assert (missed(drawing, found), invented(drawing, found)) == ([], [])
    repaired = repair(town, land, drawing.drawn(), Profile())
    assert checked(town, land, repaired) == []
    assert broken_rules(town, land, repaired) == set()
    assert unexplained(town, land, drawing, repaired) == []
