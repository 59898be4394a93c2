"""Streets by file into a subdistrict with land: found again by their course, added, renamed, removed, undone."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import NotPossible
from gridmap.core.geodesy.datums import Datum, convert_datum
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.services.imports.sheets.run import (
    ImportPreview,
    ImportRequest,
    apply_import,
    prepare_import,
)
from gridmap.services.imports.sheets.undo import undo_import
from gridmap.store.writes.land.streets import write_streets
from tests.fixtures.loaded_town import SUBDISTRICT_CODE
from tests.fixtures.town_package import CRS, line
from tests.services.imports.sheets.conftest import DAY, OpenAccount
from tests.store.table_snapshot import changed_tables, snapshot_tables

PrepareStreets = Callable[..., ImportPreview]
WEST_EAST, SOUTH_NORTH = line((-50, 100), (100, 100), (190, 90)), line((100, 0), (100, 200))
NEW = line((0, 150), (200, 150))
STREETS = text("SELECT name, kind FROM street ORDER BY id")


@pytest.fixture
def prepare_streets(session: Session, tmp_path: Path) -> PrepareStreets:
    """Function that prepares the import of lines with names and, if they are given, kinds."""

    def prepared(
        rows: list[tuple[str | None, shapely.Geometry]], kinds: list[str] | None = None, coordinates: str | None = None
    ) -> ImportPreview:
        columns: dict[str, list[str | None]] = {"路名": [name for name, _ in rows]}
        if kinds:
            columns["道路等级"] = list(kinds)
        path = tmp_path / "roads.geojson"
        shapes = [shape for _, shape in rows]
        gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_crs(4326).to_file(path, COORDINATE_PRECISION=9)
        kind = SHEET_KINDS["streets"]
        request = ImportRequest(path, kind, SUBDISTRICT_CODE, "测绘院", DAY, coordinates=coordinates)
        return prepare_import(session, OWNER, request)

    return prepared


def shift(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape with the coordinates that a web map has for its place."""
    degrees = gpd.GeoSeries([shape], crs=CRS).to_crs(4326)
    moved = shapely.transform(degrees.to_numpy(), lambda each: convert_datum(each, Datum.WGS84, Datum.GCJ02))
    return gpd.GeoSeries(moved, crs=4326).to_crs(CRS).iloc[0]


def test_streets_of_a_web_map_are_found_again_if_their_datum_is_named(prepare_streets: PrepareStreets) -> None:
    rows = [("中北路", shift(WEST_EAST)), (None, shift(SOUTH_NORTH))]
    assert prepare_streets(rows).counts()["unchanged"] == 0
    assert prepare_streets(rows, coordinates="gcj02").counts()["unchanged"] == 2


def reasons(preview: ImportPreview) -> dict[int, str]:
    return {preview.rows.row_number(each.row): str(each.message) for each in preview.problems}


def test_streets_are_found_again_by_their_course(prepare_streets: PrepareStreets) -> None:
    same = prepare_streets([("中北路", WEST_EAST), (None, shapely.reverse(SOUTH_NORTH))])
    assert (same.counts()["unchanged"], same.counts()["gone"]) == (2, 0)
    with pytest.raises(NotPossible, match="changes nothing"):
        apply_import(same)


def test_new_renamed_and_missing_streets(session: Session, prepare_streets: PrepareStreets) -> None:
    preview = prepare_streets([("中北路", WEST_EAST), ("湖滨巷", shapely.MultiLineString([NEW]))], ["支路", "街巷"])
    assert preview.counts() == {
        "new": 1, "changed": 1, "contradiction": 0, "gone": 1, "unchanged": 0, "faulty": 0,
    }  # fmt: skip
    apply_import(preview, end_gone=True)
    assert session.execute(STREETS).all() == [("中北路", "local"), ("湖滨巷", "lane")]


def test_an_undo_restores_every_street(session: Session, prepare_streets: PrepareStreets) -> None:
    before = snapshot_tables(session)
    applied = apply_import(prepare_streets([("新路名", WEST_EAST), ("湖滨巷", NEW)]), end_gone=True)
    undo_import(session, OWNER, applied.run_id)
    session.expire_all()
    assert set(changed_tables(before, snapshot_tables(session))) <= {"import_run"}


def test_faults_name_their_rows(prepare_streets: PrepareStreets) -> None:
    rows = [("甲", NEW), ("乙", NEW), ("丙", line((90_000, 0), (90_100, 0))), ("丁", NEW.buffer(1))]
    found = reasons(prepare_streets(rows))
    assert found[2] == "the same line is in row 1 already"
    assert found[3] == "the line lies far outside the subdistrict"
    assert "the geometry is of the wrong type" in found[4]
    assert set(found) == {2, 3, 4}


def test_a_page_of_a_planner_writes_no_streets(open_account: OpenAccount, session: Session) -> None:
    subdistrict_id = session.scalar(text("SELECT id FROM subdistrict"))
    assert subdistrict_id
    with pytest.raises(DBAPIError, match="not allowed to this account"):
        write_streets(open_account("planner"), subdistrict_id, [], [1])
