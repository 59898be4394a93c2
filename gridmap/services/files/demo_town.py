"""Invented towns for trying out gridmap."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd

from gridmap.config import resource_dir
from gridmap.demo import DemoTown, Mistakes, NameList, NameLists, TownPreset, build_demo
from gridmap.demo.population import HandlingTexts, IncidentTopic, PopulationPreset
from gridmap.formats.results.geopackage import write_layers

TOWN_LAYERS = ("communities", "buildings", "streets", "barriers", "dedicated")


def write_demo_town(target: Path, households: int | None = None, seed: int = 0, preset: str = "town") -> None:
    """Write an invented town as a town package, in EPSG:4547.

    Parameters
    ----------
    target : Path
        GeoPackage to write; an existing one is replaced.
    households : int, optional
        Exact number of households; by default the number of the preset.
    seed : int
        The same arguments give the same town.
    preset : str
        ``town``, ``strip`` or ``towers``: a file of ``data/towns``.

    Raises
    ------
    InvalidInput
        If `target` cannot be written.
    """
    parameters = read_town_preset(preset)
    demo = build_demo(parameters.households if households is None else households, seed, parameters)
    layers = {
        name: layer.dropna(axis="columns", how="all") for name, layer in _package_layers(demo).items() if len(layer)
    }
    write_layers(target, layers)


def _package_layers(demo: DemoTown) -> dict[str, gpd.GeoDataFrame]:
    town = {name: getattr(demo.town, name).drop(columns="community", errors="ignore") for name in TOWN_LAYERS}
    outline = gpd.GeoDataFrame({"name": [demo.town.name]}, geometry=[demo.town.subdistrict], crs=demo.town.crs)
    extras = {"resident_groups": demo.resident_groups, "shops": demo.shops}
    return {**town, "subdistrict": outline, "grids": demo.grids, **extras}


def read_town_preset(name: str) -> TownPreset:
    """Read a preset of ``data/towns`` by the name of its file, with the names of ``name_lists.toml``.

    Examples
    --------
    >>> read_town_preset("strip").communities, read_town_preset("town").name_lists.lanes.name_at(0)
    (2, '幸福巷')
    """
    values = {key: _freeze(value) for key, value in _read_toml(name).items()}
    mistakes = Mistakes(**values.pop("mistakes", {}))
    return replace(TownPreset(**values), mistakes=mistakes, name_lists=_parse_name_lists(_read_toml("name_lists")))


def read_population_preset() -> PopulationPreset:
    """Read population and incidents of an invented town from ``data/towns/population.toml``.

    Examples
    --------
    >>> read_population_preset().county
    '440199'
    """
    values = {key: _freeze(value) for key, value in _read_toml("population").items()}
    topics = {key: IncidentTopic(row["share"], tuple(row["titles"])) for key, row in values.pop("topics").items()}
    handling = HandlingTexts(**{key: tuple(choices) for key, choices in values.pop("handling").items()})
    return PopulationPreset(**values, topics=topics, handling=handling)


def _read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((resource_dir("data") / "towns" / f"{name}.toml").read_text("utf-8"))


def _parse_name_lists(values: Mapping[str, Any]) -> NameLists:
    public = {use: _parse_names(names) for use, names in values["public"].items()}
    lists: dict[str, Any] = {
        key: _parse_names(value) if isinstance(value, dict) else _freeze(value)
        for key, value in values.items()
        if key != "public"
    }
    return NameLists(**lists, public=public)


def _parse_names(values: Mapping[str, list[str]]) -> NameList:
    return NameList(**{key: tuple(parts) for key, parts in values.items()})


def _freeze(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
