"""Rows of a layer with shapes: the layer that fits, its columns, and the faults of its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from gridmap.core.array_types import GeometryArray
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.formats.crs import choose_metric_crs
from gridmap.formats.intake.source_file import OpenSource
from gridmap.formats.package.layer_reader import (
    OUTSIDE_CRS,
    ParsedLayer,
    parse_layer,
    reject_unknown_crs,
)
from gridmap.formats.package.layer_repair import repair_polygons, reproject_layer
from gridmap.formats.package.layer_schemas import GRIDS, POLYGONS, LayerSchema
from gridmap.formats.package.row_units import unite_rows
from gridmap.formats.readers.layer_rows import choose_layer_columns, read_layer_metadata
from gridmap.formats.readers.layer_source import LayerSource
from gridmap.formats.readers.positions import crs_name
from gridmap.formats.row_faults import MORE_FAULTS, FaultLocation, FaultTemplate, make_fault
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem

WGS84 = 4326
NO_LAYER = FaultTemplate(
    N_("no layer of it is {kind}"),
    N_("a layer {layer}, or a single layer of {shapes}; found: {found}"),
    N_("upload a GeoPackage, GeoJSON, KML, or a ZIP file with a Shapefile, and name the layer {layer}"),
)
NO_ROWS = FaultTemplate(N_("the layer has no rows"))


def read_shape_rows(opened: OpenSource, kind: SheetKind, layer: str | None = None) -> SheetRows:
    """Read the rows of a kind with shapes from an open file.

    Parameters
    ----------
    opened : OpenSource
    kind : SheetKind
        Its layer says which shapes and columns are read. Touching rows with one code are one unit.
    layer : str, optional
        Name of the layer; by default the one that fits.

    Returns
    -------
    SheetRows
        With shapes in WGS 84. Faults of rows are among its problems, and so are repairs, as warnings.

    Raises
    ------
    InvalidInput
        If no layer fits, or several do, it has no rows, or nobody can say where it lies.
    """
    assert kind.layer, "only kinds with shapes are read here"
    source = _choose_layer(opened, kind, kind.layer, layer)
    parsed = parse_layer(kind.layer, source)
    if parsed.frame.empty:
        raise InvalidInput([make_fault(parsed.location, NO_ROWS)])
    if kind.layer.geometry_types & POLYGONS:
        column = "grid_code" if kind.layer is GRIDS else "code"
        unite_rows(parsed, _unit_codes(parsed), column, is_strict=kind.layer is not GRIDS)
    reject_unknown_crs(parsed, opened.source.options.near)
    shapes = _measure_and_repair(parsed)
    numbers = [parsed.location.row_number(row) for row in range(len(parsed.frame))]
    problems = _row_problems(parsed, numbers)
    values = {each.name: _texts(parsed.frame[each.name]) for each in kind.fields}
    choice = choose_layer_columns(source, kind.layer.fields)
    layer_source = replace(source, row_numbers=numbers)
    crs = crs_name(parsed.source_crs) if parsed.source_crs else ""
    return SheetRows(kind, layer_source, choice, values, problems, tuple(source.notes), shapes, crs)


def _unit_codes(parsed: ParsedLayer) -> pd.Series:
    """Return the code of each row: that of the grid, else the plain one."""
    codes: pd.Series = parsed.frame["code"]
    return parsed.frame["grid_code"].fillna(codes) if parsed.schema is GRIDS else codes


def _choose_layer(opened: OpenSource, kind: SheetKind, schema: LayerSchema, name: str | None) -> LayerSource:
    layers = list(opened.layers.values())
    if name is not None:
        fitting = [each for each in layers if each.layer == name]
    elif schema.name in opened.layers:
        fitting = [opened.layers[schema.name]]
    else:
        fitting = [each for each in layers if _has_shapes(each)]
    if len(fitting) == 1:
        return opened.source.options.place(fitting[0], schema.name)
    found = ", ".join(each.layer for each in layers) or "–"
    values = {"kind": Message(kind.title), "layer": schema.name, "shapes": Message(schema.expected), "found": found}
    missing = make_fault(FaultLocation(opened.name), NO_LAYER, placeholders=values)
    raise InvalidInput([*opened.faults, *opened.foreign] or [missing])


def _has_shapes(layer: LayerSource) -> bool:
    try:
        return read_layer_metadata(layer)["geometry_type"] is not None
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        return False


def _measure_and_repair(parsed: ParsedLayer) -> GeometryArray:
    """Repair small drawing errors in metres, and return the usable shapes in WGS 84."""
    shapes = np.full(len(parsed.frame), None, dtype=object)
    if not parsed.is_valid.any():
        return shapes
    crs = choose_metric_crs(parsed.valid_rows)
    if crs is None:
        parsed.reject_all(OUTSIDE_CRS, crs=parsed.source_crs.name if parsed.source_crs else "")
        return shapes
    reproject_layer(parsed, crs)
    repair_polygons(parsed)
    usable: gpd.GeoSeries = parsed.frame.geometry[parsed.is_valid].to_crs(WGS84)
    shapes[parsed.is_valid] = usable.to_numpy()
    return shapes


def _row_problems(parsed: ParsedLayer, numbers: Sequence[int]) -> tuple[RowProblem, ...]:
    """Return the faults and warnings of rows; raise those of the whole layer."""
    whole = [fault for fault in parsed.faults if fault.row is None and fault.problem.template != MORE_FAULTS]
    if whole:
        raise InvalidInput(whole)
    position = {number: row for row, number in enumerate(numbers)}
    faults = [RowProblem(position[each.row], _sentence(each), each.column) for each in parsed.faults if each.row]
    named = {each.row for each in faults}
    unnamed = [row for row in np.flatnonzero(~parsed.is_valid).tolist() if row not in named]
    more = next((each.problem for each in parsed.faults if each.row is None), None)
    faults += [RowProblem(row, _more_problem(more), "geometry") for row in unnamed]
    warnings = [
        RowProblem(position[each.row], _sentence(each), each.column, is_warning=True)
        for each in parsed.warnings
        if each.row in position
    ]
    return tuple(sorted((*faults, *warnings), key=lambda each: each.row))


def _more_problem(more: Message | None) -> Message:
    """Return the problem of the rows beyond those that are listed one by one."""
    problem = more.values.get("problem") if more else None
    return problem if isinstance(problem, Message) else Message(N_("the shape cannot be used, as those of other rows"))


def _sentence(fault: InputFault) -> Message:
    """Return the problem of a fault with the value found, and the advice."""
    parts = dict(_numbered(fault))
    return Message(" · ".join(f"{{{name}}}" for name in parts), parts)


def _numbered(fault: InputFault) -> Iterator[tuple[str, object]]:
    yield "problem", fault.problem
    if fault.value is not None:
        yield "value", fault.value
    if fault.advice is not None and "--" not in fault.advice.template:
        yield "advice", fault.advice


def _texts(column: pd.Series) -> list[object]:
    return [value if isinstance(value, str) else None for value in column.astype(object)]
