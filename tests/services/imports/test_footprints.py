"""Surveyed footprints in place of schematic ones, with the town of a first day."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely.affinity import translate
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import InvalidInput, NotPossible
from gridmap.core.plans.profile import Profile
from gridmap.services.exports.sheet_file import SheetChoice, export_sheet
from gridmap.services.imports.footprints import FootprintRequest, apply_footprints, prepare_footprints
from gridmap.services.imports.sheets.undo import undo_import
from gridmap.services.tracing import drafts
from gridmap.services.tracing.land import build_subdistrict
from gridmap.store.day_bounds import get_today
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import rolled_back_session
from tests.fixtures.subdistricts import app_url, open_sessions, token_of
from tests.services.tracing.traced_town import CODE, create_first_day, create_planner, listed_buildings, traced_shapes

BUILDINGS = text("SELECT id, code, ST_AsText(geometry) AS shape, schematic FROM building ORDER BY id")
LINKS = text("SELECT building_id, cell_id FROM building_cell ORDER BY 1, 2")
Row = tuple[str | None, str | None, shapely.Geometry]


@pytest.fixture(scope="module")
def town_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Build the land of a first day, as its planner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(tmp_path_factory.mktemp("home")))
        database = Database(module_database_url, trusted=True)
        with database.transaction() as session:
            subdistrict_id, planner_id = create_first_day(session), create_planner(session)
            open_sessions(session)
        database.close()
    planner = Database(app_url(module_database_url))
    with planner.transaction(token_of(planner_id)) as session:
        caller = caller_of(session)
        saved = drafts.save_shapes(session, caller, subdistrict_id, traced_shapes(), 0)
        saved = drafts.save_buildings(session, caller, subdistrict_id, listed_buildings(), saved.version)
        build_subdistrict(session, caller, subdistrict_id, saved.version, Profile(100, 300))
    planner.close()
    return module_database_url


@pytest.fixture
def session(town_url: str) -> Iterator[Session]:
    with rolled_back_session(town_url) as opened:
        yield opened


def surveyed_rows(session: Session) -> list[Row]:
    """Return a footprint for each building, about 20 m east of the schematic one, with the words of an office."""
    rows: list[Row] = []
    for building in session.execute(BUILDINGS):
        estate, number = building.code.split(" ")
        shape = translate(shapely.from_wkt(building.shape), 0.0002, 0)
        rows.append((estate, number.replace("号楼", "栋"), shape))
    return rows


def write_survey(folder: Path, rows: Sequence[Row], crs: int = 4490) -> FootprintRequest:
    columns = {"小区": [row[0] for row in rows], "楼号": [row[1] for row in rows]}
    frame = gpd.GeoDataFrame(columns, geometry=[row[2] for row in rows], crs=4326).to_crs(crs)
    path = folder / "survey.gpkg"
    path.unlink(missing_ok=True)
    frame.to_file(path, layer="楼栋测绘")
    return FootprintRequest(path, CODE, "测绘院")


def test_footprints_replace_schematic_places_and_every_link_stays(session: Session, tmp_path: Path) -> None:
    before, links = session.execute(BUILDINGS).all(), session.execute(LINKS).all()
    plan = prepare_footprints(session, OWNER, write_survey(tmp_path, surveyed_rows(session)))
    assert (len(plan.footprints), plan.surveyed, plan.schematic_left) == (24, 0, 0)
    apply_footprints(session, OWNER, plan)
    after = session.execute(BUILDINGS).all()
    assert [row.id for row in after] == [row.id for row in before]
    assert not any(row.schematic for row in after)
    moved = [
        shapely.from_wkt(row.shape).centroid.x - shapely.from_wkt(old.shape).centroid.x
        for row, old in zip(after, before, strict=True)
    ]
    assert moved == pytest.approx([0.0002] * 24, abs=1e-7)
    assert session.execute(LINKS).all() == links


def test_an_undo_gives_back_the_schematic_places(session: Session, tmp_path: Path) -> None:
    before = session.execute(BUILDINGS).all()
    run_id = apply_footprints(
        session, OWNER, prepare_footprints(session, OWNER, write_survey(tmp_path, surveyed_rows(session)))
    )
    with pytest.raises(NotPossible, match="a layer of shapes, which is no sheet"):
        export_sheet(session, SheetChoice(run_id), tmp_path / "survey.xlsx")
    undo_import(session, OWNER, run_id)
    session.expire_all()
    assert session.execute(BUILDINGS).all() == before


def test_a_file_in_metres_with_some_buildings_leaves_the_others_schematic(session: Session, tmp_path: Path) -> None:
    plan = prepare_footprints(session, OWNER, write_survey(tmp_path, surveyed_rows(session)[:5], crs=4547))
    assert (len(plan.footprints), plan.schematic_left) == (5, 19)


def test_surveyed_buildings_stay_as_they_are(session: Session, tmp_path: Path) -> None:
    rows = surveyed_rows(session)
    apply_footprints(session, OWNER, prepare_footprints(session, OWNER, write_survey(tmp_path, rows)))
    again = prepare_footprints(session, OWNER, write_survey(tmp_path, rows[:3]))
    assert (len(again.footprints), again.surveyed) == (0, 3)
    with pytest.raises(NotPossible, match="No building has a schematic place"):
        apply_footprints(session, OWNER, again)


def test_faults_of_all_rows_come_at_once_with_the_candidates(session: Session, tmp_path: Path) -> None:
    rows = surveyed_rows(session)
    estate, _, shape = rows[0]
    far, tiny = translate(rows[1][2], 0.5, 0), shapely.centroid(rows[2][2]).buffer(1e-6)
    wrong: list[Row] = [(estate, "99栋", shape), (*rows[1][:2], far), (*rows[2][:2], tiny), rows[3], rows[3]]
    with pytest.raises(InvalidInput) as raised:
        prepare_footprints(session, OWNER, write_survey(tmp_path, wrong))
    faults = {(fault.row, str(fault.problem)) for fault in raised.value.faults}
    assert {row for row, _ in faults} == {1, 2, 3, 4, 5}
    problems = dict(faults)
    assert "no building is found for" in problems[1]
    assert str(estate) in problems[1].split("perhaps")[1]
    assert "outside the community" in problems[2]
    assert "a building has 4 to 100000 m²" in problems[3]
    assert "has 2 footprints" in problems[4]


def test_a_layer_of_lines_is_refused(session: Session, tmp_path: Path) -> None:
    line = shapely.LineString([(114.301, 30.501), (114.302, 30.502)])
    with pytest.raises(InvalidInput, match="a line whose ends do not meet"):
        prepare_footprints(session, OWNER, write_survey(tmp_path, [("东南园", "1栋", line)]))


def test_a_survey_of_tomorrow_is_refused_and_one_of_today_is_not(session: Session, tmp_path: Path) -> None:
    today = get_today(session)
    request = write_survey(tmp_path, surveyed_rows(session)[:1])
    assert len(prepare_footprints(session, OWNER, replace(request, as_of=today)).footprints) == 1
    with pytest.raises(NotPossible, match="yet to come"):
        prepare_footprints(session, OWNER, replace(request, as_of=today + timedelta(days=1)))
