"""Cures: what would bring a certified grid into the range, each found as a plan."""

import pytest

from gridmap.core.explanations.cures import find_cures
from gridmap.core.land.build import build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import CureKind, SearchEffort
from tests.fixtures.ascii_towns import town


def cures_of(drawn: Town, effort: SearchEffort = SearchEffort.DEFAULT) -> list[tuple[CureKind, str]]:
    """Return the cures of the only certified grid of a town."""
    land, settings = build_land(drawn), PartitionSettings(effort=effort)
    plan = partition_town(drawn, land, settings)
    assert len(plan.certificates) == 1
    found = find_cures(drawn, land, plan, settings)
    return [(cure.kind, str(cure.text)) for cures in found.values() for cure in cures]


ALLOW = (CureKind.LOWER_MINIMUM, "allow 250 households in this grid; a higher minimum would not do")


def test_without_another_cure_the_exception_can_be_allowed() -> None:
    assert cures_of(town("ABC", households={"A": 400, "B": 250, "C": 400})) == [ALLOW]


def test_nothing_is_tried_with_the_fast_effort() -> None:
    assert cures_of(town("ABC", households={"A": 400, "B": 250, "C": 400}), SearchEffort.FAST) == []


@pytest.mark.parametrize(("first", "is_cure"), [(350, True), (351, False)])
def test_a_courtyard_is_divided_where_both_sides_have_room(first: int, is_cure: bool) -> None:
    households = {"A": first, "B": 150, "D": 100, "C": 400}
    cures = cures_of(town("ABDC", households=households, courtyards={"north": "BD"}))
    divided = (CureKind.DIVIDE_COURTYARD, "divide north with 250 households between its buildings")
    assert cures == [ALLOW, *[divided] * is_cure]


@pytest.mark.parametrize(("last", "is_cure"), [(368, True), (369, False)])
def test_a_tower_is_divided_where_both_sides_have_room(last: int, is_cure: bool) -> None:
    cures = cures_of(town("ABC", households={"A": 368, "B": 264, "C": last}))
    divided = (CureKind.DIVIDE_BUILDING, "divide building B with 264 households by stairs or storeys")
    assert (divided in cures) is is_cure


@pytest.mark.parametrize(("large", "is_cure"), [(501, False), (599, False), (600, True), (1_000, True), (1_001, True)])
def test_a_tower_above_the_maximum_is_allowed_as_it_is_or_divided(large: int, is_cure: bool) -> None:
    allow = (CureKind.RAISE_MAXIMUM, f"allow {large} households in this grid; a lower maximum would not do")
    divided = (CureKind.DIVIDE_BUILDING, f"divide building A with {large} households by stairs or storeys")
    assert cures_of(town("AB", households={"A": large, "B": 400})) == [allow, *[divided] * is_cure]


@pytest.mark.parametrize(("radius", "is_cure"), [(14.0, True), (13.0, False)])
def test_no_cure_breaks_the_radius(radius: float, is_cure: bool) -> None:
    """A and half of B have their centre 13.3 m from B."""
    drawn = town("ABC", households={"A": 368, "B": 264, "C": 368})
    settings = PartitionSettings(Profile(max_radius_m=radius))
    plan = partition_town(drawn, land := build_land(drawn), settings)
    kinds = [cure.kind for cures in find_cures(drawn, land, plan, settings).values() for cure in cures]
    assert (CureKind.DIVIDE_BUILDING in kinds) is is_cure


@pytest.mark.parametrize(("across", "is_cure"), [(50, True), (49, False), (200, True), (201, False)])
def test_water_is_crossed_where_that_helps(across: int, is_cure: bool) -> None:
    households = {"A": 400, "B": 250, "C": 400, "D": across, "E": 500 - across}
    drawn = town("ABC\n###\nEDD", households=households)
    cures = [text for kind, text in cures_of(drawn) if kind is CureKind.CROSS_BARRIER]
    assert cures == ["let a grid cross the water here"] * is_cure


def test_buildings_change_community_where_that_helps() -> None:
    households = {"A": 400, "B": 250, "C": 400, "D": 200, "E": 300}
    cures = cures_of(town("ABC\nEDD", "AAA\nBBB", households=households))
    moved = "move the boundary of A, B: 1 buildings with 200 households change community"
    assert (CureKind.MOVE_BOUNDARY, moved) in cures
    assert cures[0] == ALLOW
