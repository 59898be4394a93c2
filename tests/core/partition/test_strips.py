"""Strips between dedicated land and streets: cut at its corners, and counted to it where homes stay connected."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate, translate
from shapely.affinity import scale as scale_shape

from gridmap.core.land.barriers import collect_barriers
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.enclosures import build_enclosures
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.vocabulary import GridKind
from gridmap.demo.layers import assemble_town
from tests.fixtures.ascii_towns import CORNER

HOMES = (shapely.box(40, 190, 60, 210), shapely.box(340, 190, 360, 210))
BLOCK = shapely.box(100, 100, 300, 300)
"""Block of the school, with a street on every side."""


def make_town(
    school: shapely.Geometry,
    *buildings: shapely.Geometry,
    homes: tuple[shapely.Geometry, ...] = HOMES,
    streets: shapely.Geometry | None = None,
    scale: float = 1,
) -> Town:
    """Return a town of 400 m with a school in the middle, a block of homes on either side, and other buildings."""
    move = partial(_move, factor=scale)
    ends = shapely.MultiLineString([[(0, at), (400, at)] for at in (100, 300)])
    lines = shapely.get_parts(streets or ends | shapely.MultiLineString([[(at, 0), (at, 400)] for at in (100, 300)]))
    shapes = [*homes, *buildings]
    return assemble_town(
        "strips",
        communities={"code": ["c"], "name": ["c"], "geometry": [move(shapely.box(0, 0, 400, 400))]},
        buildings={
            "building_id": [f"b{number}" for number, _ in enumerate(shapes)],
            "households": [400] * len(homes) + [0] * len(buildings),
            "community": [0] * len(shapes),
            "geometry": [move(shape) for shape in shapes],
        },
        streets={"kind": ["local"] * len(lines), "geometry": [move(line) for line in lines]},
        barriers={"kind": [], "geometry": []},
        dedicated={"name": ["school"], "geometry": [move(school)]},
    )


def _move(shape: shapely.Geometry, factor: float = 1) -> shapely.Geometry:
    return translate(scale_shape(shape, factor, factor, origin=(0, 0)), *CORNER)


def list_strips(land: LandCoverage, block: shapely.Geometry = BLOCK) -> list[float]:
    """Return the areas of the open land in the block of the school."""
    inside = shapely.covered_by(shapely.point_on_surface(land.cells), _move(block)) & (land.dedicated < 0)
    return sorted(shapely.area(land.cells[inside]).round().tolist())


def school_grid(town: Town) -> shapely.Geometry:
    """Return the land of the dedicated grid of a partition."""
    land = build_land(town)
    plan = partition_town(town, land, PartitionSettings())
    (grid,) = (number for number, kind in enumerate(plan.kind) if kind is GridKind.DEDICATED)
    return translate(shapely.coverage_union_all(land.cells[plan.grid_of_cell == grid]), -CORNER[0], -CORNER[1])


@pytest.mark.parametrize(("inset", "count"), [(15, 8), (15.2, 1)])
def test_a_strip_is_cut_at_the_corners_up_to_its_width(inset: float, count: int) -> None:
    strips = list_strips(build_land(make_town(shapely.buffer(BLOCK, -inset, join_style="mitre"))))
    assert len(strips) == count
    assert sum(strips) == pytest.approx(40_000 - (200 - 2 * inset) ** 2, abs=4)


@pytest.mark.parametrize(("bulge", "count"), [(1.9, 8), (2.1, 9)])
def test_a_strip_is_cut_only_at_corners(bulge: float, count: int) -> None:
    school = shapely.Polygon([(112, 112), (200, 112 - bulge), (288, 112), (288, 288), (112, 288)])
    assert len(list_strips(build_land(make_town(school)))) == count


@pytest.mark.parametrize(
    ("obstacle", "inside"),
    [
        ("building", shapely.box(101, 102, 105, 120)),
        ("land", shapely.box(103, 102, 108, 150)),
        ("street", shapely.box(110, 301, 290, 304)),
    ],
)
def test_no_cut_crosses_what_lies_between(obstacle: str, inside: shapely.Geometry) -> None:
    school = shapely.box(112, 112, 288, 292)
    streets = shapely.MultiLineString([[(100, 0), (100, 400)], *([(0, at), (400, at)] for at in (300, 305))])
    town = make_town(school, *([inside] if obstacle == "building" else []), streets=streets)
    if obstacle == "land":
        town = replace(town, dedicated=town.dedicated.iloc[[0, 0]].set_geometry([_move(school), _move(inside)]))
    lines = build_enclosures(town, collect_barriers(town)).lines
    assert not shapely.intersects(lines, _move(inside.buffer(-0.1))).any()


def test_a_narrow_strip_goes_with_the_school() -> None:
    school = shapely.box(104, 104, 296, 296)
    assert school_grid(make_town(school)).symmetric_difference(BLOCK).area < 100


def test_of_a_wide_strip_a_tenth_goes_with_the_school() -> None:
    school = shapely.box(106, 106, 294, 294)
    grid = school_grid(make_town(school))
    assert 0.9 < school.area / grid.area < 0.93
    assert grid.contains(school)


def test_the_largest_part_of_a_wide_strip_goes_with_the_school() -> None:
    assert school_grid(make_town(shapely.box(112, 103, 297, 297))).contains(shapely.box(101, 104, 111, 296))


def test_an_oblique_school_takes_its_strip() -> None:
    """Its outline is rounded to the millimetre, so that cells do not touch it exactly."""
    school = rotate(shapely.box(104, 104, 296, 296), 1.98)
    assert school_grid(make_town(school)).symmetric_difference(BLOCK).area < 200


def test_the_corners_of_a_strip_go_with_the_school() -> None:
    town = make_town(shapely.box(104, 104, 296, 296), scale=3)
    assert school_grid(town).area == pytest.approx(600**2, abs=4)


def test_a_strip_in_another_community_stays_there() -> None:
    school = shapely.box(100, 104, 296, 296)
    streets = shapely.MultiLineString([[(90, 0), (90, 400)], *([(0, at), (400, at)] for at in (100, 300))])
    town = make_town(school, streets=streets)
    halves = [_move(shapely.box(0, 0, 100, 400)), _move(shapely.box(100, 0, 400, 400))]
    town = replace(
        town,
        communities=town.communities.iloc[[0, 0]].assign(code=["a", "b"]).set_geometry(halves),
        buildings=town.buildings.assign(community=[0, 1]),
    )
    assert school_grid(town).bounds[0] == pytest.approx(100)


def test_a_building_keeps_a_strip_from_the_school() -> None:
    kiosk = shapely.box(104, 190, 107, 196)
    grid = school_grid(make_town(shapely.box(108, 104, 296, 296), kiosk))
    assert not grid.intersects(shapely.box(101, 140, 106, 250))


def test_land_that_reaches_far_from_the_school_is_no_strip() -> None:
    ends = shapely.MultiLineString([[(0, 100), (400, 100)], [(0, 300), (400, 300)], [(300, 0), (300, 400)]])
    grid = school_grid(make_town(shapely.box(104, 104, 296, 296), streets=ends, homes=HOMES[1:]))
    assert not grid.intersects(shapely.box(20, 150, 90, 250))


def test_homes_on_both_sides_stay_connected() -> None:
    """North of the school lies the border of the community: the strip there is the only way between the homes."""
    school = shapely.box(104, 8, 296, 392)
    sides = shapely.MultiLineString([[(100, 0), (100, 400)], [(300, 0), (300, 400)]])
    town = make_town(school, streets=sides, homes=(HOMES[0], HOMES[1]))
    land = build_land(town)
    plan = partition_town(town, land, PartitionSettings())
    rest = shapely.coverage_union_all(land.cells[np.isin(plan.grid_of_cell, plan.grid_of_cell[land.cell_of_building])])
    assert rest.geom_type == "Polygon"


def test_where_nobody_lives_the_strip_goes_with_the_school() -> None:
    town = make_town(shapely.box(104, 104, 296, 296), homes=())
    halves = shapely.GeometryCollection([BLOCK, shapely.box(0, 0, 400, 400) - BLOCK])
    town = replace(
        town,
        communities=town.communities.iloc[[0, 0]].assign(code=["a", "b"]).set_geometry([*map(_move, halves.geoms)]),
    )
    assert school_grid(town).area == pytest.approx(40_000, abs=4)


def test_where_nobody_lives_open_land_on_both_sides_stays_connected() -> None:
    sides = shapely.MultiLineString([[(100, 0), (100, 400)], [(300, 0), (300, 400)]])
    grid = school_grid(make_town(shapely.box(104, 8, 296, 392), streets=sides, homes=()))
    assert grid.area == pytest.approx(192 * 384, abs=4)
