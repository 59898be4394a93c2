"""Grids drawn by hand in: whatever can be told from their polygons is left to the check, the rest is said at once."""

from pathlib import Path

import numpy as np
import pyogrio

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.coverage.checks import DrawnGrids
from gridmap.core.errors import N_, InvalidInput
from gridmap.core.land.make_valid import make_valid_bounded
from gridmap.core.land.town import Town
from gridmap.formats.package.crosschecks import check_nearby
from gridmap.formats.package.layer_reader import ParsedLayer, parse_layer
from gridmap.formats.package.layer_repair import reproject_layer
from gridmap.formats.package.layer_schemas import GRIDS, LAYERS
from gridmap.formats.readers.files import LayerSource, find_layers
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

TOWN_LAYER_NAMES = {layer.name for layer in LAYERS}

NO_GRID_LAYER = FaultTemplate(
    N_("there are no grids in it"),
    N_("a layer grids, or a single layer of polygons; found: {found}"),
    N_("name the layer grids, or name the file that holds the grids with --grids"),
)
EMPTY_GRID_LAYER = FaultTemplate(
    N_("the layer has no rows"), N_("at least one grid"), N_("draw the grids, or make new ones with gridmap partition")
)
UNREPAIRABLE = FaultTemplate(
    N_("the outline is beyond repair: it encloses nothing, or crosses itself too often"),
    N_("an outline that does not cross itself"),
    N_("draw it again"),
)


def read_drawn_grids(source: Path, town: Town) -> DrawnGrids:
    """Read grids that somebody drew; only their polygons are needed.

    Parameters
    ----------
    source : Path
        The town package itself, or another GeoPackage, GeoJSON file, Shapefile or folder of them, in any CRS. Its layer
        ``grids`` is read, or else its only layer of polygons. ``grid_code`` (or ``code``), ``name`` and
        ``community_code`` are read where they exist.
    town : Town
        What they belong to.

    Returns
    -------
    DrawnGrids
        In the town's metric CRS. Outlines that cross themselves are mended and marked: they are findings, not errors.

    Raises
    ------
    InvalidInput
        If there is no such layer, or no row in it; for every row without a polygon, or with one beyond repair.
    """
    draft = parse_layer(GRIDS, _find_grid_layer(source))
    if draft.frame.empty:
        raise InvalidInput([make_fault(draft.location, EMPTY_GRID_LAYER)])
    reproject_layer(draft, town.crs)
    mended = _repair_outlines(draft)
    check_nearby(draft, town.communities)
    if draft.faults:
        raise InvalidInput(draft.faults)
    frame = draft.frame
    codes = frame["grid_code"].where(frame["grid_code"].notna(), frame["code"])
    community = _community_indices(frame["community_code"].to_numpy(), town)
    return DrawnGrids(draft.shapes, mended, codes.to_numpy(), community, frame["name"].to_numpy())


def _find_grid_layer(source: Path) -> LayerSource:
    """Where the grids are stored."""
    layers, faults = find_layers(source)
    if "grids" in layers:
        return layers["grids"]
    others = [stored for name, stored in layers.items() if name not in TOWN_LAYER_NAMES and _has_polygons(stored)]
    if len(others) == 1:
        return others[0]
    raise InvalidInput(
        faults or [make_fault(FaultLocation(source.name), NO_GRID_LAYER, placeholders={"found": ", ".join(layers)})]
    )


def _has_polygons(layer_source: LayerSource) -> bool:
    """Whether a layer is one of polygons, as far as its file says."""
    try:
        declared = pyogrio.read_info(layer_source.path, layer=layer_source.layer, encoding=layer_source.encoding)[
            "geometry_type"
        ]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        return False
    return declared is not None and ("Polygon" in declared or declared == "Unknown")


def _repair_outlines(parsed: ParsedLayer) -> BoolArray:
    """Mend the outlines of a draft however much that changes them; say which were mended."""
    rows = np.flatnonzero(parsed.is_valid)
    after, mended, broken = make_valid_bounded(parsed.shapes[rows], np.inf)
    shapes = parsed.shapes.copy()
    shapes[rows] = after
    parsed.frame = parsed.frame.set_geometry(shapes, crs=parsed.frame.crs)
    parsed.reject(UNREPAIRABLE, _row_mask(len(shapes), rows[broken]))
    return _row_mask(len(shapes), rows[mended])


def _row_mask(length: int, rows: IntArray) -> BoolArray:
    flags = np.zeros(length, dtype=np.bool_)
    flags[rows] = True
    return flags


def _community_indices(codes: GeometryArray, town: Town) -> IntArray:
    """Position of the community of each code, -1 for none and unknown ones."""
    known = {code: position for position, code in enumerate(town.communities["code"])}
    return np.array([known.get(code, -1) for code in codes], dtype=np.int64)
