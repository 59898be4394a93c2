"""Invented towns to try gridmap with."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd

from gridmap.config import folder
from gridmap.core.demo import Demo, Mistakes, Names, Recipe, Words, build_demo
from gridmap.core.demo.life import Life, Topic
from gridmap.formats.geopackage import write_layers

LAYERS = ("communities", "buildings", "streets", "barriers", "dedicated")


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
    layers = {name: layer.dropna(axis="columns", how="all") for name, layer in _layers(demo).items() if len(layer)}
    write_layers(target, layers)


def _layers(demo: Demo) -> dict[str, gpd.GeoDataFrame]:
    town = {name: getattr(demo.town, name).drop(columns="community", errors="ignore") for name in LAYERS}
    outline = gpd.GeoDataFrame({"name": [demo.town.name]}, geometry=[demo.town.subdistrict], crs=demo.town.crs)
    besides = {"resident_groups": demo.resident_groups, "shops": demo.shops}
    return {**town, "subdistrict": outline, "grids": demo.grids, **besides}


def read_recipe(name: str) -> Recipe:
    """Read a recipe of ``data/towns`` by the name of its file, with the names of ``words.toml``.

    Examples
    --------
    >>> read_recipe("strip").communities, read_recipe("town").words.lanes.at(0)
    (2, '幸福巷')
    """
    values = {key: _frozen(value) for key, value in _read(name).items()}
    mistakes = Mistakes(**values.pop("mistakes", {}))
    return replace(Recipe(**values), mistakes=mistakes, words=_words(_read("words")))


def read_life() -> Life:
    """Read who lives in an artificial town and what happens there from ``data/towns/life.toml``.

    Examples
    --------
    >>> read_life().county
    '440199'
    """
    values = {key: _frozen(value) for key, value in _read("life").items()}
    lines = {key: Topic(line["share"], tuple(line["titles"])) for key, line in values.pop("lines").items()}
    return Life(**values, lines=lines)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((folder("data") / "towns" / f"{name}.toml").read_text("utf-8"))


def _words(values: Mapping[str, Any]) -> Words:
    public = {use: _names(names) for use, names in values["public"].items()}
    rest: dict[str, Any] = {
        key: _names(value) if isinstance(value, dict) else _frozen(value)
        for key, value in values.items()
        if key != "public"
    }
    return Words(**rest, public=public)


def _names(values: Mapping[str, list[str]]) -> Names:
    return Names(**{key: tuple(words) for key, words in values.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
