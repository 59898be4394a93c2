"""Reprojection of a layer to metres, and repair of small drawing errors."""

import re
from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridmap.core.errors import N_, InputFault
from gridmap.core.geodesy.transformers import find_transformer
from gridmap.core.land.make_valid import MAX_REPAIR_VERTICES, make_valid_bounded
from gridmap.formats.package.layer_reader import OUTSIDE_CRS, ParsedLayer, is_finite
from gridmap.formats.package.layer_schemas import POLYGONS
from gridmap.formats.row_faults import FaultTemplate, make_row_faults

MIN_AREA_TOLERANCE_M2 = 1.0

SELF_CROSSING = FaultTemplate(
    N_("the outline crosses itself"), N_("an outline that does not cross itself"), N_("redraw it at {place}")
)
REPAIRED = FaultTemplate(N_("the outline touched itself and was repaired; its area changed by {change} m²"))


def reproject_layer(parsed: ParsedLayer, crs: CRS) -> None:
    """Reproject the valid rows of a layer to a CRS in metres; reject rows that cannot be reprojected."""
    rows = np.flatnonzero(parsed.is_valid)
    shapes = np.full(len(parsed.frame), None, dtype=object)
    shapes[rows] = parsed.frame.geometry.iloc[rows].to_crs(crs).to_numpy() if len(rows) else []
    parsed.frame = parsed.frame.set_geometry(gpd.GeoSeries(shapes, crs=crs))
    parsed.reject(OUTSIDE_CRS, ~is_finite(shapes), crs=parsed.source_crs.name if parsed.source_crs else "")


def repair_polygons(parsed: ParsedLayer) -> None:
    """Repair polygons that touch themselves within a tolerance, and reject the other invalid ones."""
    rows = np.flatnonzero(parsed.is_valid & np.isin(parsed.frame.geom_type, list(POLYGONS)))
    before = parsed.shapes[rows]
    area = np.abs(shapely.area(before))
    after, repaired, broken = make_valid_bounded(
        before, np.maximum(MIN_AREA_TOLERANCE_M2, parsed.schema.max_area_change * area)
    )
    change = np.abs(shapely.area(after) - area)
    parsed.warnings += _subset_faults(parsed, REPAIRED, rows, repaired, lambda i: {"change": f"{change[i]:.1f}"})
    parsed.faults += _subset_faults(
        parsed, SELF_CROSSING, rows, broken, lambda i: {"place": _crossing_coordinates(parsed, before[i])}
    )
    parsed.is_valid[rows[broken]] = False
    shapes = parsed.shapes
    shapes[rows] = after
    parsed.frame = parsed.frame.set_geometry(gpd.GeoSeries(shapes, crs=parsed.frame.crs))


def _subset_faults(
    parsed: ParsedLayer,
    template: FaultTemplate,
    rows: NDArray[np.intp],
    mask: NDArray[np.bool_],
    placeholders: Callable[[int], Mapping[str, str]],
) -> list[InputFault]:
    """Make faults for some of the rows; `placeholders` takes their position within `rows`."""
    position = {int(row): i for i, row in enumerate(rows)}
    return make_row_faults(
        parsed.location, template, rows[mask], column="geometry", placeholders=lambda row: placeholders(position[row])
    )


def _crossing_coordinates(parsed: ParsedLayer, shape: shapely.Geometry) -> str:
    """Return where an outline crosses itself, in the coordinates of the file.

    For an outline with too many vertices to examine, the first vertex is returned.
    """
    reason = shapely.is_valid_reason(shape) if shapely.get_num_coordinates(shape) <= MAX_REPAIR_VERTICES else ""
    numbers = re.findall(r"[-+\d.e]+", reason.partition("[")[2])
    x, y = map(float, numbers) if len(numbers) == 2 else shapely.get_coordinates(shape)[0]
    point = find_transformer(parsed.frame.crs, parsed.source_crs or parsed.frame.crs).transform(x, y)
    return ", ".join(f"{coordinate:.9g}" for coordinate in point)
