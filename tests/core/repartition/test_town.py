"""Repartition of towns: grids of today stay where they are sound or locked; codes stay with most of a grid."""

from dataclasses import replace

import numpy as np
import pytest

from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.plan import ExceptionCertificate
from gridmap.core.plans.rules import find_violations
from gridmap.core.repartition.alternatives import find_alternatives
from gridmap.core.repartition.present_plan import PresentPlan
from gridmap.core.repartition.repartition import RepartitionSettings, repartition_town
from gridmap.core.repartition.town_search import Repartition, TownSearch
from gridmap.core.vocabulary import GridKind
from tests.core.partition.certificate_checker import CertificateChecker
from tests.fixtures.ascii_towns import town
from tests.fixtures.random_towns import random_town

SETTINGS = RepartitionSettings()


def present_of(drawn: Town, land: LandCoverage, **grids: str) -> PresentPlan:
    """Return the grids of today by the buildings of each; open land goes to the first."""
    ids = drawn.buildings["building_id"].tolist()
    grid_of_cell = np.zeros(len(land.cells), dtype=np.int64)
    for number, buildings in enumerate(grids.values()):
        grid_of_cell[land.cell_of_building[[ids.index(building) for building in buildings]]] = number
    return PresentPlan(grid_of_cell, list(grids), [GridKind.HOUSEHOLD] * len(grids))


def buildings_by_code(drawn: Town, land: LandCoverage, found: Repartition) -> dict[str, str]:
    grid = found.plan.grid_of_cell[land.cell_of_building]
    ids = drawn.buildings["building_id"]
    return {code: "".join(sorted(ids[grid == number])) for number, code in enumerate(found.codes)}


def repartition(drawn: Town, settings: RepartitionSettings = SETTINGS, locked: str = "", **grids: str) -> Repartition:
    land = build_land(drawn)
    present = replace(present_of(drawn, land, **grids), locked=frozenset(locked))
    return repartition_town(drawn, land, present, settings)


ROW = town("ABCDEF", gap=0, households={"A": 150, "B": 100, "C": 40, "D": 160, "E": 150, "F": 150})


def test_a_building_moves_to_the_grid_that_lacks_households_and_both_keep_their_codes() -> None:
    found = repartition(ROW, X="ABC", Y="DEF")
    assert buildings_by_code(ROW, build_land(ROW), found) == {"X": "ABCD", "Y": "EF"}
    assert found.figures.moved == 160


def test_a_sound_plan_stays_with_its_codes() -> None:
    found = repartition(ROW, X="ABCD", Y="EF")
    assert buildings_by_code(ROW, build_land(ROW), found) == {"X": "ABCD", "Y": "EF"}


def test_a_locked_grid_stays_and_says_so() -> None:
    found = repartition(ROW, locked="Y", X="ABC", Y="DEF")
    assert buildings_by_code(ROW, build_land(ROW), found) == {"X": "ABC", "Y": "DEF"}
    assert repartition(ROW, locked="X", X="ABC", Y="DEF").plan.reason[0] is not None


@pytest.mark.parametrize(("max_moved", "moved"), [(159, 0), (160, 160)])
def test_a_limit_of_moves_is_kept_and_is_the_reason(max_moved: int, moved: int) -> None:
    found = repartition(ROW, RepartitionSettings(max_moved=max_moved), X="ABC", Y="DEF")
    assert found.figures.moved == moved
    assert [str(reason) for reason in found.plan.reason if reason] == [
        "no more than 159 households may move" for _ in range(moved == 0)
    ]


BLOCKED = town("QABCDE", gap=0, households={"Q": 300, "A": 100, "B": 100, "C": 450, "D": 100, "E": 100})


@pytest.mark.parametrize(("locked", "words"), [("", "whatever the partition"), ("Q", "while the locked grids stay")])
def test_an_exception_that_no_plan_avoids_is_proven(locked: str, words: str) -> None:
    """Two buildings of 100 households are too few, and 450 beside them too many."""
    found = repartition(BLOCKED, locked=locked, Q="Q", X="C", Y="DE", Z="AB")
    proven = [found.codes[each.grid] for each in found.plan.certificates]
    reasons = dict(zip(found.codes, found.plan.reason, strict=True))
    assert proven == [code for code, reason in reasons.items() if reason and "proven" in str(reason)] != []
    assert all(words in str(reasons[code]) for code in proven)
    for certificate in found.plan.certificates:
        assert is_proven(BLOCKED, build_land(BLOCKED), certificate)


def is_proven(drawn: Town, land: LandCoverage, certificate: ExceptionCertificate) -> bool:
    """Let the independent checker look at a certificate, whose households are those of its cells."""
    households = np.bincount(land.cell_of_building, drawn.buildings["households"], len(land.cells))
    assert all(households[list(node.members)].sum() == node.households for node in certificate.nodes)
    atoms = [{"households": node.households, "in_core": node.is_core} for node in certificate.nodes]
    claim = {"minimum": 300, "maximum": 500, "atoms": atoms, "links": certificate.links}
    return CertificateChecker(claim).is_proven()


@pytest.mark.parametrize("seed", [3, 5])
def test_plans_of_unusual_towns_break_no_rule(seed: int) -> None:
    drawn = random_town(seed)
    land = build_land(drawn)
    plan = partition_town(drawn, land, PartitionSettings())
    households = drawn.buildings["households"].to_numpy(dtype=np.int64)
    changed = replace(drawn, buildings=drawn.buildings.assign(households=households * 5 // 4))
    present = PresentPlan(plan.grid_of_cell, [str(grid) for grid in range(len(plan))], plan.kind)
    found = repartition_town(changed, land, present, SETTINGS)
    assert find_violations(changed, land, found.plan, grid_polygons(found.plan, land)) == []
    sound = repartition_town(drawn, land, present, SETTINGS)
    assert sound.figures.moved == 0 or any(plan.reason)


def test_alternatives_share_one_search_and_none_is_worse_in_all_figures() -> None:
    """Today's border winds; two buildings that move make it straight."""
    drawn = town("ABCD\nEFGH\nIJKL", gap=0, households=dict.fromkeys("ABCDEFGHIJKL", 70) | {"A": 140})
    land = build_land(drawn)
    search = TownSearch(drawn, land, present_of(drawn, land, X="ABCEIJ", Y="DFGHKL"), PartitionSettings())
    calls: list[int] = []
    plans = find_alternatives(search, SETTINGS.search(), 5, progress=lambda _step, done, _total: calls.append(done))
    assert calls == [0, 1]
    figures = [plan.figures for plan in plans]
    assert figures == sorted(figures, key=lambda each: each.moved)
    assert [each.border_m for each in figures] == sorted((each.border_m for each in figures), reverse=True)
    assert len({each.out_of_range for each in figures}) == 1
    assert len(figures) > 1
