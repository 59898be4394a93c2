"""Today's grids by file into communities with land: a draft of the plan, faults by row, and nothing half done."""

from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import InvalidInput, NotPossible
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.services.exports.sheet_file import SheetChoice, export_sheet
from gridmap.services.imports.sheets.run import (
    ImportPreview,
    ImportRequest,
    apply_import,
    make_marked_sheet,
    prepare_import,
)
from gridmap.services.imports.sheets.undo import undo_import
from gridmap.store.schema import Grid, Revision, RevisionGrid
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import SUBDISTRICT_CODE
from tests.fixtures.town_package import box, draw_grids
from tests.services.imports.sheets.conftest import DAY, OpenAccount

PrepareGrids = Callable[..., ImportPreview]
WEST = "420106001001"
CODES = [f"{WEST}00{number}" for number in (1, 2)]
ADOPTIONS = text("SELECT revision_id, valid FROM adoption ORDER BY id")


@pytest.fixture
def prepare_grids(session: Session, tmp_path: Path) -> PrepareGrids:
    """Function that prepares the import of drawn grids as the owner."""
    return lambda grids, crs=4547: prepare_import(session, OWNER, grids_request(tmp_path, grids, crs))


def grids_request(folder: Path, grids: gpd.GeoDataFrame, crs: int = 4547) -> ImportRequest:
    path = folder / "grids.gpkg"
    path.unlink(missing_ok=True)
    grids.to_crs(crs).to_file(path, layer="网格图")
    return ImportRequest(path, SHEET_KINDS["grids"], SUBDISTRICT_CODE, "网格中心", DAY)


def west_grids(*shapes: shapely.Geometry, codes: Sequence[str | None] = CODES) -> gpd.GeoDataFrame:
    """Return grids of the western community: its southern and northern half, unless others are given."""
    halves = list(shapes) or [box(0, 0, 200, 100), box(0, 100, 200, 100)]
    return draw_grids(*halves, 网格编号=list(codes), 名称=[f"第{number}网格" for number in range(1, len(halves) + 1)])


def reasons(preview: ImportPreview, *, warnings: bool = False) -> dict[int, str]:
    return {
        preview.rows.row_number(each.row): str(each.message) for each in preview.problems if each.is_warning == warnings
    }


def latest_grids(session: Session) -> dict[str, str | None]:
    """Return the names of the grids of the newest revision by code."""
    newest = select(Revision.id).order_by(Revision.id.desc()).limit(1).scalar_subquery()
    rows = select(Grid.code, RevisionGrid.name).join(Grid).where(RevisionGrid.revision_id == newest)
    return {row.code: row.name for row in session.execute(rows.order_by(Grid.code))}


def test_drawn_grids_become_the_next_draft_and_nothing_is_in_force_by_it(
    session: Session, prepare_grids: PrepareGrids
) -> None:
    before = session.execute(ADOPTIONS).all()
    preview = prepare_grids(west_grids(), crs=4490)
    assert not reasons(preview)
    apply_import(preview)
    assert latest_grids(session) == {CODES[0]: "第1网格", CODES[1]: "第2网格"}
    assert session.execute(ADOPTIONS).all() == before
    revision = session.scalars(select(Revision).order_by(Revision.id.desc())).first()
    assert revision is not None
    assert "网格中心" in (revision.note or "")


def test_the_same_file_again_changes_nothing(prepare_grids: PrepareGrids) -> None:
    apply_import(prepare_grids(west_grids()))
    again = prepare_grids(west_grids())
    assert again.counts()["unchanged"] == 2
    with pytest.raises(NotPossible, match="changes nothing"):
        apply_import(again)


def test_another_border_changes_both_grids_and_a_grid_less_is_gone(prepare_grids: PrepareGrids) -> None:
    apply_import(prepare_grids(west_grids()))
    moved = prepare_grids(west_grids(box(0, 0, 100, 200), box(100, 0, 100, 200)))
    fields = {each.fields for each in moved.plan.differences}
    assert moved.counts()["changed"] == 2
    assert fields == {("geometry",)}
    whole = prepare_grids(west_grids(box(0, 0, 200, 200), codes=CODES[:1]))
    assert (whole.counts()["changed"], whole.counts()["gone"]) == (1, 1)


