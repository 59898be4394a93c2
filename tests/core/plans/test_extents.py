"""Extents of grids: literal sentences, in Chinese and English."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import shapely

from gridmap.core.land.town import Town
from gridmap.core.plans.extents import describe_extents
from gridmap.core.plans.plan import GridPlan
from gridmap.core.vocabulary import GridKind
from gridmap.demo.layers import assemble_town
from gridmap.texts import translate

WEST, EAST = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)
AROUND = {"东湖路": [(200, 0), (200, 100)], "南街": [(0, 0), (200, 0)], "西街": [(0, 0), (0, 100)]}
Lines = Mapping[str, Sequence[tuple[float, float]]]


def make_town(
    streets: Lines = AROUND, barriers: Lines | None = None, communities: Sequence[Any] = (), **columns: Sequence[object]
) -> Town:
    """Build a town with a building in the middle of each grid, numbered 3 and 5."""
    land = communities or [shapely.box(0, 0, 200, 100)]
    lines, barriers = {name: shapely.LineString(points) for name, points in streets.items()}, barriers or {}
    return assemble_town(
        "extents",
        communities={"code": ["A", "B"][: len(land)], "name": ["甲社区", "乙社区"][: len(land)], "geometry": land},
        buildings={
            "building_id": ["b3", "b5"],
            "households": [1, 1],
            "community": [0, len(land) - 1],
            "name": ["3号楼", "5号楼"],
            "geometry": [shapely.box(40, 40, 60, 60), shapely.box(140, 40, 160, 60)],
            **columns,
        },
        streets={"name": [*lines], "kind": ["local"] * len(lines), "geometry": [*lines.values()]},
        barriers={"kind": [*barriers], "geometry": [shapely.LineString(points) for points in barriers.values()]},
        dedicated={"name": ["莲花公园"], "geometry": [EAST]},
    )


def extents(
    town: Town,
    shapes: Sequence[shapely.Geometry] = (WEST, EAST),
    language: str = "zh_CN",
    kind: str = "household",
    grid_of_building: Sequence[int] = (0, 1),
) -> list[str]:
    """Return the sentences on grids; all but the first one have a kind."""
    count, last = len(shapes), len(town.communities) - 1
    kinds = tuple(GridKind(kind if number else "household") for number in range(count))
    community = np.array([0] + [last] * (count - 1))
    plan = GridPlan(np.empty(0, dtype=np.int64), community, kinds, (None,) * count)
    codes = [f"{town.communities['code'][at]}-{number + 1:03}" for number, at in enumerate(community)]
    found = describe_extents(town, plan, np.array(shapes), np.array(grid_of_building), codes)
    return [translate(sentence, language) for sentence in found]


def test_sides_are_named_by_streets_and_by_the_buildings_beside_the_border() -> None:
    assert extents(make_town()) == [
        "东至3号楼与5号楼之间，南至南街，西至西街，北至社区边界",
        "东至东湖路，南至南街，西至5号楼与3号楼之间，北至社区边界",
    ]
    assert extents(make_town(), language="en")[0] == (
        "East: between 3号楼 and 5号楼; south: 南街; west: 西街; north: the border of the community"
    )


def test_lines_without_names_are_named_by_their_kind() -> None:
    town = make_town({"": [(100, 0), (100, 100)]}, {"water": [(0, 100), (200, 100)], "rail": [(0, 0), (200, 0)]})
    assert extents(town)[0] == "东至道路，南至铁路，西至社区边界，北至水边"


def test_a_street_with_a_name_is_better_known_than_a_wall() -> None:
    assert extents(make_town(barriers={"wall": [(0, 0), (0, 100)]}))[0].split("，")[2] == "西至西街"


def test_the_estate_behind_the_border_is_a_landmark() -> None:
    assert extents(make_town(estate=["春园", "秋园"]))[0].startswith("东至秋园，")
    assert extents(make_town(estate=["春园", "春园"]))[0].startswith("东至春园3号楼与春园5号楼之间，")


def test_dedicated_land_is_a_landmark() -> None:
    assert extents(make_town(), kind="dedicated")[0].startswith("东至莲花公园，")


def test_the_community_behind_the_border_is_named() -> None:
    assert extents(make_town(communities=[WEST, EAST]))[0].startswith("东至乙社区，")


def test_a_neighbour_without_buildings_is_named_by_its_number() -> None:
    town = make_town(geometry=[shapely.box(40, 40, 60, 60), shapely.box(45, 70, 55, 80)])
    assert extents(town, grid_of_building=(0, 0))[0].startswith("东至002网格，")


@pytest.mark.parametrize(("length", "east"), [(24, "东至南段"), (26, "东至南段、北段")])
def test_a_second_street_is_named_from_a_quarter_of_a_side(length: float, east: str) -> None:
    corner = 100.0 - length
    town = make_town({"南段": [(100, 0), (100, corner)], "北段": [(100, corner), (100, 100)]})
    west = shapely.Polygon([(0, 0), (100, 0), (100, corner), (100, 100), (0, 100)])
    beside = shapely.Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100, corner)])
    assert extents(town, [west, beside])[0].split("，")[0] == east


@pytest.mark.parametrize(("distance", "east"), [(4.9, "东至斜街"), (5.1, "东至3号楼与5号楼之间")])
def test_a_border_within_five_metres_follows_a_street(distance: float, east: str) -> None:
    assert extents(make_town({"斜街": [(100 + distance, 0), (100 + distance, 100)]}))[0].split("，")[0] == east


def test_a_street_that_crosses_the_border_is_not_followed() -> None:
    assert extents(make_town({"横街": [(0, 50), (200, 50)]}))[0].startswith("东至3号楼与5号楼之间，")


def test_a_side_to_which_nothing_faces_is_named_by_what_is_farthest() -> None:
    triangle = shapely.Polygon([(0, 0), (100, 0), (0, 40)])
    rest = shapely.Polygon([(100, 0), (200, 0), (200, 100), (0, 100), (0, 40)])
    town = make_town(AROUND, geometry=[shapely.box(5, 5, 15, 15), shapely.box(140, 40, 160, 60)])
    assert extents(town, [triangle, rest])[0] == "东至南街，南至南街，西至西街，北至3号楼与5号楼之间"


def test_a_hole_is_no_side_of_the_grid_around_it() -> None:
    inner = shapely.box(130, 30, 170, 70)
    outer = shapely.box(0, 0, 200, 100).difference(inner)
    around, park = extents(make_town(), [outer, inner], kind="dedicated")
    assert around == "东至东湖路，南至南街，西至西街，北至社区边界"
    assert park == "东至001网格，南至5号楼与3号楼之间，西至5号楼与3号楼之间，北至5号楼与3号楼之间"


def test_a_building_without_a_name_is_named_by_address_or_code() -> None:
    town = make_town(name=[None, None], address=["南街3号", None])
    assert extents(town)[0].startswith("东至南街3号与b5之间，")
