"""Today's grids 现有网格 of communities that have land: hand-drawn polygons become a draft of the plan."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely

from gridmap.core.codes import COMMUNITY_DIGITS
from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import DifferenceKind
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.communities import CommunityIndex
from gridmap.services.imports.sheets.kinds.drawn_grids import (
    DrawnCommunity,
    draw_community,
    grid_code,
    load_base_grids,
)
from gridmap.services.imports.sheets.plan import Difference, ImportContext, SheetPlan
from gridmap.services.imports.sheets.rows import list_sound_rows
from gridmap.services.plans import streets
from gridmap.services.plans.changes import load_parent
from gridmap.services.plans.revisions import require_latest
from gridmap.store.queries.land.building_sites import load_community_shapes
from gridmap.store.queries.plans.revisions import RevisionRow
from gridmap.store.writes.plans import RevisionContent, insert_plan, insert_revision
from gridmap.texts import DEFAULT_LANGUAGE, translate

TODAYS_GRIDS = N_("Today's grids")
IMPORTED = N_("Today's grids by {source}")
OUTSIDE = N_("the grid lies outside every community of the subdistrict")
ELSEWHERE = N_("the grid does not lie in {community}, which the file names")
NOT_YOURS = N_("the grid is in a community that is not yours")
REPEATED = N_("the code {code} is in row {row} already: give each grid its own code")
WITH_OTHERS = N_("all grids of a community are imported together: another row of it has a fault")


UNKNOWN, NOWHERE = 0, -1
"""Keys of rows that may be of any community, since they have no shape, and of rows outside all of them."""


class _Place(NamedTuple):
    community_id: int
    problem: Message | None = None


@dataclass(frozen=True, eq=False)
class _GridPlanner:
    """Rows of a file by community, with the problems found so far."""

    context: ImportContext
    sheet: SheetRows
    problems: list[RowProblem] = field(default_factory=list)

    def plan(self) -> SheetPlan:
        """Return the differences of every community whose rows are all sound."""
        communities = [self._draw(key, rows) for key, rows in sorted(self._rows_by_community().items())]
        drawn = [each for each in communities if each is not None]
        differences = {each.community_id: _compare_grids(self.context, each) for each in drawn}

        def apply() -> Mapping[int, int]:
            for each in drawn:
                if any(one.kind is not DifferenceKind.UNCHANGED for one in differences[each.community_id]):
                    _save(self.context, each)
            return {}

        listed = [one for each in differences.values() for one in each]
        return SheetPlan("grid", sorted(listed, key=_position), self.problems, apply)

    def _rows_by_community(self) -> dict[int, list[int]]:
        """Return the rows of each community; where one has a fault, its community has none."""
        sound = set(list_sound_rows(self.sheet, ()))
        by_community: dict[int, list[int]] = {}
        spoilt: set[int] = set()
        for row, place in enumerate(_locate(self.context, self.sheet)):
            by_community.setdefault(place.community_id, []).append(row)
            if place.problem or row not in sound:
                spoilt.add(place.community_id)
            if place.problem and row in sound:
                self.problems.append(RowProblem(row, place.problem, "geometry"))
        for community_id, rows in by_community.items():
            if repeated := list(_find_repeated(self.sheet, rows)):
                self.problems.extend(repeated)
                spoilt.add(community_id)
        for community_id in [*by_community] if UNKNOWN in spoilt else spoilt:
            self._refuse_others(by_community.pop(community_id))
        return by_community

    def _draw(self, community_id: int, rows: Sequence[int]) -> DrawnCommunity | None:
        drawn = draw_community(self.context, self.sheet, community_id, rows)
        found = drawn if isinstance(drawn, list) else drawn.problems
        self.problems.extend(found)
        if isinstance(drawn, list) or any(not each.is_warning for each in found):
            self._refuse_others(rows)
            return None
        return drawn

    def _refuse_others(self, rows: Sequence[int]) -> None:
        """Refuse the rows of a community without a fault of their own: their neighbours would take its land."""
        wrong = {each.row for each in (*self.sheet.problems, *self.problems) if not each.is_warning}
        self.problems.extend(RowProblem(row, Message(WITH_OTHERS), "geometry") for row in rows if row not in wrong)


def plan_grids(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare today's grids with the latest revision of each community.

    A cell belongs to the drawn grid that has most of it (`gridmap.core.coverage.repair`); the polygons of the file are
    not stored. What is applied is the next revision of the community's plan, and nothing is in force by it.
    """
    return _GridPlanner(context, sheet).plan()


