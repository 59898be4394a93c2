"""Ways to break a good town, and what has to be said about it."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.typing import NDArray

from gridmap.core.errors import BadInput, Fault
from gridmap.formats.town import read_town
from tests.formats.packages import Layers, files

Break = Callable[[Layers], object]
Damage = Callable[[Path], object]
Points = NDArray[np.float64]


class Expected(NamedTuple):
    """Where the fault is said to be, and a word of what is said."""

    layer: str
    row: int | None
    column: str | None
    word: str


def value(layer: str, column: str, wrong: object, row: int = 1) -> Break:
    """Put a wrong value into one row."""

    def broken(layers: Layers) -> None:
        values = list(layers[layer][column].astype(object))
        values[row - 1] = wrong
        layers[layer][column] = pd.Series(values, dtype=object if isinstance(wrong, str) else None)

    return broken


def every(layer: str, column: str, wrong: object) -> Break:
    """Put a wrong value into all rows."""

    def broken(layers: Layers) -> None:
        layers[layer][column] = [wrong] * len(layers[layer])

    return broken


def shape(layer: str, wrong: shapely.Geometry | None, row: int = 1) -> Break:
    """Put a wrong shape into one row."""

    def broken(layers: Layers) -> None:
        shapes = list(layers[layer].geometry)
        shapes[row - 1] = wrong
        layers[layer] = layers[layer].set_geometry(gpd.GeoSeries(shapes, crs=layers[layer].crs))

    return broken


def moved(layer: str, function: Callable[[Points], Points], crs: object = None) -> Break:
    """Move all coordinates of a layer, perhaps in another CRS."""

    def broken(layers: Layers) -> None:
        frame = layers[layer] if crs is None else layers[layer].to_crs(crs)
        shapes = shapely.transform(frame.geometry.to_numpy(), function)
        layers[layer] = frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))

    return broken


def all_moved(function: Callable[[Points], Points], crs: object = None) -> Break:
    """Move all coordinates of the town."""
    return lambda layers: [moved(name, function, crs)(layers) for name in list(layers)]


def labelled(layer: str, crs: object) -> Break:
    """Claim another CRS without changing the coordinates."""

    def broken(layers: Layers) -> None:
        layers[layer] = layers[layer].set_crs(crs, allow_override=True)

    return broken


def without(layer: str, column: str | None = None) -> Break:
    """Leave out a layer or a column."""

    def broken(layers: Layers) -> None:
        frame = layers.pop(layer)
        if column:
            layers[layer] = frame.drop(columns=column)

    return broken


def no_rows(layer: str) -> Break:
    """Leave out all rows."""

    def broken(layers: Layers) -> None:
        layers[layer] = layers[layer].iloc[:0]

    return broken


def faults_of(source: Path) -> tuple[Fault, ...]:
    before = files(source.parent)
    with pytest.raises(BadInput) as bad:
        read_town(source)
    assert files(source.parent) == before
    return bad.value.faults


def said(fault: Fault) -> str:
    return f"{fault.problem} | {fault.value} | {fault.expected} | {fault.advice}"


def assert_named(faults: tuple[Fault, ...], expected: Expected) -> None:
    places = [fault for fault in faults if (fault.layer, fault.row, fault.column) == expected[:3]]
    assert places, [(fault.layer, fault.row, fault.column, str(fault.problem)) for fault in faults]
    assert any(expected.word in said(fault) for fault in places), [said(fault) for fault in places]
    assert all(fault.file and (fault.expected or fault.advice) for fault in places)
