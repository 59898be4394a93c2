"""Places of an import on the map of its preview: what is new, changed or faulty, by the rows of the sheet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.vocabulary import DifferenceKind
from gridmap.services.imports.sheets.run import ImportPreview

MAX_SHOWN_SHAPES = 3_000
"""Shapes that the map shows: those with faults first, then what changes."""
TOLERANCE_DEGREES = 1e-5
"""About a metre, by which outlines are simplified."""
FAULTY = "faulty"
ORDER = (FAULTY, *DifferenceKind)


@dataclass(frozen=True)
class PreviewShape:
    """A row of the sheet on the map.

    Parameters
    ----------
    state : str
        ``faulty``, or the difference.
    row : int
        Row of the sheet.
    shape : str
        GeoJSON geometry, WGS 84.
    """

    state: str
    row: int
    shape: str


def list_preview_shapes(preview: ImportPreview) -> list[PreviewShape]:
    """Return the rows that have a place, the most important first and at most `MAX_SHOWN_SHAPES`."""
    states, shapes = _find_states(preview), _find_shapes(preview)
    rows = sorted((row for row in states if row in shapes), key=lambda row: (ORDER.index(states[row]), row))
    shown = rows[:MAX_SHOWN_SHAPES]
    texts = encode_shapes(shapes[row] for row in shown)
    pairs = zip(shown, texts, strict=True)
    return [PreviewShape(states[row], preview.rows.row_number(row), text) for row, text in pairs]


def encode_shapes(shapes: Iterable[shapely.Geometry]) -> list[str]:
    """Return shapes as GeoJSON, simplified and rounded to decimetres; small ones keep their corners.

    Examples
    --------
    >>> encode_shapes([shapely.Point(114.30000001, 30.5)])
    ['{"type":"Point","coordinates":[114.3,30.5]}']
    """
    given = np.array(list(shapes), dtype=object)
    simple = shapely.simplify(shapely.force_2d(given), TOLERANCE_DEGREES)
    rounded = shapely.transform(simple, lambda degrees: np.round(degrees, 6))
    return [str(text) for text in shapely.to_geojson(rounded)]


def _find_states(preview: ImportPreview) -> Mapping[int, str]:
    """Return what happens to each row: it is faulty, or one of its differences."""
    found: dict[int, str] = {}
    for each in preview.plan.differences:
        if each.row is not None:
            found[each.row] = min(found.get(each.row, each.kind), each.kind, key=ORDER.index)
    return {**found, **dict.fromkeys(preview.bad_rows, FAULTY)}


def _find_shapes(preview: ImportPreview) -> Mapping[int, shapely.Geometry]:
    """Return the shape of each row that has one: of the file, of its place, or of its coordinates."""
    rows = preview.rows
    drawn = {row: shape for row, shape in enumerate(rows.shapes) if shape is not None}
    return {**dict(_find_points(preview)), **preview.plan.shapes, **drawn}


def _find_points(preview: ImportPreview) -> Iterator[tuple[int, shapely.Geometry]]:
    values = preview.rows.values
    if "longitude" not in values or "latitude" not in values:
        return
    for row, (x, y) in enumerate(zip(values["longitude"], values["latitude"], strict=True)):
        if isinstance(x, float) and isinstance(y, float):
            yield row, shapely.Point(x, y)
