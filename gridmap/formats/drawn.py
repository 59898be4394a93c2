"""Grids drawn by hand in: whatever can be told from their polygons is left to the check, the rest is said at once."""

from pathlib import Path

import numpy as np
import pyogrio

from gridmap.core.arrays import Flags, Ints, Shapes
from gridmap.core.check import DrawnGrids
from gridmap.core.errors import N_, BadInput
from gridmap.core.land.clean import repair
from gridmap.core.town import Town
from gridmap.formats.crosschecks import check_nearby
from gridmap.formats.draft import Draft, read_draft
from gridmap.formats.findings import Flaw, Spot, fault
from gridmap.formats.layers import GRIDS, LAYERS
from gridmap.formats.mending import bring_to
from gridmap.formats.package import Stored, find_layers

TOWN_LAYERS = {layer.name for layer in LAYERS}

NO_DRAWING = Flaw(
    N_("there are no grids in it"),
    N_("a layer grids, or a single layer of polygons; found: {found}"),
    N_("name the layer grids, or name the file that holds the grids with --grids"),
)
NO_GRIDS = Flaw(
    N_("the layer has no rows"), N_("at least one grid"), N_("draw the grids, or make new ones with gridmap partition")
)
BEYOND_REPAIR = Flaw(
    N_("the outline is beyond repair: it encloses nothing, or crosses itself too often"),
    N_("an outline that does not cross itself"),
    N_("draw it again"),
)


def read_drawn(source: Path, town: Town) -> DrawnGrids:
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
    BadInput
        If there is no such layer, or no row in it; for every row without a polygon, or with one beyond repair.
    """
    draft = read_draft(GRIDS, _find(source))
    if draft.frame.empty:
        raise BadInput([fault(draft.spot, NO_GRIDS)])
    bring_to(draft, town.crs)
    mended = _mended(draft)
    check_nearby(draft, town.communities)
    if draft.faults:
        raise BadInput(draft.faults)
    frame = draft.frame
    codes = frame["grid_code"].where(frame["grid_code"].notna(), frame["code"])
    community = _communities(frame["community_code"].to_numpy(), town)
    return DrawnGrids(draft.shapes, mended, codes.to_numpy(), community, frame["name"].to_numpy())


def _find(source: Path) -> Stored:
    """Where the grids are stored."""
    layers, faults = find_layers(source)
    if "grids" in layers:
        return layers["grids"]
    others = [stored for name, stored in layers.items() if name not in TOWN_LAYERS and _has_polygons(stored)]
    if len(others) == 1:
        return others[0]
    raise BadInput(faults or [fault(Spot(source.name), NO_DRAWING, named={"found": ", ".join(layers)})])


def _has_polygons(stored: Stored) -> bool:
    """Whether a layer is one of polygons, as far as its file says."""
    try:
        declared = pyogrio.read_info(stored.path, layer=stored.layer, encoding=stored.encoding)["geometry_type"]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        return False
    return declared is not None and ("Polygon" in declared or declared == "Unknown")


def _mended(draft: Draft) -> Flags:
    """Mend the outlines of a draft however much that changes them; say which were mended."""
    rows = np.flatnonzero(draft.sound)
    after, mended, broken = repair(draft.shapes[rows], np.inf)
    shapes = draft.shapes.copy()
    shapes[rows] = after
    draft.frame = draft.frame.set_geometry(shapes, crs=draft.frame.crs)
    draft.reject(BEYOND_REPAIR, _flags(len(shapes), rows[broken]))
    return _flags(len(shapes), rows[mended])


def _flags(length: int, rows: Ints) -> Flags:
    flags = np.zeros(length, dtype=np.bool_)
    flags[rows] = True
    return flags


def _communities(codes: Shapes, town: Town) -> Ints:
    """Position of the community of each code, -1 for none and unknown ones."""
    known = {code: position for position, code in enumerate(town.communities["code"])}
    return np.array([known.get(code, -1) for code in codes], dtype=np.int64)
