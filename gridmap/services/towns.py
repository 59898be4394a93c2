"""Invented towns to try gridmap with."""

import tomllib
from pathlib import Path
from typing import Any

from gridmap.config import folder
from gridmap.core.demo import Recipe, build_town
from gridmap.formats.geopackage import write_layers

LAYERS = ("communities", "buildings", "streets", "barriers", "dedicated")


def write_demo_town(target: Path, households: int = 4_000, seed: int = 0, recipe: str = "small") -> None:
    """Write an invented town as a town package, in EPSG:4547.

    Parameters
    ----------
    target : Path
        GeoPackage to write; an existing one is replaced.
    households : int
        How many live there, exactly; 4,000 make the two communities of ``small``, each with several grids.
    seed : int
        Same arguments, same town.
    recipe : str
        Name of a file in ``data/towns``.

    Raises
    ------
    BadInput
        If `target` cannot be written.
    """
    town = build_town(households, seed, read_recipe(recipe))
    layers = {name: getattr(town, name).drop(columns="community", errors="ignore") for name in LAYERS}
    write_layers(
        target, {name: layer.dropna(axis="columns", how="all") for name, layer in layers.items() if len(layer)}
    )


def read_recipe(name: str) -> Recipe:
    """Read a recipe of ``data/towns`` by the name of its file.

    Examples
    --------
    >>> read_recipe("small").rows
    (2, 2)
    """
    text = (folder("data") / "towns" / f"{name}.toml").read_text("utf-8")
    values: dict[str, Any] = {key: _frozen(value) for key, value in tomllib.loads(text).items()}
    return Recipe(**values)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
