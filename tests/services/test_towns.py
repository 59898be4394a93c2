"""Invented towns are town packages like any other."""

from pathlib import Path

import pytest

from gridmap.core.demo import build_town
from gridmap.formats.town import read_town
from gridmap.services.towns import read_recipe, write_demo_town


@pytest.mark.parametrize("recipe", ["small", "town"])
def test_an_invented_town_reads_back_without_a_warning(tmp_path: Path, recipe: str) -> None:
    write_demo_town(tmp_path / "town.gpkg", 4_000, seed=3, recipe=recipe)
    town = read_town(tmp_path / "town.gpkg")
    assert town.warnings == ()
    assert town.buildings.households.sum() == 4_000


def test_nothing_is_lost_in_the_file(tmp_path: Path) -> None:
    write_demo_town(tmp_path / "town.gpkg")
    read, built = read_town(tmp_path / "town.gpkg"), build_town(4_000, recipe=read_recipe("small"))
    assert read.buildings[built.buildings.columns].equals(built.buildings)
    assert read.streets.geometry.geom_equals(built.streets.geometry).all()
    assert read.barriers.kind.tolist() == built.barriers.kind.tolist()


def test_a_single_household_makes_a_town(tmp_path: Path) -> None:
    write_demo_town(tmp_path / "town.gpkg", households=1)
    assert len(read_town(tmp_path / "town.gpkg").buildings) == 1


def test_the_built_in_town_has_two_communities(tmp_path: Path) -> None:
    write_demo_town(tmp_path / "town.gpkg")
    assert read_town(tmp_path / "town.gpkg").communities.name.tolist() == ["临江社区", "桑园社区"]
