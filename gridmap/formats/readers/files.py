"""Layers of a GeoPackage, of a folder of files or of a single file, whatever the format."""

import os
from pathlib import Path

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.readers.geojson import inspect_geojson
from gridmap.formats.readers.geopackage import find_geopackage_layers
from gridmap.formats.readers.layer_source import EMPTY_FILE, VECTOR_SUFFIXES, InspectedFile, LayerSource
from gridmap.formats.readers.shapefile import inspect_shapefile
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

NOT_PERMITTED = FaultTemplate(N_("it may not be read"), advice=N_("ask its owner for permission to read it"))
NO_LAYERS = FaultTemplate(N_("there are no layers in it"), N_("the layers communities and buildings"))
DUPLICATE_LAYER = FaultTemplate(
    N_("two files hold the layer {layer}"), N_("one file for each layer"), N_("remove one of {files}")
)

FoundLayers = tuple[dict[str, LayerSource], list[InputFault]]


def find_layers(source: Path) -> FoundLayers:
    """Find the layers of a package.

    Parameters
    ----------
    source : Path
        A GeoPackage, a folder with a GeoJSON file or Shapefile for each layer, or one such file.

    Returns
    -------
    layers : dict of str to LayerSource
        Layers by their names in lower case.
    faults : list of InputFault
        Single layers that cannot be used.

    Raises
    ------
    InvalidInput
        If nothing can be read at all.
    """
    try:
        layers, faults = _find_in_folder(source) if source.is_dir() else _find_in_file(source)
    except PermissionError:
        raise InvalidInput([make_fault(FaultLocation(source.name), NOT_PERMITTED)]) from None
    if not layers and not faults:
        raise InvalidInput([make_fault(FaultLocation(source.name), NO_LAYERS)])
    return layers, faults


def _find_in_file(path: Path) -> FoundLayers:
    if path.suffix.lower() not in VECTOR_SUFFIXES or not path.is_file():
        return find_geopackage_layers(path), []
    faults, source = _inspect_vector_file(path)
    return ({source.layer.lower(): source} if source else {}), faults


def _find_in_folder(folder: Path) -> FoundLayers:
    layers: dict[str, LayerSource] = {}
    faults: list[InputFault] = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in VECTOR_SUFFIXES):
        name = path.stem.lower()
        file_faults, source = _inspect_vector_file(path)
        faults += file_faults
        if source and name in layers:
            faults.append(_duplicate_layer_fault(name, layers[name].path, path))
        elif source:
            layers[name] = source
    return layers, faults


def _duplicate_layer_fault(layer: str, first: Path, second: Path) -> InputFault:
    placeholders = {"layer": layer, "files": f"{first.name}, {second.name}"}
    return make_fault(FaultLocation(second.name, layer), DUPLICATE_LAYER, placeholders=placeholders)


def _inspect_vector_file(path: Path) -> InspectedFile:
    location = FaultLocation(path.name, path.stem)
    if not os.access(path, os.R_OK):
        return [make_fault(location, NOT_PERMITTED)], None
    if not path.stat().st_size:
        return [make_fault(location, EMPTY_FILE)], None
    return inspect_shapefile(path, location) if path.suffix.lower() == ".shp" else inspect_geojson(path, location)
