"""Warnings of buildings that are not plausible: nothing is refused, and nothing stays silent."""

from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.core.errors import InputFault, InvalidInput
from gridmap.core.land.town import Town
from gridmap.demo import build_town
from gridmap.formats.package.town import read_town
from tests.fixtures.town_package import Layers, box, line, moved_to_town, sound_town, write_geopackage


@pytest.fixture
def layers() -> Layers:
    return sound_town()


def read_layers(layers: Layers, folder: Path, *, require_households: bool = True) -> Town:
    return read_town(write_geopackage(layers, folder / "town.gpkg"), require_households=require_households)


def problems(town: Town) -> list[str]:
    return [str(warning.problem) for warning in town.warnings]


def stack_points(layers: Layers, count: int, apart_m: float = 0.0) -> Layers:
    """Return the layers with points instead of footprints, the first of them at one point or in a row."""
    rows = layers["buildings"].iloc[[0] * count + [5]].reset_index(drop=True)
    places = [moved_to_town(shapely.Point(30 + apart_m * number, 25)) for number in range(count)]
    rows["geometry"] = [*places, moved_to_town(shapely.Point(300, 150))]
    return {**layers, "buildings": rows.assign(building_id=[f"p{number}" for number in range(len(rows))])}


def test_homes_on_dedicated_land_are_a_warning_with_the_first_rows(layers: Layers, tmp_path: Path) -> None:
    layers["dedicated"].loc[0, "geometry"] = box(0, 0, 95, 180)
    (warning,) = read_layers(layers, tmp_path).warnings
    said = "200 households in 2 buildings lie on dedicated land, 沙湖公园: rows 1 (b1), 2 (b2)"
    assert (warning.layer, warning.row, warning.id, str(warning.problem)) == ("buildings", 1, "b1", said)


def test_each_dedicated_land_has_its_own_sentence(layers: Layers, tmp_path: Path) -> None:
    layers["dedicated"] = layers["dedicated"].iloc[[0, 0]].assign(name=["小学", "中学"])
    layers["dedicated"]["geometry"] = [box(290, 140, 60, 40), box(10, 10, 45, 40)]
    first, second = problems(read_layers(layers, tmp_path))
    assert first == "120 households in 1 buildings lie on dedicated land, 中学: rows 1 (b1)"
    assert second == "90 households in 1 buildings lie on dedicated land, 小学: rows 6 (b6)"


def test_a_building_without_homes_on_dedicated_land_is_plausible(layers: Layers, tmp_path: Path) -> None:
    layers["dedicated"].loc[0, "geometry"] = box(10, 140, 60, 40)
    assert not problems(read_layers(layers, tmp_path))


def test_ten_buildings_on_one_point_are_a_warning(layers: Layers, tmp_path: Path) -> None:
    (warning,) = read_layers(stack_points(layers, 10), tmp_path).warnings
    said = "10 buildings on one point: rows 1 (p0), 2 (p1), 3 (p2), 4 (p3), 5 (p4) …"
    assert (str(warning.problem), warning.column) == (said, "geometry")


@pytest.mark.parametrize(("count", "apart_m"), [(9, 0.0), (12, 1.0)])
def test_fewer_buildings_on_one_point_and_a_row_of_points_are_plausible(
    layers: Layers, count: int, apart_m: float, tmp_path: Path
) -> None:
    assert not problems(read_layers(stack_points(layers, count, apart_m), tmp_path))


@pytest.mark.parametrize(("households", "said"), [(360, []), (372, ["62 households on each of 6 storeys"])])
def test_households_of_a_point_are_plausible_up_to_sixty_on_a_storey(
    layers: Layers, households: int, said: list[str], tmp_path: Path
) -> None:
    town = stack_points(layers, 2)
    town["buildings"].loc[0, "households"] = households
    assert problems(read_layers(town, tmp_path)) == said


@pytest.mark.parametrize(("households", "said"), [(216, []), (219, ["36.5 households on each of 6 storeys"])])
def test_households_of_a_footprint_have_ten_square_metres_of_floor(
    layers: Layers, households: int, said: list[str], tmp_path: Path
) -> None:
    layers["buildings"].loc[0, "households"] = households
    assert problems(read_layers(layers, tmp_path)) == said


def test_unknown_levels_and_households_are_not_compared(layers: Layers, tmp_path: Path) -> None:
    unknown = {"households": [float("nan"), 80, 0, 150, 60, 9000], "levels": [6, 6, 1, 11, 5, float("nan")]}
    layers["buildings"] = layers["buildings"].assign(**unknown)
    layers["dedicated"].loc[0, "geometry"] = box(0, 0, 55, 55)
    assert not problems(read_layers(layers, tmp_path, require_households=False))


