"""Drawn grids have exactly the mistakes of their preset, and resident groups cover the town."""

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import shapely

from gridmap.core.coverage.checks import DrawnGrids, Finding, check_grids
from gridmap.core.plans.profile import Profile
from gridmap.demo import DemoTown, Mistakes, TownPreset, build_demo

NO_MISTAKES = Mistakes(0, 0, 0, 0, 0, 0, 0, 0, 0)
LAND_FAULTS = {
    "gap",
    "overlap",
    "spill",
    "multipart",
    "duplicate",
    "invalid",
    "unassigned_building",
    "foreign_community",
}


@cache
def cached_demo(mistakes: Mistakes, seed: int = 0) -> DemoTown:
    return build_demo(15_000, seed, TownPreset(mistakes=mistakes))


@cache
def find_faults(mistakes: Mistakes, seed: int = 0) -> list[Finding]:
    demo = cached_demo(mistakes, seed)
    shapes, codes = demo.grids.geometry.to_numpy(), demo.grids["grid_code"].to_numpy()
    drawn = DrawnGrids(shapes, np.zeros(len(shapes), dtype=bool), codes, np.full(len(shapes), -1))
    return check_grids(demo.town, drawn, Profile(300, 500, 400))


def count_fault_kinds(mistakes: Mistakes, seed: int = 0) -> Counter[str]:
    return Counter(finding.kind.value for finding in find_faults(mistakes, seed))


@pytest.mark.parametrize("seed", range(3))
def test_grids_without_mistakes_cover_the_land_exactly_once(seed: int) -> None:
    assert not LAND_FAULTS & set(count_fault_kinds(NO_MISTAKES, seed))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("mistake", "kind"),
    [
        ("exclaves", "multipart"),
        ("overlaps", "overlap"),
        ("bites", "gap"),
        ("gaps", "gap"),
        ("missing_codes", "missing_code"),
    ],
)
def test_each_mistake_is_found_as_often_as_it_was_made(mistake: str, kind: str, seed: int) -> None:
    assert count_fault_kinds(replace(NO_MISTAKES, **{mistake: 2}), seed)[kind] == 2


def test_a_gap_leaves_buildings_without_a_grid() -> None:
    assert count_fault_kinds(replace(NO_MISTAKES, gaps=1))["unassigned_building"] >= 1


def test_an_overreach_extends_into_another_community() -> None:
    assert count_fault_kinds(replace(NO_MISTAKES, overreaches=1))["foreign_community"] == 1


def test_merged_grids_are_oversize() -> None:
    merged = replace(NO_MISTAKES, oversize=2)
    assert len(cached_demo(NO_MISTAKES).grids) - len(cached_demo(merged).grids) == 2
    assert count_fault_kinds(merged)["oversize"] >= 2


def test_one_grid_has_no_worker_and_one_has_no_code() -> None:
    grids = cached_demo(Mistakes()).grids
    assert grids.worker.isna().sum() == 1
    assert grids.grid_code.isna().sum() == 1
    assert grids.grid_code.dropna().str.fullmatch(r"440199\d{9}").all()


def test_drawn_lines_deviate_from_the_streets_by_a_few_metres() -> None:
    exact, wobbly = (cached_demo(replace(NO_MISTAKES, wobble_m=wobble_m)).grids.geometry for wobble_m in (0.0, 3.5))
    deviations = shapely.hausdorff_distance(exact.boundary.values, wobbly.boundary.values)
    assert 2 < deviations.max() < 15


def test_the_same_seed_gives_the_same_grids() -> None:
    again = build_demo(15_000, 0, TownPreset(mistakes=Mistakes()))
    assert again.grids.equals(cached_demo(Mistakes()).grids)


def test_a_town_of_one_grid_has_no_room_for_mistakes() -> None:
    assert len(build_demo(20).grids) == 1


def test_resident_groups_cover_the_town_exactly_once() -> None:
    demo = cached_demo(Mistakes())
    groups = demo.resident_groups
    assert shapely.coverage_is_valid(groups.geometry.values)
    assert groups.area.sum() == pytest.approx(demo.town.communities.area.sum(), rel=1e-4)
    assert groups.households.sum() == 15_000


def test_the_preset_sets_the_number_of_resident_groups() -> None:
    preset = TownPreset(communities=2, resident_groups=8, columns=(6, 6), rows=(3, 3), area_km2=3.0, households=5_000)
    demo = build_demo(5_000, 1, preset)
    assert len(demo.resident_groups) == 8
    assert demo.town.communities.area.sum() == pytest.approx(3e6, rel=0.05)


def test_shops_have_an_address() -> None:
    shops = cached_demo(Mistakes()).shops
    assert len(shops) > 10
    assert shops.address.notna().all()
