"""Rows of one unit: touching rows with one code are united, in the coordinates of their file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.errors import N_, InputFault
from gridmap.core.land.make_valid import MAX_CROSSINGS, MIN_PART_M2, count_crossings, make_valid_bounded
from gridmap.core.text_comparison import first_spellings
from gridmap.formats.crs import choose_metric_crs, is_known_crs
from gridmap.formats.package.layer_reader import ParsedLayer
from gridmap.formats.package.shared_borders import snapping_tolerance
from gridmap.formats.row_faults import FaultTemplate, format_value, make_row_faults

MAX_NAMED_ROWS = 5
MIN_AREA = np.finfo(np.float64).tiny
AREAL_TYPES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
MAX_CHANGE_M2 = 1.0
"""Largest change of area by the repair of a row; rows with a larger overlap do not just touch."""

UNITED = FaultTemplate(N_("the rows {rows} have one {column} and touch: they are read as one unit"))
UNITED_OVERLAPPING = FaultTemplate(
    N_("the rows {rows} have one {column} and overlap by {area} m²: they are read as one unit, the shared land once"),
    advice=N_("delete the row that no longer holds, if the unit was drawn twice"),
)
APART = FaultTemplate(
    N_("the rows {rows} have one {column} and lie {distance} m apart"),
    N_("rows of one unit that touch"),
    N_("give each row its own {column}; if they are one unit, merge them into one shape of several parts"),
)
SEVERAL_VALUES = FaultTemplate(
    N_("the rows {rows} have one {column}, but differ in {other}: {values}"),
    N_("one {other} for each {column}"),
    N_("correct the {column} or the {other}"),
)


@dataclass(frozen=True, eq=False)
class _Unit:
    """Rows of one key.

    Parameters
    ----------
    rows : ndarray of int
        Positions in the layer.
    shapes : ndarray of Polygon or MultiPolygon
        Their valid shapes, in the CRS of the file.
    component : ndarray of int
        Component of each row: rows of one component touch, directly or through others.
    overlap_m2 : float
        Land that several rows share.
    """

    rows: IntArray
    shapes: GeometryArray
    component: IntArray
    overlap_m2: float

    @property
    def touches(self) -> bool:
        """Return whether all rows are one component."""
        return int(self.component.max()) == 0

    @property
    def overlaps(self) -> bool:
        """Return whether rows share land."""
        return self.overlap_m2 > MAX_CHANGE_M2


def unite_rows(layer: ParsedLayer, keys: pd.Series, column: str, *, is_strict: bool = True) -> None:
    """Unite the rows of each unit before anything else is checked; the first row remains.

    Borders are compared as they were drawn: in metres, a vertex in the middle of a parallel would part two rows.

    Parameters
    ----------
    layer : ParsedLayer
        In the CRS of its file. Rows that are united disappear; its location still knows their numbers in the file.
    keys : Series of str or None
        Code of the unit of each row; rows without one stay as they are.
    column : str
        Column of the keys, for messages.
    is_strict : bool
        Report rows of one key that differ in another column or lie apart as faults. Otherwise they stay as they are,
        and so do rows that overlap, since a check of grids reports them.
    """
    if layer.source_crs is None or not is_known_crs(layer.source_crs):
        return
    tolerance = snapping_tolerance(layer.source_crs)
    units = [
        unit for rows in _repeated_rows(layer, keys) if (unit := _compare_rows(layer, rows, tolerance)) is not None
    ]
    differing = [unit for unit in units if _find_difference(layer, unit, column)]
    uniform = [unit for unit in units if not _find_difference(layer, unit, column)]
    if is_strict:
        _report_differences(layer, column, differing)
        _report_apart(layer, column, [unit for unit in uniform if not unit.touches])
    joined = [unit for unit in uniform if unit.touches and (is_strict or not unit.overlaps)]
    _report_united(layer, column, joined)
    _replace_rows(layer, joined, tolerance)


def _repeated_rows(layer: ParsedLayer, keys: pd.Series) -> list[IntArray]:
    """Return the rows of each key that several usable rows have."""
    rows = pd.Series(np.arange(len(keys)))[layer.is_valid & keys.notna().to_numpy()]
    groups = rows.groupby(keys.to_numpy()[rows], sort=False)
    return [group.to_numpy() for _, group in groups if len(group) > 1]


def _compare_rows(layer: ParsedLayer, rows: IntArray, tolerance: float) -> _Unit | None:
    """Return the rows of one key as a unit; None if their shapes are beyond repair, or too complex to compare."""
    shapes = layer.shapes[rows]
    m2_per_unit = shapely.area(_to_metres(layer, shapes)).sum() / max(shapely.area(shapes).sum(), MIN_AREA)
    m2 = 1 / max(m2_per_unit, MIN_AREA)
    cleaned = make_valid_bounded(shapes, MAX_CHANGE_M2 * m2, min_part_m2=MIN_PART_M2 * m2)
    if cleaned.still_invalid.any() or not np.isin(shapely.get_type_id(cleaned.geometry), AREAL_TYPES).all():
        return None
    pairs = shapely.STRtree(cleaned.geometry).query(cleaned.geometry, predicate="dwithin", distance=tolerance)
    if _is_too_complex(cleaned.geometry, *pairs):
        return None
    graph = coo_array((np.ones(len(pairs[0])), tuple(pairs)), shape=(len(rows), len(rows)))
    component = connected_components(graph, directed=False)[1].astype(np.int64)
    overlap = shapely.area(cleaned.geometry).sum() - shapely.union_all(cleaned.geometry).area
    return _Unit(rows, cleaned.geometry, component, float(overlap * m2_per_unit))


def _to_metres(layer: ParsedLayer, shapes: GeometryArray) -> GeometryArray:
    """Return shapes of a layer in metres, to measure them; without coordinates on Earth they stay as they are."""
    series = gpd.GeoSeries(shapes, crs=layer.source_crs)
    crs = choose_metric_crs(gpd.GeoDataFrame(geometry=series))
    return np.asarray(series.to_crs(crs).to_numpy() if crs is not None else shapes, dtype=object)


def _is_too_complex(shapes: GeometryArray, first: IntArray, second: IntArray) -> bool:
    """Return whether the outlines cross so often that a union could take minutes."""
    crossings = 0
    for i, j in zip(first[first > second], second[first > second], strict=True):
        crossings += count_crossings(shapes[i], shapes[j], max_crossings=MAX_CROSSINGS - crossings)
        if crossings >= MAX_CROSSINGS:
            return True
    return False


def _find_difference(layer: ParsedLayer, unit: _Unit, key_column: str) -> tuple[str, list[str]] | None:
    """Return the first column in which rows of one unit differ, with its values."""
    for name in (column.name for column in layer.schema.columns if column.name != key_column):
        values = first_spellings(layer.frame[name].iloc[unit.rows].dropna())
        if len(set(values.values())) > 1:
            return name, list(dict.fromkeys(values.values()))
    return None


def _report_differences(layer: ParsedLayer, column: str, units: Sequence[_Unit]) -> None:
    placeholders = {}
    for unit in units:
        other, values = _find_difference(layer, unit, column) or ("", [])
        placeholders[_second_row(unit)] = {
            **_naming(layer, unit, column),
            "other": other,
            "values": " / ".join(map(format_value, values)),
        }
    _add_row_faults(layer, layer.faults, SEVERAL_VALUES, column, placeholders)


def _report_apart(layer: ParsedLayer, column: str, units: Sequence[_Unit]) -> None:
    placeholders = {}
    for unit in units:
        shapes, is_first = _to_metres(layer, unit.shapes), unit.component == 0
        distance = shapely.distance(shapely.union_all(shapes[is_first]), shapely.union_all(shapes[~is_first]))
        row = int(unit.rows[~is_first][0])
        placeholders[row] = {**_naming(layer, unit, column), "distance": f"{distance:.{0 if distance >= 10 else 2}f}"}
    _add_row_faults(layer, layer.faults, APART, column, placeholders)


def _report_united(layer: ParsedLayer, column: str, units: Sequence[_Unit]) -> None:
    for template, overlaps in ((UNITED, False), (UNITED_OVERLAPPING, True)):
        placeholders = {
            _second_row(unit): {**_naming(layer, unit, column), "area": f"{unit.overlap_m2:.0f}"}
            for unit in units
            if unit.overlaps == overlaps
        }
        _add_row_faults(layer, layer.warnings, template, column, placeholders)


def _second_row(unit: _Unit) -> int:
    """Return the row that repeats the key: faults of a repeated value are those of the second row."""
    return int(unit.rows[1])


def _naming(layer: ParsedLayer, unit: _Unit, column: str) -> dict[str, object]:
    numbers = [str(layer.location.row_number(int(row))) for row in unit.rows]
    more = ["…"] if len(numbers) > MAX_NAMED_ROWS else []
    return {"rows": ", ".join(numbers[:MAX_NAMED_ROWS] + more), "column": column}


def _add_row_faults(
    layer: ParsedLayer,
    faults: list[InputFault],
    template: FaultTemplate,
    column: str,
    placeholders: Mapping[int, Mapping[str, object]],
) -> None:
    values = list(layer.frame[column])
    faults += make_row_faults(
        layer.location,
        template,
        list(placeholders),
        column=column,
        values=values,
        placeholders=placeholders.__getitem__,
    )


def _replace_rows(layer: ParsedLayer, units: Sequence[_Unit], tolerance: float) -> None:
    """Replace the first row of each unit by all of them, and remove the others."""
    shapes, remains = layer.shapes.copy(), np.ones(len(layer.frame), dtype=np.bool_)
    frame = layer.frame.copy()
    for unit in units:
        shapes[unit.rows[0]] = _unite(unit.shapes, tolerance)
        frame.iloc[unit.rows[:1]] = frame.iloc[unit.rows].bfill().iloc[:1]
        remains[unit.rows[1:]] = False
    layer.frame = frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))[remains].reset_index(drop=True)
    layer.is_valid = layer.is_valid[remains]
    layer.location = layer.location.select_rows(np.flatnonzero(remains))


def _unite(shapes: GeometryArray, tolerance: float) -> shapely.Geometry:
    """Return the union of touching shapes; gaps of at most the tolerance between them are closed."""
    if shapely.coverage_is_valid(shapes, gap_width=tolerance):
        return shapely.union_all(shapes)
    snapped = shapely.coverage_clean(shapes, snapping_distance=tolerance, gap_width=tolerance)
    return shapely.union_all(snapped)