def lake(layers: Layers, *shapes: shapely.Geometry, kind: str = "water") -> Layers:
    """Return the layers with barriers of a kind."""
    barriers = layers["barriers"].iloc[[0] * len(shapes)].assign(kind=kind).set_geometry(list(shapes))
    return {**layers, "barriers": barriers.set_crs(layers["barriers"].crs, allow_override=True)}


@pytest.mark.parametrize(
    ("inside_m", "said"),
    [
        (1.9, "80 households in 1 buildings lie on water: rows 2 (b2)"),
        (2.1, "200 households in 2 buildings lie on water: rows 1 (b1), 2 (b2)"),
    ],
)
def test_homes_more_than_two_metres_off_the_bank_are_a_warning(
    layers: Layers, inside_m: float, said: str, tmp_path: Path
) -> None:
    assert problems(read_layers(lake(layers, box(35 - inside_m, 0, 60, 60)), tmp_path)) == [said]


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (box(0, 0, 100, 100), "rail"),
        (line((0, 26), (100, 26)), "water"),
        (box(10, 140, 60, 40), "water"),
    ],
)
def test_rails_rivers_drawn_as_lines_and_pavilions_are_plausible(
    layers: Layers, shape: shapely.Geometry, kind: str, tmp_path: Path
) -> None:
    assert not problems(read_layers(lake(layers, shape, kind=kind), tmp_path))


@pytest.mark.parametrize(
    ("east_m", "north_m", "said"),
    [(40, -30, "50 m to the north-west"), (0, 60, "60 m to the south")],
)
def test_buildings_that_are_shifted_together_are_a_warning(
    east_m: float, north_m: float, said: str, tmp_path: Path
) -> None:
    (warning,) = read_demo(east_m, north_m, tmp_path)
    assert said in str(warning.problem)
    assert warning.is_implausible
    assert "lie on streets or outside every community" in str(warning.problem)


@pytest.mark.parametrize(("east_m", "north_m"), [(0, 0), (2, 2)])
def test_buildings_beside_their_streets_are_plausible(east_m: float, north_m: float, tmp_path: Path) -> None:
    assert not read_demo(east_m, north_m, tmp_path)


def test_a_shift_that_explains_faults_is_one_of_them(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as bad:
        read_demo(300, 400, tmp_path)
    assert [fault.problem.values["distance"] for fault in bad.value.faults if "moved by" in str(fault.problem)] == [
        "500"
    ]


@cache
def small_town() -> Town:
    """Return an invented town of 4,000 households."""
    return build_town(4_000)


def read_demo(east_m: float, north_m: float, folder: Path) -> list[InputFault]:
    """Return the warnings of a small invented town whose inner buildings are moved."""
    town = small_town()
    shapes = shapely.transform(town.buildings.geometry.to_numpy(), lambda points: points + np.array([east_m, north_m]))
    moved = town.buildings.set_geometry(shapes, crs=town.crs)
    if np.hypot(east_m, north_m) < 100:
        inside = moved.within(town.communities.union_all())
        moved = moved[inside]
    layers = {"communities": town.communities, "buildings": moved.drop(columns="community"), "streets": town.streets}
    return [each for each in read_town(write_geopackage(layers, folder / "demo.gpkg")).warnings if each.is_implausible]


def spread_courtyard(layers: Layers, gap: float, **columns: object) -> Layers:
    """Return the layers with two buildings of one courtyard in the first community, some metres apart."""
    layers["communities"].loc[0, "geometry"] = box(-400, 0, 600, 200)
    places = [box(20, 20, 30, 12), box(-10 - gap, 20, 30, 12)]
    rows = layers["buildings"].iloc[:2].assign(courtyard="1号院", **columns)
    return {**layers, "buildings": rows.set_geometry(gpd.GeoSeries(places, index=rows.index, crs=rows.crs))}


@pytest.mark.parametrize("estate", [None, "东湖花园"])
def test_a_courtyard_in_two_places_is_a_warning_with_their_distance(
    layers: Layers, tmp_path: Path, estate: str | None
) -> None:
    (warning,) = read_layers(spread_courtyard(layers, 201, estate=estate), tmp_path).warnings
    name = "东湖花园 · 1号院" if estate else "1号院"
    said = f"the buildings of courtyard {name} lie 201 m apart: they are read as 2 courtyards"
    assert (warning.row, warning.column, str(warning.problem)) == (2, "courtyard", said)


def test_a_courtyard_with_gaps_of_200_m_is_plausible(layers: Layers, tmp_path: Path) -> None:
    assert not read_layers(spread_courtyard(layers, 200), tmp_path).warnings


def test_one_name_in_two_estates_far_apart_is_plausible(layers: Layers, tmp_path: Path) -> None:
    layers = spread_courtyard(layers, 300, estate=["东湖花园", "西苑"])
    assert not read_layers(layers, tmp_path).warnings
