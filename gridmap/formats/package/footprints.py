"""Surveyed footprints of buildings that stand already: their shapes, and the words that say which building each is."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from gridmap.core.addresses.building_index import PlaceWords
from gridmap.core.array_types import GeometryArray
from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.core.field_lengths import MAX_ADDRESS_LETTERS, MAX_BUILDING_CODE_LETTERS
from gridmap.core.geodesy.candidates import Bounds
from gridmap.formats.crs import choose_metric_crs
from gridmap.formats.intake.source_file import OpenSource, SourceLike, open_source
from gridmap.formats.package.layer_reader import OUTSIDE_CRS, ParsedLayer, parse_layer, reject_unknown_crs
from gridmap.formats.package.layer_repair import repair_polygons, reproject_layer
from gridmap.formats.package.layer_schemas import POLYGONS, ColumnSchema, LayerSchema
from gridmap.formats.readers.layer_source import LayerSource
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

FOOTPRINTS = LayerSchema(
    "buildings",
    POLYGONS,
    N_("polygons"),
    (
        ColumnSchema("building_id", max_letters=MAX_BUILDING_CODE_LETTERS),
        ColumnSchema("estate"),
        ColumnSchema("name"),
        ColumnSchema("address", max_letters=MAX_ADDRESS_LETTERS),
    ),
    required=True,
)
"""Footprints of buildings; some column has to say which building each is. Numbers repeat from estate to estate."""
NO_FOOTPRINT_LAYER = FaultTemplate(
    N_("there are no footprints in it"),
    N_("a layer buildings, or a single layer; found: {found}"),
    N_("name the layer buildings"),
)


@dataclass(frozen=True, eq=False)
class SurveyedFootprints:
    """Footprints of a file.

    Parameters
    ----------
    location : FaultLocation
        File, layer and rows, for faults.
    shapes : ndarray of Polygon or MultiPolygon, WGS 84, one per row
    words : list of PlaceWords
        Words of each row that say which building it is.
    warnings : list of InputFault
    """

    location: FaultLocation
    shapes: GeometryArray
    words: list[PlaceWords]
    warnings: list[InputFault]


def read_footprints(source: SourceLike, place: Bounds) -> SurveyedFootprints:
    """Read the footprints of a file: its layer ``buildings``, or its only layer.

    Parameters
    ----------
    source : Path, InputSource or OpenSource
    place : Bounds
        Longitudes and latitudes of the subdistrict, for advice where the file does not say its CRS.

    Raises
    ------
    InvalidInput
        With all faults of the layer: rows without a polygon, crossing outlines, no known CRS, words that are too long.
    """
    with open_source(source) as opened:
        parsed = parse_layer(FOOTPRINTS, _find_layer(opened))
    reject_unknown_crs(parsed, place)
    shapes = _measure_and_repair(parsed)
    if parsed.faults:
        raise InvalidInput(parsed.faults)
    columns = (parsed.frame[name].astype(object) for name in ("building_id", "estate", "name", "address"))
    texts = ([value if isinstance(value, str) else None for value in column] for column in columns)
    words = [PlaceWords(*row) for row in zip(*texts, strict=True)]
    return SurveyedFootprints(parsed.location, shapes, words, parsed.warnings)


def _find_layer(opened: OpenSource) -> LayerSource:
    if FOOTPRINTS.name in opened.layers:
        return opened.layers[FOOTPRINTS.name]
    if len(opened.layers) == 1:
        return opened.source.options.place(next(iter(opened.layers.values())), FOOTPRINTS.name)
    placeholders = {"found": ", ".join(opened.layers)}
    missing = make_fault(FaultLocation(opened.name), NO_FOOTPRINT_LAYER, placeholders=placeholders)
    raise InvalidInput([*opened.faults, *opened.foreign] or [missing])


def _measure_and_repair(parsed: ParsedLayer) -> GeometryArray:
    """Repair small drawing errors in metres, and return the shapes in WGS 84."""
    empty = np.full(len(parsed.frame), None, dtype=object)
    if parsed.faults or not parsed.is_valid.any():
        return empty
    crs = choose_metric_crs(parsed.valid_rows)
    if crs is None:
        parsed.reject_all(OUTSIDE_CRS, crs=parsed.source_crs.name if parsed.source_crs else "")
        return empty
    reproject_layer(parsed, crs)
    repair_polygons(parsed)
    if parsed.faults:
        return empty
    in_degrees: gpd.GeoSeries = parsed.frame.geometry.to_crs(4326)
    return np.asarray(in_degrees.to_numpy(), dtype=object)
