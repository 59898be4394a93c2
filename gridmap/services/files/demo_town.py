"""Invented towns to try gridmap with."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd

from gridmap.config import resource_dir
from gridmap.demo import DemoTown, Mistakes, NameList, NameLists, TownPreset, build_demo
from gridmap.demo.population import IncidentTopic, PopulationPreset
from gridmap.formats.results.geopackage import write_layers

TOWN_LAYERS = ("communities", "buildings", "streets", "barriers", "dedicated")


def write_demo_town(target: Path, households: int | None = None, seed: int = 0, recipe: str = "town") -> None:
    """Write an invented town as a town package, in EPSG:4547.

    Parameters
    ----------
    target : Path
        GeoPackage to write; an existing one is replaced.
    households : int, optional
        How many live there, exactly; by default as many as the recipe says.
    seed : int
        Same arguments, same town.
    recipe : str
        ``town``, ``strip`` or ``towers``: a file of ``data/towns``.

    Raises
    ------
    BadInput
        If `target` cannot be written.
    """
    parameters = read_recipe(recipe)
    demo = build_demo(parameters.households if households is None else households, seed, parameters)
    layers = {
        name: layer.dropna(axis="columns", how="all") for name, layer in _package_layers(demo).items() if len(layer)
    }
    write_layers(target, layers)


def _package_layers(demo: DemoTown) -> dict[str, gpd.GeoDataFrame]:
    town = {name: getattr(demo.town, name).drop(columns="community", errors="ignore") for name in TOWN_LAYERS}
    outline = gpd.GeoDataFrame({"name": [demo.town.name]}, geometry=[demo.town.subdistrict], crs=demo.town.crs)
    besides = {"resident_groups": demo.resident_groups, "shops": demo.shops}
    return {**town, "subdistrict": outline, "grids": demo.grids, **besides}


def read_recipe(name: str) -> TownPreset:
    """Read a recipe of ``data/towns`` by the name of its file, with the names of ``words.toml``.

    Examples
    --------
    >>> read_recipe("strip").communities, read_recipe("town").words.lanes.at(0)
    (2, '幸福巷')
    """
    values = {key: _freeze(value) for key, value in _read_toml(name).items()}
    mistakes = Mistakes(**values.pop("mistakes", {}))
    return replace(TownPreset(**values), mistakes=mistakes, name_lists=_parse_words(_read_toml("words")))


def read_life() -> PopulationPreset:
    """Read who lives in an artificial town and what happens there from ``data/towns/life.toml``.

    Examples
    --------
    >>> read_life().county
    '440199'
    """
    values = {key: _freeze(value) for key, value in _read_toml("life").items()}
    lines = {key: IncidentTopic(line["share"], tuple(line["titles"])) for key, line in values.pop("lines").items()}
    return PopulationPreset(**values, lines=lines)


def _read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((resource_dir("data") / "towns" / f"{name}.toml").read_text("utf-8"))


def _parse_words(values: Mapping[str, Any]) -> NameLists:
    public = {use: _parse_names(names) for use, names in values["public"].items()}
    rest: dict[str, Any] = {
        key: _parse_names(value) if isinstance(value, dict) else _freeze(value)
        for key, value in values.items()
        if key != "public"
    }
    return NameLists(**rest, public=public)


def _parse_names(values: Mapping[str, list[str]]) -> NameList:
    return NameList(**{key: tuple(words) for key, words in values.items()})


def _freeze(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
