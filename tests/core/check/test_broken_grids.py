"""Sound grids broken at random: every injury is found as what it is, and nothing that nobody broke."""

from functools import cache

import numpy as np
import pytest

from gridmap.core.check import check
from gridmap.core.demo import build_town
from gridmap.core.land import Land, build_land
from gridmap.core.measures import outlines
from gridmap.core.names import FaultKind
from gridmap.core.partition.divide import Settings, divide
from gridmap.core.partition.profile import Profile
from gridmap.core.plan import Plan
from gridmap.core.town import Town
from tests.breakers import Drawing, broken, invented, missed
from tests.towns import random_town

TOWNS = ("built-in", "odd 3", "odd 8")
SIZES = {FaultKind.OVERSIZE, FaultKind.UNDERSIZE, FaultKind.EMPTY_GRID}


@cache
def divided(name: str) -> tuple[Town, Land, Plan, Drawing]:
    """A town with sound grids."""
    town = build_town(4_000) if name == "built-in" else random_town(int(name.removeprefix("odd ")), 200)
    land = build_land(town)
    plan = divide(town, land, Settings())
    drawing = Drawing(tuple(outlines(plan, land)), tuple(town.communities.geometry), tuple(plan.community.tolist()))
    return town, land, plan, drawing


@pytest.mark.parametrize("name", TOWNS)
def test_nothing_sound_is_reported(name: str) -> None:
    town, _, _, sound = divided(name)
    assert {finding.kind for finding in check(town, sound.drawn(), Profile())} <= SIZES


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("seed", range(10))
def test_every_injury_is_found_and_nothing_else(name: str, seed: int) -> None:
    town, _, _, sound = divided(name)
    drawing = broken(np.random.default_rng(seed), sound, 6)
    found = check(town, drawing.drawn(), Profile())
    assert missed(drawing, found) == []
    assert invented(drawing, found) == []


def test_every_way_to_break_grids_is_tried() -> None:
    sound = divided("odd 3")[3]
    names = {injury.name for seed in range(20) for injury in broken(np.random.default_rng(seed), sound, 6).injuries}
    assert len(names) >= 10
