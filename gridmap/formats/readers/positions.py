"""CRS and datum of a layer, as the person who reads it says."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gridmap.core.array_types import FloatArray
from gridmap.core.errors import N_, InputFault
from gridmap.core.geodesy.datums import DATUM_NAMES, Datum, convert_datum
from gridmap.core.geodesy.transformers import WGS84, find_transformer
from gridmap.formats.readers.layer_source import LayerSource
from gridmap.formats.row_faults import FaultTemplate, make_fault

OTHER_CRS_STATED = FaultTemplate(N_("the coordinates are read as {crs}, as --crs says; the file says {file_crs}"))
ONLY_STATED_CRS = FaultTemplate(N_("the coordinates are read as {crs}, as --crs says; the file names none"))
DEGREES_OF_DATUM = FaultTemplate(
    N_("the coordinates are read as longitude and latitude, since their datum is named; the file names no CRS")
)
DATUM_AS_STATED = FaultTemplate(N_("the coordinates are converted from {datum} to WGS 84, as --datum says"))


def place_layer(source: LayerSource, frame: pd.DataFrame) -> pd.DataFrame | gpd.GeoDataFrame:
    """Return a layer in the CRS and the datum that its reader names, with notes of what that changed.

    Parameters
    ----------
    source : LayerSource
        With the CRS and the datum, if they are named.
    frame : DataFrame
        Rows of the layer; those without geometries stay as they are.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame
    notes = [*_state_crs(source, frame)]
    placed: gpd.GeoDataFrame = frame
    if source.crs is not None:
        placed = placed.set_crs(source.crs, allow_override=True)
    elif source.datum and placed.crs is None:
        placed = placed.set_crs(WGS84)
        notes.append(make_fault(source.location, DEGREES_OF_DATUM))
    if source.datum and source.datum is not Datum.WGS84 and placed.crs is not None:
        placed = placed.set_geometry(_to_wgs84(placed.geometry, source.datum))
        notes.append(make_fault(source.location, DATUM_AS_STATED, placeholders={"datum": DATUM_NAMES[source.datum]}))
    placed.attrs["notes"] = [*frame.attrs.get("notes", []), *notes]
    return placed


def _state_crs(source: LayerSource, frame: gpd.GeoDataFrame) -> Iterable[InputFault]:
    """Yield a note if the reader names another CRS than the file."""
    if source.crs is None or frame.crs == source.crs:
        return
    if frame.crs is None:
        yield make_fault(source.location, ONLY_STATED_CRS, placeholders={"crs": crs_name(source.crs)})
    else:
        placeholders = {"crs": crs_name(source.crs), "file_crs": crs_name(frame.crs)}
        yield make_fault(source.location, OTHER_CRS_STATED, placeholders=placeholders)


def crs_name(crs: CRS) -> str:
    """Return the code of a CRS, or its name if it has none.

    Examples
    --------
    >>> crs_name(CRS(4547))
    'EPSG:4547'
    """
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name


def _to_wgs84(shapes: gpd.GeoSeries, datum: Datum) -> gpd.GeoSeries:
    """Return shapes in the same CRS, moved from a datum of map services; coordinates that are not finite stay."""
    there = find_transformer(shapes.crs)
    back = find_transformer(WGS84, shapes.crs)

    def convert(points: FloatArray) -> FloatArray:
        lonlat = np.column_stack(there.transform(*points.T))
        return np.column_stack(back.transform(*convert_datum(lonlat, datum, Datum.WGS84).T))

    return gpd.GeoSeries(shapely.transform(shapes.to_numpy(), convert), crs=shapes.crs, index=shapes.index)
