"""Streets 道路 of a subdistrict that has land: lines are found again by their course, new ones are added."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import DifferenceKind
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.plan import Difference, ImportContext, SheetPlan
from gridmap.services.imports.sheets.rows import list_sound_rows
from gridmap.store.queries.land.building_sites import load_community_shapes
from gridmap.store.queries.land.streets import StoredStreet, list_stored_streets
from gridmap.store.writes.land.streets import StreetValues, write_streets

SAME_DEGREES = 1e-5
"""About a metre, within which two lines are one street."""
MARGIN_DEGREES = 5e-3
"""About 500 m, within which a line counts as near the communities: streets go on beyond them."""
FAR_AWAY = N_("the line lies far outside the subdistrict")
REPEATED = N_("the same line is in row {row} already")


class _StreetLine(NamedTuple):
    """A single line of a row, and the stored street of the same course."""

    row: int
    line: shapely.LineString
    present: StoredStreet | None


@dataclass(frozen=True, eq=False)
class _StreetIndex:
    """Stored streets by their course."""

    streets: Sequence[StoredStreet]
    tree: shapely.STRtree

    def find(self, line: shapely.LineString) -> StoredStreet | None:
        """Return the street that is nowhere farther from a line than about a metre."""
        near = self.tree.query(line, predicate="dwithin", distance=SAME_DEGREES)
        same = [each for each in near if shapely.hausdorff_distance(line, self.tree.geometries[each]) <= SAME_DEGREES]
        return self.streets[min(same)] if same else None


def plan_streets(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare streets with those that are stored; cells follow when the land of a community is built anew."""
    streets = list_stored_streets(context.session, context.caller, context.subdistrict_id)
    index = _StreetIndex(streets, shapely.STRtree(np.array([each.line for each in streets], dtype=object)))
    sound = list_sound_rows(sheet, ())
    parts = [part for row in sound for part in _split(sheet, index, row)]
    problems = [*_find_far_rows(context, sheet, sound), *_find_repeated_rows(sheet, parts)]
    wrong = {each.row for each in problems}
    by_row = {row: [part for part in parts if part.row == row] for row in sound if row not in wrong}
    changes = {row: [_change(sheet, part) for part in own] for row, own in by_row.items()}
    differences = [_compare_street(row, by_row[row], changes[row]) for row in by_row]
    if len(by_row) == len(sheet):
        named = {part.present.id for part in parts if part.present}
        differences += [Difference(DifferenceKind.GONE, None, each.id) for each in streets if each.id not in named]

    def apply() -> Mapping[int, int]:
        return _apply(context, differences, changes)

    def end_gone(row_ids: Sequence[int]) -> None:
        write_streets(context.session, context.subdistrict_id, [], row_ids)

    return SheetPlan("street", differences, problems, apply, end_gone)


def _split(sheet: SheetRows, index: _StreetIndex, row: int) -> Iterator[_StreetLine]:
    for line in shapely.get_parts(sheet.shapes[row]):
        if shapely.length(line) > 0:
            yield _StreetLine(row, line, index.find(line))


def _find_far_rows(context: ImportContext, sheet: SheetRows, rows: Sequence[int]) -> Iterator[RowProblem]:
    outlines = load_community_shapes(context.session, context.caller, context.subdistrict_id)
    tree = shapely.STRtree(np.array(list(outlines.values()), dtype=object))
    for row in rows:
        if not len(tree.query(sheet.shapes[row], predicate="dwithin", distance=MARGIN_DEGREES)):
            yield RowProblem(row, Message(FAR_AWAY), "geometry")


def _find_repeated_rows(sheet: SheetRows, parts: Sequence[_StreetLine]) -> Iterator[RowProblem]:
    """Yield the rows with a line that an earlier row has; a line of a stored street counts by the street."""
    first: dict[object, int] = {}
    for part in parts:
        key = part.present.id if part.present else shapely.to_wkb(shapely.normalize(part.line))
        if first.setdefault(key, part.row) != part.row:
            yield RowProblem(part.row, Message(REPEATED, {"row": sheet.row_number(first[key])}), "geometry")


def _change(sheet: SheetRows, part: _StreetLine) -> StreetValues:
    """Return name and kind of a line by the file; where it has none, those that are stored."""
    name, kind = sheet.values["name"][part.row], str(sheet.values["kind"][part.row])
    if part.present is None:
        return StreetValues(None, None if name is None else str(name), kind, part.line)
    has_kind = "kind" in sheet.choice.headers
    stored = part.present
    return StreetValues(
        stored.id, stored.name if name is None else str(name), kind if has_kind else stored.kind, part.line
    )


def _compare_street(row: int, parts: Sequence[_StreetLine], changes: Sequence[StreetValues]) -> Difference:
    """Return the difference of a row: new with all of its lines, or else the first of its streets with the fields."""
    present = [part.present for part in parts if part.present]
    if not present:
        return Difference(DifferenceKind.NEW, row)
    pairs = [(part.present, change) for part, change in zip(parts, changes, strict=True)]
    fields = [
        *(["geometry"] if len(present) < len(parts) else []),
        *(["name"] if any(old and old.name != new.name for old, new in pairs) else []),
        *(["kind"] if any(old and old.kind != new.kind for old, new in pairs) else []),
    ]
    kind = DifferenceKind.CHANGED if fields else DifferenceKind.UNCHANGED
    return Difference(kind, row, present[0].id, tuple(fields))


def _apply(
    context: ImportContext, differences: Sequence[Difference], changes: Mapping[int, Sequence[StreetValues]]
) -> dict[int, int]:
    """Write the rows that are new or changed; return the key of the first new line of each new row."""
    rows = [each.row for each in differences if each.kind in {DifferenceKind.NEW, DifferenceKind.CHANGED}]
    written = [(row, change) for row in rows if row is not None for change in changes[row]]
    keys = write_streets(context.session, context.subdistrict_id, [change for _, change in written])
    new_rows = [row for row, change in written if change.street_id is None]
    return dict(reversed(list(zip(new_rows, keys, strict=True))))
