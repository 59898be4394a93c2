"""The town of the corpus: three communities of 16 ha with 720 households each, and two sound grids in each of them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from tests.corpus.cases import CODES, NAMES
from tests.fixtures.town_package import CRS, Layers, box, line, write_geopackage

SIDE_M = 400.0
Change = Callable[[Layers], object]


def small_town(*names: str) -> Layers:
    """Return the layers of the town, or those of them that are named."""
    layers = {
        "communities": draw_layer(
            {"code": CODES, "name": NAMES}, [box(SIDE_M * i, 0, SIDE_M, SIDE_M) for i in range(3)]
        ),
        "buildings": _draw_buildings(),
        "streets": draw_layer({"name": ["中北路"], "kind": ["arterial"]}, [line((-50, 20), (1250, 20))]),
        "grids": draw_layer(
            {"grid_code": [f"g{i + 1}" for i in range(6)]}, [box(200 * i, 0, 200, SIDE_M) for i in range(6)]
        ),
    }
    return {name: layers[name] for name in names or layers}


def _draw_buildings() -> gpd.GeoDataFrame:
    corners = [(30 + 90 * i, 40 + 120 * j) for i in range(4) for j in range(3)]
    shapes = [box(SIDE_M * k + x, y, 40, 14) for k in range(3) for x, y in corners]
    columns = {"building_id": [f"b{i + 1}" for i in range(36)], "households": [60] * 36, "levels": [6] * 36}
    return draw_layer(columns, shapes)


def draw_layer(columns: Mapping[str, object], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    """Return a layer in the CRS of the town."""
    return gpd.GeoDataFrame({name: list(values) for name, values in columns.items()}, geometry=shapes, crs=CRS)  # type: ignore[call-overload]


def write_town(folder: Path, change: Change | None = None, layers: Layers | None = None) -> Path:
    """Write the town as a GeoPackage, after a change of its layers."""
    layers = small_town() if layers is None else layers
    if change is not None:
        change(layers)
    return write_geopackage(layers, folder / "town.gpkg")


def town_written(change: Change | None = None) -> Callable[[Path], Path]:
    """Return a function that writes the town after a change."""
    return lambda folder: write_town(folder, change)


def set_values(layer: str, column: str, values: Mapping[int, object] | object) -> Change:
    """Set values of a column by row, or one value in all rows."""

    def change(layers: Layers) -> None:
        old = list(layers[layer][column].astype(object)) if column in layers[layer] else [None] * len(layers[layer])
        new = [values.get(i + 1, value) for i, value in enumerate(old)] if isinstance(values, Mapping) else values
        layers[layer][column] = pd.Series(new, index=layers[layer].index, dtype=object)

    return change
