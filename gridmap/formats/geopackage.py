"""GeoPackages out, whole or not at all; and layers of results in again."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from gridmap.core.errors import N_, BadInput
from gridmap.formats.findings import Flaw, Spot, fault
from gridmap.formats.package import NOT_READABLE, Stored, find_layers

NO_FOLDER = Flaw(N_("the folder {folder} does not exist"), advice=N_("create it, or write elsewhere"))
IS_FOLDER = Flaw(N_("there is a folder of that name"), N_("the name of a file"), N_("write elsewhere"))
NOT_WRITABLE = Flaw(N_("nothing can be written there: {reason}"), advice=N_("make room or write elsewhere"))
NO_LAYER = Flaw(N_("there is no layer {layer}"), N_("a layer {layer}; found: {found}"))


def write_layers(target: Path, layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame]) -> None:
    """Write a GeoPackage in one stroke: who reads `target` finds the old file or the whole new one.

    Parameters
    ----------
    target : Path
        File to write; an existing one is replaced.
    layers : mapping of str to GeoDataFrame or DataFrame
        What to write, in this order; a DataFrame becomes a table without geometry.

    Raises
    ------
    BadInput
        If the folder does not exist or cannot be written to. Nothing is left behind then.
    """
    spot = Spot(target.name)
    if not target.parent.is_dir():
        raise BadInput([fault(spot, NO_FOLDER, named={"folder": str(target.parent)})])
    if target.is_dir():
        raise BadInput([fault(spot, IS_FOLDER)])
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            draft = Path(folder) / "draft.gpkg"
            for name, frame in layers.items():
                _append(draft, name, frame)
            _settle(draft)
            draft.replace(target)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInput([fault(spot, NOT_WRITABLE, named={"reason": reason})]) from None
    _settle(target.parent)


def _append(path: Path, name: str, frame: gpd.GeoDataFrame | pd.DataFrame) -> None:
    pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())


def _settle(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def layer_names(source: Path) -> list[str]:
    """Names of the layers of a GeoPackage.

    Raises
    ------
    BadInput
        If it is none.
    """
    return [stored.layer for stored in find_layers(source)[0].values()]


def read_layer(source: Path, layer: str) -> gpd.GeoDataFrame | pd.DataFrame:
    """Read one layer of a GeoPackage that gridmap wrote.

    Parameters
    ----------
    source : Path
        The GeoPackage.
    layer : str
        Name of the layer.

    Returns
    -------
    GeoDataFrame or DataFrame
        A DataFrame for a table without geometry.

    Raises
    ------
    BadInput
        If it is no GeoPackage or has no such layer.
    """
    found, _ = find_layers(source)
    if layer.lower() not in found:
        named = {"layer": layer, "found": ", ".join(found)}
        raise BadInput([fault(Spot(source.name, layer), NO_LAYER, named=named)])
    return _read(found[layer.lower()])


def _read(stored: Stored) -> gpd.GeoDataFrame | pd.DataFrame:
    try:
        return pyogrio.read_dataframe(stored.path, layer=stored.layer, IMMUTABLE="YES")
    except (pyogrio.errors.DataSourceError, ValueError) as error:
        raise BadInput([fault(stored.spot, NOT_READABLE, value=error)]) from None
