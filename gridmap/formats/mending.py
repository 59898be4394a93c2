"""A layer brought to metres, its slips of the hand mended."""

import re
from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from gridmap.core.errors import N_, Fault
from gridmap.core.land.clean import REPAIRED_VERTICES, repair
from gridmap.formats.draft import OUT_OF_CRS, Draft, finite
from gridmap.formats.findings import Flaw, faults_at
from gridmap.formats.layers import AREAS

SLIP_M2 = 1.0

CROSSES_ITSELF = Flaw(
    N_("the outline crosses itself"), N_("an outline that does not cross itself"), N_("redraw it at {place}")
)
MENDED = Flaw(N_("the outline touched itself and was mended; its area changed by {change} m²"))


def bring_to(draft: Draft, crs: CRS) -> None:
    """Bring the sound rows of a draft to a CRS in metres; rows that cannot be brought there are rejected."""
    rows = np.flatnonzero(draft.sound)
    shapes = np.full(len(draft.frame), None, dtype=object)
    shapes[rows] = draft.frame.geometry.iloc[rows].to_crs(crs).to_numpy() if len(rows) else []
    draft.frame = draft.frame.set_geometry(gpd.GeoSeries(shapes, crs=crs))
    draft.reject(OUT_OF_CRS, ~finite(shapes), crs=draft.source_crs.name if draft.source_crs else "")


def mend(draft: Draft) -> None:
    """Mend polygons that touch themselves by a slip, and reject those that do more than that."""
    rows = np.flatnonzero(draft.sound & np.isin(draft.frame.geom_type, list(AREAS)))
    before = draft.shapes[rows]
    area = np.abs(shapely.area(before))
    after, mended, broken = repair(before, np.maximum(SLIP_M2, draft.layer.slip * area))
    change = np.abs(shapely.area(after) - area)
    draft.warnings += _told(draft, MENDED, rows, mended, lambda i: {"change": f"{change[i]:.1f}"})
    draft.faults += _told(draft, CROSSES_ITSELF, rows, broken, lambda i: {"place": _crossing(draft, before[i])})
    draft.sound[rows[broken]] = False
    shapes = draft.shapes
    shapes[rows] = after
    draft.frame = draft.frame.set_geometry(gpd.GeoSeries(shapes, crs=draft.frame.crs))


def _told(
    draft: Draft,
    flaw: Flaw,
    rows: NDArray[np.intp],
    which: NDArray[np.bool_],
    named: Callable[[int], Mapping[str, str]],
) -> list[Fault]:
    """Faults for some of the rows; `named` is asked with their position among `rows`."""
    position = {int(row): i for i, row in enumerate(rows)}
    return faults_at(draft.spot, flaw, rows[which], column="geometry", named=lambda row: named(position[row]))


def _crossing(draft: Draft, shape: shapely.Geometry) -> str:
    """Where an outline crosses itself, in the coordinates of the file; in a huge one, where it begins."""
    looked = shapely.is_valid_reason(shape) if shapely.get_num_coordinates(shape) <= REPAIRED_VERTICES else ""
    found = re.findall(r"[-+\d.e]+", looked.partition("[")[2])
    x, y = map(float, found) if len(found) == 2 else shapely.get_coordinates(shape)[0]
    place = Transformer.from_crs(draft.frame.crs, draft.source_crs, always_xy=True).transform(x, y)
    return ", ".join(f"{coordinate:.9g}" for coordinate in place)
