"""Boundaries 社区边界 of communities: mended ones build land anew, those of a first day go to its drawing."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from pyproj import CRS

from gridmap.core.coverage.mended_boundary import MIN_CHANGE_WIDTH_M
from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.core.vocabulary import DifferenceKind
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.communities import CommunityIndex
from gridmap.services.imports.sheets.kinds.first_boundaries import plan_first_boundaries
from gridmap.services.imports.sheets.plan import Difference, ImportContext, SheetPlan
from gridmap.services.imports.sheets.rows import list_sound_rows
from gridmap.services.land.boundary_changes import BoundaryChanges, find_boundary_changes
from gridmap.services.land.rebuild import NOTHING_CHANGES, RebuildRequest, rebuild_land
from gridmap.store.queries.land.building_sites import load_community_shapes
from gridmap.store.queries.plans.first_days import has_land
from gridmap.store.reprojection import to_metres

REPEATED = N_("the community is in row {row} already")
OVERLAP = N_("it overlaps {other} by {hectares} ha: the later row of the file has this land")
GAP = N_(
    "{hectares} ha beside it are in no row of the file: they go to the neighbour with the longest border, or at the "
    "edge of the subdistrict to nobody"
)
ALSO_CHANGED = N_("other communities change with it: {names}")
MOVED = N_("{count} buildings go to it, and with them households and places: {codes}")
MAX_LISTED = 12
SQUARE_METRES = 10_000


def plan_boundaries(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare boundaries with those that hold; what is applied is new land of all communities that change.

    A subdistrict without land takes them into the drawing of its first day.
    """
    rows, problems = _match_rows(context, sheet)
    if not has_land(context.session, context.caller, context.subdistrict_id):
        return plan_first_boundaries(context, sheet, rows, problems)
    boundaries = {community_id: sheet.shapes[row] for community_id, row in rows.items()}
    try:
        changes = _find_changes(context, boundaries)
    except InvalidInput as error:
        first = min(rows.values())
        problems += [RowProblem(first, fault.problem, "geometry") for fault in error.faults]
        return SheetPlan("community", [], problems, dict)
    problems += [*_find_overlaps(context, sheet, boundaries, rows), *_tell_changes(context, rows, changes)]
    differences = [_compare_outline(community_id, row, changes) for community_id, row in rows.items()]

    def apply() -> Mapping[int, int]:
        request = RebuildRequest(min(changes.names), boundaries, context.source)
        rebuild_land(context.session, context.caller, request)
        return {}

    return SheetPlan("community", sorted(differences, key=lambda each: each.row or 0), problems, apply)


def _match_rows(context: ImportContext, sheet: SheetRows) -> tuple[dict[int, int], list[RowProblem]]:
    """Return the row of each community that the file names by its code, and what is wrong with the other rows."""
    index, rows = CommunityIndex(context), dict[int, int]()
    problems: list[RowProblem] = []
    for row in list_sound_rows(sheet, ()):
        found = index.find(str(sheet.values["code"][row]))
        if isinstance(found, Message):
            problems.append(RowProblem(row, found, "code"))
        elif found.id in rows:
            problems.append(RowProblem(row, Message(REPEATED, {"row": sheet.row_number(rows[found.id])}), "code"))
        else:
            rows[found.id] = row
    return rows, problems


def _find_changes(context: ImportContext, boundaries: Mapping[int, shapely.Geometry]) -> BoundaryChanges:
    """Return what the boundaries change: nothing where they are those that hold."""
    if not boundaries:
        return BoundaryChanges()
    try:
        return find_boundary_changes(context.session, context.caller, context.subdistrict_id, boundaries)
    except InvalidInput as error:
        if [fault.problem.template for fault in error.faults] == [NOTHING_CHANGES]:
            return BoundaryChanges()
        raise


def _compare_outline(community_id: int, row: int, changes: BoundaryChanges) -> Difference:
    if community_id in changes.names:
        return Difference(DifferenceKind.CHANGED, row, community_id, ("geometry",))
    return Difference(DifferenceKind.UNCHANGED, row, community_id)


def _tell_changes(context: ImportContext, rows: Mapping[int, int], changes: BoundaryChanges) -> Iterator[RowProblem]:
    """Yield warnings: communities that change without a row, and buildings that go to another community."""
    changed = [row for community_id, row in rows.items() if community_id in changes.names]
    others = [name for community_id, name in changes.names.items() if community_id not in rows]
    if others and changed:
        yield RowProblem(min(changed), Message(ALSO_CHANGED, {"names": _join(others)}), "geometry", is_warning=True)
    ids = {each.code: each.id for each in CommunityIndex(context).places}
    for code, codes in changes.moved.items():
        row = rows.get(ids[code], min(changed, default=0))
        values = {"count": len(codes), "codes": _join(codes)}
        yield RowProblem(row, Message(MOVED, values), "geometry", is_warning=True)


def _find_overlaps(
    context: ImportContext, sheet: SheetRows, boundaries: Mapping[int, shapely.Geometry], rows: Mapping[int, int]
) -> Iterator[RowProblem]:
    """Yield warnings of land that is in two rows, and of land of the subdistrict that is in none."""
    if not boundaries:
        return
    stored = load_community_shapes(context.session, context.caller, context.subdistrict_id)
    others = [shape for key, shape in stored.items() if key not in boundaries]
    crs = CRS(_estimate_crs(list(boundaries.values())))
    order = sorted(boundaries, key=lambda each: rows[each])
    shapes = to_metres(np.array([boundaries[each] for each in order], dtype=object), crs)
    for one in range(len(order)):
        for other in range(one):
            shared = _hectares(shapely.intersection(shapes[one], shapes[other]))
            if shared:
                values = {"other": sheet.values["code"][rows[order[other]]], "hectares": shared}
                yield RowProblem(rows[order[one]], Message(OVERLAP, values), "geometry", is_warning=True)
    covered = shapely.union_all([*shapes, *to_metres(np.array(others, dtype=object), crs)] if others else shapes)
    before = shapely.union_all(to_metres(np.array(list(stored.values()), dtype=object), crs))
    for gap in shapely.get_parts(shapely.difference(before, covered)):
        if size := _hectares(gap):
            nearest = order[int(np.argmin(shapely.distance(shapes, gap)))]
            yield RowProblem(rows[nearest], Message(GAP, {"hectares": size}), "geometry", is_warning=True)


def _hectares(shape: shapely.Geometry) -> float:
    """Return the area of what is wider than a border drawn twice, rounded."""
    parts = [each for each in shapely.get_parts(shape) if shapely.area(each) > 0]
    wide = [each for each in parts if 2 * shapely.area(each) >= MIN_CHANGE_WIDTH_M * shapely.length(each)]
    return round(float(np.sum(shapely.area(wide))) / SQUARE_METRES, 2)


def _estimate_crs(shapes: Sequence[shapely.Geometry]) -> str:
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object)).tolist()
    return f"+proj=laea +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +ellps=WGS84 +units=m"


def _join(names: Sequence[str]) -> str:
    return "、".join([*names[:MAX_LISTED], *(["…"] if len(names) > MAX_LISTED else [])])
