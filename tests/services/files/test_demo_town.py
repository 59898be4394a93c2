"""Invented towns are valid town packages."""

from pathlib import Path

import pyogrio
import pytest

from gridmap.demo import build_town
from gridmap.formats.package.drawn_grids import read_drawn_grids
from gridmap.formats.package.town import read_town
from gridmap.services.files.demo_town import read_town_preset, write_demo_town

PRESETS = ("town", "strip", "towers")


@pytest.fixture(scope="module", params=PRESETS)
def town_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the town of a preset to a file of that name."""
    path = tmp_path_factory.mktemp("towns") / f"{request.param}.gpkg"
    write_demo_town(path, seed=3, preset=request.param)
    return path


def test_an_invented_town_reads_back_without_a_warning(town_file: Path) -> None:
    town = read_town(town_file)
    assert town.warnings == ()
    assert town.buildings.households.sum() == read_town_preset(town_file.stem).households


def test_its_drawn_grids_are_read(town_file: Path) -> None:
    drawn = read_drawn_grids(town_file, read_town(town_file))
    assert len(drawn) >= 8
    assert sum(code is None for code in drawn.codes) == 1
    assert not drawn.repaired.any()


def test_optional_layers_are_written(town_file: Path) -> None:
    names = {name for name, _ in pyogrio.list_layers(town_file)}
    assert names >= {"communities", "buildings", "streets", "grids", "resident_groups", "subdistrict"}


def test_nothing_is_lost_in_the_file(tmp_path: Path) -> None:
    write_demo_town(tmp_path / "town.gpkg")
    read, built = read_town(tmp_path / "town.gpkg"), build_town(4_000, preset=read_town_preset("town"))
    assert read.buildings[built.buildings.columns].equals(built.buildings)
    assert read.streets.geometry.geom_equals(built.streets.geometry).all()
    assert read.streets.name.dropna().tolist() == built.streets.name.dropna().tolist()
    assert read.barriers.kind.tolist() == built.barriers.kind.tolist()


def test_a_single_household_makes_a_town(tmp_path: Path) -> None:
    write_demo_town(tmp_path / "town.gpkg", households=1)
    assert read_town(tmp_path / "town.gpkg").buildings.households.tolist() == [1]


def test_the_names_are_chinese(tmp_path: Path) -> None:
    write_demo_town(tmp_path / "town.gpkg")
    town = read_town(tmp_path / "town.gpkg")
    for layer in (town.communities.name, town.streets.name.dropna(), town.buildings.address, town.dedicated.name):
        assert layer.str.contains(r"[一-鿿]").all()
