"""Reading of grids drawn by hand. Faults of their polygons are left to the check; all others are reported at once."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyogrio

from gridmap.core.array_types import BoolArray, IntArray
from gridmap.core.coverage.checks import DrawnGrids
from gridmap.core.errors import N_, InvalidInput
from gridmap.core.households.load import Load
from gridmap.core.land.make_valid import make_valid_bounded
from gridmap.core.land.town import Town
from gridmap.formats.intake.source_file import OpenSource, SourceLike, open_source
from gridmap.formats.package.checks.crosschecks import check_nearby, community_positions
from gridmap.formats.package.checks.crs import lonlat_bounds
from gridmap.formats.package.layer_reader import ParsedLayer, parse_layer, reject_unknown_crs
from gridmap.formats.package.layer_repair import reproject_layer
from gridmap.formats.package.layer_schemas import GRIDS, LAYERS
from gridmap.formats.package.row_units import unite_rows
from gridmap.formats.package.shared_borders import match_layers
from gridmap.formats.package.town import read_town
from gridmap.formats.readers.layer_rows import read_layer_metadata
from gridmap.formats.readers.layer_source import LayerSource
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


def read_drawn_grids(source: SourceLike, town: Town) -> DrawnGrids:
    """Read grids drawn by hand; only their polygons are required.

    Parameters
    ----------
    source : Path, InputSource or OpenSource
        The town package itself, or another file, folder or ZIP file with layers, in any CRS. Its layer
        ``grids`` is read, otherwise its only layer of polygons. ``grid_code`` (or ``code``), ``name`` and
        ``community_code`` are read where they exist, by these names or their synonyms.
    town : Town
        Town of the grids.

    Returns
    -------
    DrawnGrids
        In the town's metric CRS. Outlines that cross themselves are repaired and marked: they are findings, not
        faults. Touching rows with one code and one name are one grid.

    Raises
    ------
    InvalidInput
        If there is no such layer or it has no rows; for every row without a polygon, or with one beyond repair.
    """
    parsed = _parse_grids(source)
    match_layers([parsed])
    return _build_drawn_grids(parsed, town)


def read_town_and_grids(
    source: SourceLike, grids_source: SourceLike | None, *, allow_overlaps: bool = False, load: Load | None = None
) -> tuple[Town, DrawnGrids]:
    """Read a town with grids drawn by hand; their borders are matched in the coordinates of their file.

    Parameters
    ----------
    source : Path, InputSource or OpenSource
        Town package.
    grids_source : Path, InputSource, OpenSource or None
        As in `read_drawn_grids`; None where the town package holds the grids.
    allow_overlaps : bool
        As in `gridmap.formats.package.town.read_town`.
    load : Load, optional
        As there.

    Raises
    ------
    InvalidInput
        With the faults of the town, or else with those of the grids. The town's warnings include those of the grids.
    """
    with open_source(source) as opened:
        try:
            parsed = _parse_grids(grids_source or opened)
        except InvalidInput:
            read_town(opened, allow_overlaps=allow_overlaps, load=load)
            raise
        town = read_town(opened, allow_overlaps=allow_overlaps, grids=parsed, load=load)
    drawn = _build_drawn_grids(parsed, town)
    return replace(town, warnings=(*town.warnings, *parsed.warnings)), drawn


def _parse_grids(source: SourceLike) -> ParsedLayer:
    with open_source(source) as opened:
        parsed = parse_layer(GRIDS, _find_grid_layer(opened))
    if parsed.frame.empty:
        raise InvalidInput([make_fault(parsed.location, EMPTY_GRID_LAYER)])
    unite_rows(parsed, _grid_codes(parsed), "grid_code", is_strict=False)
    return parsed


def _grid_codes(parsed: ParsedLayer) -> pd.Series:
    grid_codes: pd.Series = parsed.frame["grid_code"]
    return grid_codes.where(grid_codes.notna(), parsed.frame["code"])


def _build_drawn_grids(parsed: ParsedLayer, town: Town) -> DrawnGrids:
    reject_unknown_crs(parsed, lonlat_bounds(town.communities))
    reproject_layer(parsed, town.crs)
    repaired = _repair_outlines(parsed)
    check_nearby(parsed, town.communities)
    if parsed.faults:
        raise InvalidInput(parsed.faults)
    frame = parsed.frame
    community = community_positions(frame["community_code"], town)
    return DrawnGrids(
        parsed.shapes,
        repaired,
        _grid_codes(parsed).to_numpy(),
        community,
        frame["name"].to_numpy(),
        tuple(parsed.location.row_numbers),
    )


def _find_grid_layer(opened: OpenSource) -> LayerSource:
    """Find the layer of the grids."""
    layers, faults = opened.layers, [*opened.faults, *opened.foreign]
    if "grids" in layers:
        return layers["grids"]
    candidates = [layer for name, layer in layers.items() if name not in TOWN_LAYER_NAMES and _has_polygons(layer)]
    if len(candidates) == 1:
        return opened.source.options.place(candidates[0], GRIDS.name)
    missing = make_fault(FaultLocation(opened.name), NO_GRID_LAYER, placeholders={"found": ", ".join(layers)})
    raise InvalidInput(faults or [missing])


def _has_polygons(layer_source: LayerSource) -> bool:
    """Return whether a layer holds polygons, according to its file."""
    try:
        geometry_type = read_layer_metadata(layer_source)["geometry_type"]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        return False
    return geometry_type is not None and (
        "Polygon" in geometry_type or geometry_type in {"Unknown", "GeometryCollection"}
    )


def _repair_outlines(parsed: ParsedLayer) -> BoolArray:
    """Repair the outlines of a layer without a limit to the change, and return which were repaired."""
    rows = np.flatnonzero(parsed.is_valid)
    after, repaired, broken = make_valid_bounded(parsed.shapes[rows], np.inf)
    shapes = parsed.shapes.copy()
    shapes[rows] = after
    parsed.frame = parsed.frame.set_geometry(shapes, crs=parsed.frame.crs)
    parsed.reject(UNREPAIRABLE, _row_mask(len(shapes), rows[broken]))
    return _row_mask(len(shapes), rows[repaired])


def _row_mask(length: int, rows: IntArray) -> BoolArray:
    mask = np.zeros(length, dtype=np.bool_)
    mask[rows] = True
    return mask
