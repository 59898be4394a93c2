"""Today's grids of one community as a plan: every cell in a drawn grid, with what is wrong with each row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.core.array_types import IntArray
from gridmap.core.codes import find_grid_code_problem
from gridmap.core.coverage.checks import DrawnGrids, Finding, check_grids
from gridmap.core.coverage.people_checks import building_shares, main_grid
from gridmap.core.coverage.repair import RepairedPlan, repair_grids
from gridmap.core.errors import N_, Message
from gridmap.core.land.make_valid import make_valid_bounded
from gridmap.core.plans.inherited_codes import fill_missing_codes
from gridmap.core.plans.measures import MeasureInput, grid_polygons, grid_table
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations
from gridmap.core.vocabulary import GridKind, GridStatus, Severity
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.files.fault_texts import fault_group, fault_noun
from gridmap.services.grids import norms
from gridmap.services.imports.sheets.plan import ImportContext
from gridmap.services.plans.violation_texts import violation_message
from gridmap.store.queries.plans import revision_contents, revisions
from gridmap.store.queries.plans.community_town import StoredCommunity, load_community
from gridmap.store.queries.plans.norms import NormPlace
from gridmap.store.queries.plans.revision_contents import RevisionGridRow
from gridmap.store.queries.plans.revisions import RevisionRow
from gridmap.store.reprojection import to_metres

MAX_UNDRAWN_SHARE = 0.2
"""Share of the households in no drawn grid up to which a drawing is one of the whole community: gaps, not omissions."""
NO_LAND = N_("its community has no land yet: load its streets and buildings first")
IN_PART = N_("{share} % of the households of its community are in no grid of the file: add the other grids")
DISAPPEARS = N_("nothing of the grid is left that is not in smaller grids or outside its community: draw it again")
MOVED = N_("{count} of its buildings go to other grids: {reason}")
FINDING = N_("{finding}: {advice}")
AS_DRAWN = N_("as drawn in the file that was imported")


@dataclass(frozen=True, eq=False)
class DrawnCommunity:
    """Grids of a community as they were drawn, and the plan made of them.

    Parameters
    ----------
    community_id : int
    rows : sequence of int
        Row of the file of each drawn grid.
    stored : StoredCommunity
    profile : Profile
        Range that the grids are judged by.
    plan : RepairedPlan
    grids : GeoDataFrame, metres
        Grids of the plan with code, name and figures.
    base : RevisionRow or None
        Latest revision of the community.
    problems : sequence of RowProblem
    """

    community_id: int
    rows: Sequence[int]
    stored: StoredCommunity
    profile: Profile
    plan: RepairedPlan
    grids: gpd.GeoDataFrame
    base: RevisionRow | None
    problems: Sequence[RowProblem]

    def row_of_grid(self) -> list[int | None]:
        """Return the row of the file of each grid of the plan."""
        return [self.rows[drawn] if drawn >= 0 else None for drawn in self.plan.drawn_grid_of_grid.tolist()]

    def cells_of_grids(self) -> list[set[int]]:
        """Return the keys of the cells of each grid of the plan."""
        grid_of_cell = self.plan.plan.grid_of_cell
        return [set(self.stored.cell_ids[grid_of_cell == grid].tolist()) for grid in range(len(self.grids))]


@dataclass(frozen=True, eq=False)
class BaseGrids:
    """Grids of the latest revision of a community by code, with the cells of each."""

    rows: Mapping[str, RevisionGridRow]
    cells: Mapping[str, set[int]]


def draw_community(
    context: ImportContext, sheet: SheetRows, community_id: int, rows: Sequence[int]
) -> DrawnCommunity | list[RowProblem]:
    """Return the plan of the drawn grids of a community, or why there is none.

    Parameters
    ----------
    context : ImportContext
    sheet : SheetRows
        Rows with shapes in WGS 84.
    community_id : int
    rows : sequence of int
        Rows of the community, all without faults.
    """
    session, caller = context.session, context.caller
    norm = norms.load_norm(session, caller, NormPlace(context.subdistrict_id, community_id), context.today)
    stored = load_community(session, caller, community_id, norm.basis(context.today))
    if stored is None:
        return [RowProblem(row, Message(NO_LAND), "geometry") for row in rows]
    drawn = _make_drawn_grids(sheet, rows, stored)
    if share := _undrawn_share(stored, drawn):
        return [RowProblem(row, Message(IN_PART, {"share": f"{100 * share:.0f}"}), "geometry") for row in rows]
    plan = repair_grids(stored.town, stored.land, drawn, norm.norm.profile)
    lost = sorted(set(range(len(drawn))) - set(plan.drawn_grid_of_grid.tolist()))
    if lost:
        return [RowProblem(rows[grid], Message(DISAPPEARS), "geometry") for grid in lost]
    base_id = revisions.latest_revision_id(session, caller, community_id, lock=False)
    base = revisions.find_revision(session, caller, base_id) if base_id else None
    used = revision_contents.list_grid_codes(session, caller, community_id)
    codes = _choose_codes(stored, drawn, plan, used)
    grids = _measure(stored, drawn, plan, codes, norm.norm.profile)
    problems = [
        *_find_violations(stored, plan, grids, rows),
        *_describe_codes(stored, drawn, rows),
        *_describe_moves(plan, rows),
        *_describe_findings(check_grids(stored.town, drawn, norm.norm.profile), rows),
    ]
    return DrawnCommunity(community_id, rows, stored, norm.norm.profile, plan, grids, base, problems)


def load_base_grids(context: ImportContext, community: DrawnCommunity) -> BaseGrids:
    """Return the grids of the latest revision, without cells where it is of an earlier land."""
    base = community.base
    if base is None:
        return BaseGrids({}, {})
    session, caller = context.session, context.caller
    rows = revision_contents.list_revision_grids(session, caller, base.id)
    cells: dict[str, set[int]] = {}
    if base.land_id == community.stored.land_id:
        for cell, code in revision_contents.get_grid_codes_by_cell(session, caller, base.id).items():
            cells.setdefault(code, set()).add(cell)
    return BaseGrids({row.code: row for row in rows}, cells)


def _make_drawn_grids(sheet: SheetRows, rows: Sequence[int], stored: StoredCommunity) -> DrawnGrids:
    shapes = make_valid_bounded(to_metres(sheet.shapes[list(rows)], stored.town.crs), np.inf).geometry
    return DrawnGrids(
        shapes,
        np.zeros(len(rows), dtype=np.bool_),
        np.array([grid_code(sheet, row) for row in rows], dtype=object),
        np.zeros(len(rows), dtype=np.int64),
        np.array([sheet.values["name"][row] for row in rows], dtype=object),
        tuple(sheet.row_number(row) for row in rows),
    )


def grid_code(sheet: SheetRows, row: int) -> str | None:
    """Return the code that a row gives its grid."""
    found = sheet.values["grid_code"][row] or sheet.values["code"][row]
    return None if found is None else str(found)


def _undrawn_share(stored: StoredCommunity, drawn: DrawnGrids) -> float:
    """Return the share of the households in no drawn grid, 0 where it is small."""
    households = stored.town.buildings["households"].to_numpy(dtype=np.float64) + 0.01
    is_undrawn = main_grid(building_shares(stored.town, drawn), len(households)) < 0
    share = float(households[is_undrawn].sum() / max(households.sum(), 1e-9))
    return share if share > MAX_UNDRAWN_SHARE else 0.0


def _choose_codes(stored: StoredCommunity, drawn: DrawnGrids, plan: RepairedPlan, used: Sequence[str]) -> Sequence[str]:
    """Return the drawn codes; grids without one get codes that the community has never used."""
    drawn_codes = [drawn.codes[grid] if grid >= 0 else None for grid in plan.drawn_grid_of_grid.tolist()]
    return fill_missing_codes(stored.town.communities["code"].iloc[0], drawn_codes, used)


def _measure(
    stored: StoredCommunity, drawn: DrawnGrids, plan: RepairedPlan, codes: Sequence[str], profile: Profile
) -> gpd.GeoDataFrame:
    grid_of_building: IntArray = plan.plan.grid_of_cell[stored.land.cell_of_building]
    shapes = grid_polygons(plan.plan, stored.land)
    inputs = MeasureInput(stored.town, plan.plan, grid_of_building, shapes)
    table = grid_table(inputs, np.array(codes, dtype=object), profile)
    names = [drawn.names[grid] if grid >= 0 else None for grid in plan.drawn_grid_of_grid.tolist()]
    as_usual = (table["status"] == GridStatus.IN_RANGE) | (table["kind"] == GridKind.DEDICATED)
    reasons = [None if usual else Message(AS_DRAWN) for usual in as_usual]
    return table.assign(outline=None, name=pd.Series(names, dtype=object), reason=pd.Series(reasons, dtype=object))


def _find_violations(
    stored: StoredCommunity, plan: RepairedPlan, grids: gpd.GeoDataFrame, rows: Sequence[int]
) -> Iterator[RowProblem]:
    """Yield what breaks a rule of the land; dedicated land that was not drawn by itself stays where it is."""
    codes = grids["grid_code"].tolist()
    for each in find_violations(stored.town, stored.land, plan.plan, grids.geometry.to_numpy()):
        if each.rule != "keeps_dedicated":
            drawn = int(plan.drawn_grid_of_grid[each.grid]) if each.grid is not None else 0
            yield RowProblem(rows[max(drawn, 0)], violation_message(each, codes), "geometry")


def _describe_codes(stored: StoredCommunity, drawn: DrawnGrids, rows: Sequence[int]) -> Iterator[RowProblem]:
    """Yield a warning for each code that looks like a statistical one and is none of the community."""
    community_code = str(stored.town.communities["code"].iloc[0])
    for row, code in zip(rows, drawn.codes, strict=True):
        if code and (problem := find_grid_code_problem(code, community_code)):
            yield RowProblem(row, problem, "grid_code", is_warning=True)


def _describe_moves(plan: RepairedPlan, rows: Sequence[int]) -> Iterator[RowProblem]:
    """Yield a warning for each drawn grid that loses buildings, with the reason of the first one."""
    moved = plan.changes[plan.changes["drawn"] >= 0]
    for drawn, group in moved.groupby("drawn"):
        values = {"count": len(group), "reason": group["reason"].iloc[0]}
        yield RowProblem(rows[int(str(drawn))], Message(MOVED, values), "geometry", is_warning=True)


def _describe_findings(findings: Sequence[Finding], rows: Sequence[int]) -> Iterator[RowProblem]:
    """Yield a warning for each fault of the drawing that is not slight, at its first grid."""
    for each in findings:
        if each.severity is not Severity.LOW:
            values = {"finding": fault_noun(fault_group(each), 1), "advice": each.suggestion}
            row = rows[each.grids[0]] if each.grids else rows[0]
            yield RowProblem(row, Message(FINDING, values), "geometry", is_warning=True)
