"""Checks of the coordinate reference systems of layers: coordinates that fit another one, or another datum."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np

from gridmap.core.errors import N_
from gridmap.core.geodesy.candidates import Bounds, CrsCandidate, find_fitting, list_candidates, overlaps
from gridmap.core.geodesy.datum_fit import DatumFit, find_better_datums
from gridmap.core.geodesy.datums import DATUM_NAMES, SHIFTED_BOUNDS, Datum
from gridmap.core.geodesy.transformers import WGS84, find_transformer
from gridmap.formats.crs import centre_lonlat, is_within_area_of_use, swap_coordinates
from gridmap.formats.package.checks.datum import question_datum
from gridmap.formats.package.layer_reader import (
    DEGREES_SWAPPED,
    MAX_NAMED_CANDIDATES,
    METRES_SWAPPED,
    OUTSIDE_CRS,
    ParsedLayer,
    candidate_placeholders,
    reject_unknown_crs,
)
from gridmap.formats.row_faults import FaultTemplate

NULL_ISLAND_RADIUS = 0.5
MAX_DEGREES = 180.0
PLACE_MARGIN_DEGREES = 0.05
"""Distance from the communities, about 5 km, within which a layer counts as in its place."""

AT_NULL_ISLAND = FaultTemplate(
    N_("the coordinates are all near 0, 0"), N_("coordinates of the town"), N_("check the export")
)
LOOKS_LIKE_DEGREES = FaultTemplate(
    N_("the coordinates look like degrees, but {crs} is in metres"),
    N_("metres"),
    N_("set the CRS the data are really in"),
)
FITS_OTHER_CRS = FaultTemplate(
    N_("the coordinates do not fit {crs}; they fit {candidates}, since {evidence}"),
    advice=N_("set the CRS {candidate} in the program the file comes from, or give --crs {layer}={candidate}"),
)
FITS_OTHER_CRS_AT_PLACE = FaultTemplate(
    N_("the coordinates do not fit the communities in {crs}; they fit them in {candidates}, since {evidence}"),
    advice=N_("set the CRS {candidate} in the program the file comes from, or give --crs {layer}={candidate}"),
)
FITS_OTHER_DATUMS = FaultTemplate(
    N_(
        "{misfits} of {count} buildings are outside every community or on a street; {remaining} are, if the datums are:"
        " buildings {buildings}, communities {communities}, streets {streets}"
    ),
    N_("all layers in WGS 84 or CGCS2000"),
    N_("convert the layers to WGS 84, or name the datum of each: {options}"),
)


def check_crs_of_layers(layers: Mapping[str, ParsedLayer], *, require_datum: bool = False) -> None:
    """Check in the coordinates of their files that layers are where their CRS say, in one place and one datum.

    Parameters
    ----------
    layers : mapping of str to ParsedLayer
    require_datum : bool
        Refuse longitudes and latitudes of WGS 84 in China whose datum the reader does not name. Otherwise, and for
        those of CGCS2000, there is a warning.
    """
    communities = layers.get("communities")
    if communities:
        reject_unknown_crs(communities)
        _check_crs(communities)
    place = None if communities is None or communities.valid_rows.empty else lonlat_bounds(communities.valid_rows)
    for layer in layers.values():
        if layer is not communities:
            reject_unknown_crs(layer, place)
            _check_place(layer, place)
    if place and "buildings" in layers and communities and communities.is_valid.all():
        _check_datums(layers["buildings"], communities, layers.get("streets"))
    if communities and not layers.get("buildings", communities).faults:
        question_datum(communities, require_datum=require_datum)


def _check_crs(layer: ParsedLayer) -> None:
    """Check that a layer lies in the area of use of its CRS."""
    rows = layer.valid_rows
    if rows.empty:
        return
    crs = rows.crs
    largest_coordinate = float(np.abs(rows.total_bounds).max())
    if crs.is_geographic and largest_coordinate < NULL_ISLAND_RADIUS:
        layer.reject_all(AT_NULL_ISLAND)
    elif crs.is_projected and largest_coordinate <= MAX_DEGREES:
        layer.reject_all(LOOKS_LIKE_DEGREES, crs=crs.name)
    elif not is_within_area_of_use(crs, centre_lonlat(rows)):
        _reject_outside(layer)


def _reject_outside(layer: ParsedLayer) -> None:
    """Reject a layer outside the area of use of its CRS; name the CRS that it fits."""
    rows = layer.valid_rows
    if is_within_area_of_use(rows.crs, centre_lonlat(swap_coordinates(rows))):
        layer.reject_all(DEGREES_SWAPPED if rows.crs.is_geographic else METRES_SWAPPED, crs=rows.crs.name)
        return
    candidates = list_candidates(_bounds(rows))
    if 0 < len(candidates) <= MAX_NAMED_CANDIDATES:
        _reject_for(layer, FITS_OTHER_CRS, candidates)
    else:
        layer.reject_all(OUTSIDE_CRS, crs=rows.crs.name)


def _check_place(layer: ParsedLayer, place: Bounds | None) -> None:
    """Reject a layer that is nowhere near the communities; name the CRS in which it would be there."""
    rows = layer.valid_rows
    if rows.empty or (place and overlaps(lonlat_bounds(rows), place, PLACE_MARGIN_DEGREES)):
        return
    if place and (candidates := find_fitting(_bounds(rows), place)):
        _reject_for(layer, FITS_OTHER_CRS_AT_PLACE, candidates)
    else:
        _check_crs(layer)


def _reject_for(layer: ParsedLayer, template: FaultTemplate, candidates: list[CrsCandidate]) -> None:
    layer.reject_all(template, crs=layer.frame.crs.name, **candidate_placeholders(candidates))


def _check_datums(buildings: ParsedLayer, communities: ParsedLayer, streets: ParsedLayer | None) -> None:
    """Reject layers that fit each other with other datums only; the fault is that of the buildings."""
    rows = buildings.valid_rows
    if rows.empty or not overlaps(lonlat_bounds(communities.valid_rows), SHIFTED_BOUNDS, 0.0):
        return
    lines = streets.valid_rows if streets and not streets.valid_rows.empty else communities.valid_rows.iloc[:0]
    fit = find_better_datums(*(layer.to_crs(WGS84) for layer in (rows, communities.valid_rows, lines)))
    if fit is not None:
        _reject_for_datums(buildings, fit)


def _reject_for_datums(buildings: ParsedLayer, fit: DatumFit) -> None:
    datums = {"buildings": fit.buildings, "communities": fit.communities, "streets": fit.streets}
    options = " ".join(f"--datum {name}={datum}" for name, datum in datums.items() if datum is not Datum.WGS84)
    buildings.reject_all(
        FITS_OTHER_DATUMS,
        misfits=fit.misfits,
        remaining=fit.remaining,
        count=fit.sampled,
        options=options,
        **{name: DATUM_NAMES[datum] for name, datum in datums.items()},
    )


def _bounds(layer: gpd.GeoDataFrame) -> Bounds:
    west, south, east, north = map(float, layer.total_bounds)
    return west, south, east, north


def lonlat_bounds(layer: gpd.GeoDataFrame) -> Bounds:
    """Return the bounds of a layer in longitude and latitude; infinite where they are not on Earth."""
    return find_transformer(layer.crs).transform_bounds(*_bounds(layer))
