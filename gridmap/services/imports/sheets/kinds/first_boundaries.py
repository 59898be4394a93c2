"""Boundaries of communities of a subdistrict without land: they go to the drawing of its first day."""

from collections.abc import Iterator, Mapping, Sequence

import shapely

from gridmap.core.errors import N_, Message
from gridmap.core.tracing.shapes import ShapeKind, TracedShape
from gridmap.core.vocabulary import DifferenceKind
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.communities import CommunityIndex
from gridmap.services.imports.sheets.plan import Difference, ImportContext, SheetPlan
from gridmap.services.tracing.document import MAX_VERTICES_OF_SHAPE
from gridmap.services.tracing.drafts import load_draft, save_shapes

NOT_ONE_RING = N_("it has several parts or holes: the drawing of a first day takes one ring for each community")
TOO_MANY_VERTICES = N_("its boundary has {count} vertices; the drawing takes at most {maximum}: simplify it")
SAME_DEGREES = 1e-5
"""About a metre, within which two boundaries are one."""


def plan_first_boundaries(
    context: ImportContext, sheet: SheetRows, rows: Mapping[int, int], problems: Sequence[RowProblem]
) -> SheetPlan:
    """Compare boundaries with those of the drawing; what is applied is its next version.

    Parameters
    ----------
    context : ImportContext
    sheet : SheetRows
    rows : mapping of int to int
        Row of each community.
    problems : sequence of RowProblem
        What is wrong with other rows.
    """
    draft = load_draft(context.session, context.caller, context.subdistrict_id)
    drawn = {each.code: each for each in draft.town.shapes if each.kind is ShapeKind.COMMUNITY}
    codes = {each.id: each.code for each in CommunityIndex(context).places}
    shapes = {codes[key]: _single_part(sheet.shapes[row]) for key, row in rows.items()}
    faults = list(_find_faults(shapes, {codes[key]: row for key, row in rows.items()}))
    wrong = {each.row for each in faults}
    differences = [
        _compare_outline(key, row, drawn.get(codes[key]), shapes[codes[key]])
        for key, row in rows.items()
        if row not in wrong
    ]
    taken = [codes[each.row_id] for each in differences if each.row_id and each.kind is not DifferenceKind.UNCHANGED]

    def apply() -> Mapping[int, int]:
        new = [_trace(key, code, shapes[code], drawn.get(code)) for key, code in codes.items() if code in taken]
        kept = [each for each in draft.town.shapes if each.kind is not ShapeKind.COMMUNITY or each.code not in taken]
        save_shapes(context.session, context.caller, context.subdistrict_id, [*kept, *new], draft.version)
        return {}

    return SheetPlan("community", differences, [*problems, *faults], apply)


def _single_part(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape


def _find_faults(shapes: Mapping[str, shapely.Geometry], rows: Mapping[str, int]) -> Iterator[RowProblem]:
    for code, shape in shapes.items():
        if shape.geom_type != "Polygon" or len(shape.interiors):
            yield RowProblem(rows[code], Message(NOT_ONE_RING), "geometry")
        elif (count := len(shape.exterior.coords) - 1) > MAX_VERTICES_OF_SHAPE:
            values = {"count": count, "maximum": MAX_VERTICES_OF_SHAPE}
            yield RowProblem(rows[code], Message(TOO_MANY_VERTICES, values), "geometry")


def _compare_outline(community_id: int, row: int, drawn: TracedShape | None, shape: shapely.Geometry) -> Difference:
    if drawn is None:
        return Difference(DifferenceKind.NEW, row, community_id)
    is_same = shapely.hausdorff_distance(shapely.boundary(drawn.geometry), shapely.boundary(shape)) <= SAME_DEGREES
    kind = DifferenceKind.UNCHANGED if is_same else DifferenceKind.CHANGED
    return Difference(kind, row, community_id, () if is_same else ("geometry",))


def _trace(community_id: int, code: str, shape: shapely.Geometry, drawn: TracedShape | None) -> TracedShape:
    """Return a shape of the drawing; one that is there keeps its key."""
    return TracedShape(drawn.id if drawn else f"community-{community_id}", ShapeKind.COMMUNITY, shape, code=code)