def _locate(context: ImportContext, sheet: SheetRows) -> Iterator[_Place]:
    """Yield the community of each row, with what is wrong with it."""
    outlines = load_community_shapes(context.session, context.caller, context.subdistrict_id)
    index, keys = CommunityIndex(context), list(outlines)
    tree = shapely.STRtree(np.array(list(outlines.values()), dtype=object))
    for row, shape in enumerate(sheet.shapes):
        if shape is None:
            yield _place_by_code(index, sheet, row)
            continue
        near = tree.query(shape, predicate="intersects")
        areas = {keys[each]: shapely.area(shapely.intersection(shape, tree.geometries[each])) for each in near}
        yield _place(context, index, areas, sheet.values["community_code"][row])


def _place_by_code(index: CommunityIndex, sheet: SheetRows, row: int) -> _Place:
    """Return the community of a row without a shape, which its code names."""
    texts = sheet.values["community_code"][row], (grid_code(sheet, row) or "")[:COMMUNITY_DIGITS]
    found = [index.find(str(text)) for text in texts if text]
    return next((_Place(each.id) for each in found if not isinstance(each, Message)), _Place(UNKNOWN))


def _place(context: ImportContext, index: CommunityIndex, areas: Mapping[int, float], stated: object) -> _Place:
    found = index.find(str(stated)) if stated is not None else None
    nearest = max(areas, key=lambda each: areas[each], default=NOWHERE)
    if isinstance(found, Message):
        return _Place(nearest, found)
    key = found.id if found else nearest
    if not areas.get(key):
        problem = Message(ELSEWHERE, {"community": found.name or found.code}) if found else Message(OUTSIDE)
        return _Place(key, problem)
    is_own = context.caller.trusted or key in context.caller.community_ids
    return _Place(key, None if is_own else Message(NOT_YOURS))


def _find_repeated(sheet: SheetRows, rows: Sequence[int]) -> Iterator[RowProblem]:
    """Yield the rows whose code an earlier row of the community has."""
    first: dict[str, int] = {}
    for row in rows:
        code = grid_code(sheet, row)
        if code is not None and first.setdefault(code, row) != row:
            values = {"code": code, "row": sheet.row_number(first[code])}
            yield RowProblem(row, Message(REPEATED, values), "grid_code")


def _compare_grids(context: ImportContext, community: DrawnCommunity) -> list[Difference]:
    """Return what each drawn grid changes, and the grids of the latest revision that the file does not have."""
    base, differences = load_base_grids(context, community), []
    codes, names = community.grids["grid_code"].tolist(), community.grids["name"].tolist()
    for grid, (row, cells) in enumerate(zip(community.row_of_grid(), community.cells_of_grids(), strict=True)):
        known = base.rows.get(codes[grid])
        if known is None:
            differences.append(Difference(DifferenceKind.NEW, row))
            continue
        moved = ("geometry",) if cells != base.cells.get(codes[grid]) else ()
        renamed = ("name",) if names[grid] is not None and names[grid] != known.name else ()
        kind = DifferenceKind.CHANGED if moved or renamed else DifferenceKind.UNCHANGED
        differences.append(Difference(kind, row, known.grid_id, (*moved, *renamed)))
    gone = [each.grid_id for code, each in base.rows.items() if code not in codes]
    return [*differences, *(Difference(DifferenceKind.GONE, None, each) for each in gone)]


def _position(difference: Difference) -> tuple[bool, int]:
    return difference.row is None, difference.row or 0


def _save(context: ImportContext, community: DrawnCommunity) -> RevisionRow:
    """Save the next revision of a community; grids without a name in the file keep theirs."""
    session, caller, base = context.session, context.caller, community.base
    require_latest(session, caller, community.community_id, base.id if base else None)
    known = load_base_grids(context, community).rows
    pairs = zip(community.grids["grid_code"], community.grids["name"], strict=True)
    names = [name or (known[code].name if code in known else None) for code, name in pairs]
    content = RevisionContent(
        community.stored.land_id,
        community.stored.cell_ids,
        community.plan.plan.grid_of_cell,
        community.grids.assign(name=names),
        community.profile,
        community.plan.plan.notes,
        community.stored.household_kind,
    )
    note = translate(Message(IMPORTED, {"source": context.source}), DEFAULT_LANGUAGE)
    if base is None:
        plan = insert_plan(session, caller, community.community_id, translate(TODAYS_GRIDS, DEFAULT_LANGUAGE))
        return insert_revision(session, caller, plan, content, note=note)
    plan = load_parent(session, caller, base.id).plan
    saved = insert_revision(session, caller, plan, content, parent_id=base.id, note=note)
    streets.copy_given_streets(session, caller, base.id, saved)
    return saved
