"""GeoPackages out, whole or not at all; and layers of results in again."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from gridmap.core.errors import N_, InvalidInput
from gridmap.formats.readers.files import NOT_READABLE, LayerSource, find_layers
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

FOLDER_NOT_FOUND = FaultTemplate(N_("the folder {folder} does not exist"), advice=N_("create it, or write elsewhere"))
TARGET_IS_FOLDER = FaultTemplate(N_("there is a folder of that name"), N_("the name of a file"), N_("write elsewhere"))
NOT_WRITABLE = FaultTemplate(N_("nothing can be written there: {reason}"), advice=N_("make room or write elsewhere"))
LAYER_NOT_FOUND = FaultTemplate(N_("there is no layer {layer}"), N_("a layer {layer}; found: {found}"))


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
    InvalidInput
        If the folder does not exist or cannot be written to. Nothing is left behind then.
    """
    spot = FaultLocation(target.name)
    if not target.parent.is_dir():
        raise InvalidInput([make_fault(spot, FOLDER_NOT_FOUND, placeholders={"folder": str(target.parent)})])
    if target.is_dir():
        raise InvalidInput([make_fault(spot, TARGET_IS_FOLDER)])
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            draft = Path(folder) / "draft.gpkg"
            for name, frame in layers.items():
                _append_layer(draft, name, frame)
            _sync_to_disk(draft)
            draft.replace(target)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InvalidInput([make_fault(spot, NOT_WRITABLE, placeholders={"reason": reason})]) from None
    _sync_to_disk(target.parent)


def _append_layer(path: Path, name: str, frame: gpd.GeoDataFrame | pd.DataFrame) -> None:
    pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())


def _sync_to_disk(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def list_layers(source: Path) -> list[str]:
    """Names of the layers of a GeoPackage.

    Raises
    ------
    InvalidInput
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
    InvalidInput
        If it is no GeoPackage or has no such layer.
    """
    found, _ = find_layers(source)
    if layer.lower() not in found:
        named = {"layer": layer, "found": ", ".join(found)}
        raise InvalidInput([make_fault(FaultLocation(source.name, layer), LAYER_NOT_FOUND, placeholders=named)])
    return _read_frame(found[layer.lower()])


def _read_frame(layer_source: LayerSource) -> gpd.GeoDataFrame | pd.DataFrame:
    try:
        return pyogrio.read_dataframe(layer_source.path, layer=layer_source.layer, IMMUTABLE="YES")
    except (pyogrio.errors.DataSourceError, ValueError) as error:
        raise InvalidInput([make_fault(layer_source.location, NOT_READABLE, value=error)]) from None
