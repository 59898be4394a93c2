"""Borders between cells: their kinds, lengths and whether pedestrians can cross them."""

from dataclasses import replace

import geopandas as gpd
import pytest

from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.vocabulary import BorderKind
from tests.fixtures.ascii_towns import town


def border_between(drawn_town: Town, one: str = "A", two: str = "B") -> tuple[dict[BorderKind, float], bool]:
    """Return metres of border by kind between the cells of two buildings, and whether the border is walkable."""
    land = build_land(drawn_town)
    ids = drawn_town.buildings["building_id"].tolist()
    cells = sorted(int(land.cell_of_building[ids.index(building)]) for building in (one, two))
    (pair,) = [k for k in range(len(land.borders.left)) if [land.borders.left[k], land.borders.right[k]] == cells]
    length = {kind: float(land.borders.length[pair][kind]) for kind in BorderKind if land.borders.length[pair][kind]}
    return length, bool(land.borders.walkable[pair])


def is_reachable(drawn_town: Town) -> bool:
    """Return whether B can be reached from A on foot, through any cells."""
    land, ids = build_land(drawn_town), drawn_town.buildings["building_id"].tolist()
    reached, target = {int(land.cell_of_building[ids.index("A")])}, int(land.cell_of_building[ids.index("B")])
    while more := _neighbours(land, reached) - reached:
        reached |= more
    return target in reached


def _neighbours(land: LandCoverage, cells: set[int]) -> set[int]:
    borders = zip(land.borders.left.tolist(), land.borders.right.tolist(), land.borders.walkable, strict=True)
    return {
        cell for one, two, walkable in borders if walkable and (one in cells or two in cells) for cell in (one, two)
    }


def test_a_border_between_buildings_is_open() -> None:
    length, walkable = border_between(town("AB", gap=0))
    assert length == {BorderKind.OPEN: pytest.approx(20)}
    assert walkable


@pytest.mark.parametrize(
    ("character", "kind"),
    [("!", BorderKind.ARTERIAL), ("|", BorderKind.LOCAL), (":", BorderKind.LANE), ("%", BorderKind.WALL)],
)
def test_a_border_has_the_kind_of_its_line(character: str, kind: BorderKind) -> None:
    row = f".{character}."
    drawn = town("\n".join([row, f"A{character}B", row]), communities="...\nXXX\n...")
    length, walkable = border_between(drawn)
    assert length == {kind: pytest.approx(20)}
    assert walkable


@pytest.mark.parametrize("kind", ["rail", "motorway"])
def test_rail_and_motorway_block_the_way(kind: str) -> None:
    drawn = town("A.!.B\n..!..")
    lines = gpd.GeoDataFrame({"kind": [kind]}, geometry=drawn.streets.geometry, crs=drawn.crs)
    length, walkable = border_between(replace(drawn, streets=drawn.streets.iloc[:0], barriers=lines))
    assert [border_kind.name.lower() for border_kind in length] == [kind]
    assert not walkable


def test_a_motorway_among_the_streets_blocks_the_way() -> None:
    drawn = town("A.|.B\n..|..")
    assert not border_between(replace(drawn, streets=drawn.streets.assign(kind="motorway")))[1]


def test_a_street_across_the_rail_makes_it_walkable() -> None:
    communities = "\n".join([".XXX."] * 5)
    assert not is_reachable(town("..A..\n.....\n^^^^^\n.....\n..B..", communities))
    assert is_reachable(town(".A|..\n..|..\n^^*^^\n..|..\n.B|..", communities))


def test_a_street_that_ends_at_the_rail_does_not_make_it_walkable() -> None:
    communities = "\n".join([".XXX."] * 5)
    assert not is_reachable(town(".A|..\n..|..\n^^*^^\n.....\n.B...", communities))


def test_water_is_crossed_only_where_there_is_a_bridge() -> None:
    assert is_reachable(town("A.|..\n..|..\n##*##\n..|..\nB.|.."))
    assert not is_reachable(town("A....\n.....\n#####\n.....\nB...."))


def test_the_strongest_line_decides_the_kind_of_a_border() -> None:
    drawn = town("A.!.B\n..!..")
    two_streets = drawn.streets.loc[[0, 0]].reset_index(drop=True).assign(kind=["local", "arterial"])
    length, _ = border_between(replace(drawn, streets=two_streets))
    assert list(length) == [BorderKind.ARTERIAL]


def test_cells_that_touch_only_at_a_corner_share_no_border() -> None:
    drawn = town("AC\nDB", gap=0)
    land = build_land(drawn)
    pairs = set(zip(land.borders.left.tolist(), land.borders.right.tolist(), strict=True))
    ids = drawn.buildings["building_id"].tolist()
    corner = tuple(sorted(int(land.cell_of_building[ids.index(name)]) for name in "AB"))
    assert len(pairs) == 4
    assert corner not in pairs


def test_cells_of_two_communities_share_a_border() -> None:
    length, _ = border_between(town("A.B", communities="XXY"))
    assert sum(length.values()) == pytest.approx(20)