def test_a_grid_without_a_code_gets_one_that_the_community_never_used(
    session: Session, prepare_grids: PrepareGrids
) -> None:
    used = set(session.scalars(select(Grid.code)))
    apply_import(prepare_grids(west_grids(codes=[CODES[0], None])))
    (new,) = set(latest_grids(session)) - {CODES[0]}
    assert new.startswith(WEST)
    assert new not in used


def test_codes_that_are_none_of_the_community_are_warnings(prepare_grids: PrepareGrids) -> None:
    found = prepare_grids(west_grids(codes=[f"{WEST}0001", "420106001002001"]))
    assert not reasons(found)
    texts = [str(each.message) for each in found.problems if each.field == "grid_code"]
    assert [text.split(":")[0] for text in texts] == [
        f"{WEST}0001 has 16 digits",
        "420106001002001 begins with 420106001002",
    ]


def test_a_file_with_a_part_of_the_grids_is_refused(prepare_grids: PrepareGrids) -> None:
    found = reasons(prepare_grids(west_grids(box(0, 100, 200, 100), codes=CODES[:1])))
    assert "100 % of the households of its community are in no grid of the file" in found[1]


def test_faults_name_their_rows_and_the_others_of_the_community_wait_for_them(prepare_grids: PrepareGrids) -> None:
    bow_tie = shapely.Polygon([(530000, 3390000), (530200, 3390100), (530200, 3390000), (530000, 3390090)])
    broken = reasons(prepare_grids(west_grids(bow_tie, box(0, 100, 200, 100))))
    assert "crosses itself" in broken[1]
    assert "imported together" in broken[2]
    twice = reasons(prepare_grids(west_grids(codes=[CODES[0], CODES[0]])))
    assert f"the code {CODES[0]} is in row 1 already" in twice[2]
    outside = prepare_grids(west_grids(box(0, 0, 200, 200), box(900, 900, 50, 50)))
    assert reasons(outside) == {2: "the grid lies outside every community of the subdistrict"}
    inside = reasons(prepare_grids(west_grids(box(0, 0, 200, 200), box(300, 170, 1, 1))))
    assert "households of its community are in no grid" in inside[2]


def test_a_grid_within_others_would_disappear(prepare_grids: PrepareGrids) -> None:
    shapes = box(0, 0, 200, 100), box(0, 100, 200, 100), box(5, 190, 4, 4)
    found = reasons(prepare_grids(west_grids(*shapes, codes=[*CODES, f"{WEST}009"])))
    assert "nothing of the grid is left" in found[3]


def test_faults_of_the_drawing_are_warnings_with_advice(prepare_grids: PrepareGrids) -> None:
    overlapping = prepare_grids(west_grids(box(0, 0, 200, 170), box(0, 100, 200, 100)))
    assert not reasons(overlapping)
    assert "1 overlap of grids" in " ".join(str(each.message) for each in overlapping.problems)


def test_the_faulty_rows_come_back_as_a_table(prepare_grids: PrepareGrids) -> None:
    suffix, content = make_marked_sheet(prepare_grids(west_grids(codes=[CODES[0]] * 2)), "zh")
    assert (suffix, content[:2]) == (".xlsx", b"PK")


def test_a_planner_imports_them_under_row_level_security(open_account: OpenAccount, tmp_path: Path) -> None:
    session = open_account("planner")
    preview = prepare_import(session, caller_of(session), grids_request(tmp_path, west_grids()))
    apply_import(preview)
    assert latest_grids(session).keys() == set(CODES)


def test_a_table_is_no_layer(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("网格编码,名称\n1,甲\n", "utf-8")
    with pytest.raises(InvalidInput, match="no layer of it is Today's grids"):
        prepare_import(session, OWNER, ImportRequest(path, SHEET_KINDS["grids"], SUBDISTRICT_CODE, "网格中心", DAY))


def test_an_undo_says_how_to_go_back_and_no_sheet_comes_out(
    session: Session, prepare_grids: PrepareGrids, tmp_path: Path
) -> None:
    applied = apply_import(prepare_grids(west_grids()))
    with pytest.raises(NotPossible, match="go on from the revision before"):
        undo_import(session, OWNER, applied.run_id)
    with pytest.raises(NotPossible, match="a layer of shapes, which is no sheet"):
        export_sheet(session, SheetChoice(applied.run_id), tmp_path / "grids.xlsx")
