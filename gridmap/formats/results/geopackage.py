"""GeoPackages of results: written whole or not at all, and read back."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd

from gridmap.core.errors import N_, InvalidInput
from gridmap.formats.exports.geopackage import add_styles, append_layers
from gridmap.formats.exports.plan_appearances import APPEARANCES
from gridmap.formats.intake.source_file import open_source
from gridmap.formats.readers.layer_rows import read_frame
from gridmap.formats.readers.layer_source import report_read_errors
from gridmap.formats.results.atomic_file import replace_file
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault
from gridmap.texts import DEFAULT_LANGUAGE

LAYER_NOT_FOUND = FaultTemplate(N_("there is no layer {layer}"), N_("a layer {layer}; found: {found}"))


def write_layers(
    target: Path, layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame], language: str = DEFAULT_LANGUAGE
) -> None:
    """Write a GeoPackage, whole or not at all, with styles of QGIS for layers that gridmap knows.

    Parameters
    ----------
    target : Path
        File to write; an existing one is replaced.
    layers : mapping of str to GeoDataFrame or DataFrame
        Layers in the order to write them; a DataFrame becomes a table without geometry.
    language : str
        Language of titles and of the default styles.

    Raises
    ------
    InvalidInput
        If the folder does not exist or cannot be written to. Nothing is left behind then.
    """
    with replace_file(target, ".gpkg") as temporary:
        append_layers(temporary, layers)
        add_styles(temporary, APPEARANCES, language)


def list_layers(source: Path) -> list[str]:
    """List the names of the layers of a GeoPackage.

    Raises
    ------
    InvalidInput
        If the file is no GeoPackage.
    """
    with open_source(source) as opened:
        return [layer_source.layer for layer_source in opened.layers.values()]


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
        If the file is no GeoPackage or has no such layer.
    """
    with open_source(source) as opened:
        layer_source = opened.layers.get(layer.lower())
        if layer_source is None:
            placeholders = {"layer": layer, "found": ", ".join(opened.layers)}
            location = FaultLocation(source.name, layer)
            raise InvalidInput([make_fault(location, LAYER_NOT_FOUND, placeholders=placeholders)])
        with report_read_errors(layer_source):
            return read_frame(layer_source)
