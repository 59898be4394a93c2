"""Boundaries of communities by file: compared, with overlaps, gaps and buildings told, and applied as new land."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import NotPossible
from gridmap.core.tracing.shapes import ShapeKind
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.services.imports.sheets.run import (
    ImportPreview,
    ImportRequest,
    apply_import,
    prepare_import,
)
from gridmap.services.imports.sheets.undo import find_undo_refusal
from gridmap.services.tracing.drafts import load_draft
from gridmap.services.tracing.subdistricts import CodedPlace, create_subdistrict
from tests.fixtures.loaded_town import SUBDISTRICT_CODE
from tests.fixtures.town_package import CRS, box

WEST, EAST = "420106001001", "420106001002"
PrepareBoundaries = Callable[..., ImportPreview]
AREAS = text("SELECT ST_Area(geometry::geography) FROM community ORDER BY code")
HOMES = text("SELECT b.code FROM building b JOIN community c ON c.id = b.community_id WHERE c.code = :code ORDER BY 1")


@pytest.fixture
def prepare_boundaries(session: Session, tmp_path: Path) -> PrepareBoundaries:
    """Function that prepares the import of boundaries by code."""

    def prepared(*rows: tuple[str, shapely.Polygon], subdistrict: str = SUBDISTRICT_CODE) -> ImportPreview:
        path, shapes = tmp_path / "社区.geojson", [shape for _, shape in rows]
        frame = gpd.GeoDataFrame({"社区编码": [code for code, _ in rows]}, geometry=shapes, crs=CRS)
        frame.to_crs(4326).to_file(path, COORDINATE_PRECISION=9)
        request = ImportRequest(path, SHEET_KINDS["communities"], subdistrict, "民政局")
        return prepare_import(session, OWNER, request)

    return prepared


def counts(preview: ImportPreview) -> dict[str, int]:
    return {name: number for name, number in preview.counts().items() if number}


def reasons(preview: ImportPreview) -> str:
    return " ".join(str(each.message) for each in preview.problems)


def test_boundaries_that_hold_are_unchanged(prepare_boundaries: PrepareBoundaries) -> None:
    preview = prepare_boundaries((WEST, box(0, 0, 200, 200)), (EAST, box(200, 0, 200, 200)))
    assert (counts(preview), preview.problems) == ({"unchanged": 2}, [])
    with pytest.raises(NotPossible, match="changes nothing"):
        apply_import(preview)


def test_a_mended_boundary_changes_the_neighbour_and_names_the_buildings(prepare_boundaries: PrepareBoundaries) -> None:
    preview = prepare_boundaries((WEST, box(0, 0, 280, 200)))
    assert counts(preview) == {"changed": 1}
    assert "other communities change with it: 放鹰台社区" in reasons(preview)
    assert "2 buildings go to it, and with them households and places: b4、b5" in reasons(preview)
    assert not preview.bad_rows


@pytest.mark.parametrize(
    ("east_from", "warning"),
    [(270, "it overlaps 420106001001 by 0.2 ha"), (290, "0.2 ha beside it are in no row"), (280, "")],
)
def test_overlaps_and_gaps_are_told(prepare_boundaries: PrepareBoundaries, east_from: float, warning: str) -> None:
    preview = prepare_boundaries((WEST, box(0, 0, 280, 200)), (EAST, box(east_from, 0, 400 - east_from, 200)))
    assert counts(preview) == {"changed": 2}
    assert warning in reasons(preview)
    assert ("overlaps" in reasons(preview), "in no row" in reasons(preview)) == (east_from == 270, east_from == 290)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("420106001009", box(0, 0, 200, 200))], "no community has the code or name 420106001009"),
        ([(WEST, box(60, 0, 140, 200)), (EAST, box(200, 0, 200, 200))], "leaves out buildings that stand: b1"),
        ([(WEST, box(0, 0, 400, 200))], "leaves no land to 放鹰台社区"),
    ],
)
def test_a_boundary_that_cannot_be_is_a_fault(
    prepare_boundaries: PrepareBoundaries, rows: list[tuple[str, shapely.Polygon]], reason: str
) -> None:
    preview = prepare_boundaries(*rows)
    assert reason in reasons(preview)
    assert len(preview.bad_rows) == 1


def test_applied_boundaries_are_land_of_all_communities_once_a_day(
    session: Session, prepare_boundaries: PrepareBoundaries
) -> None:
    apply_import(prepare_boundaries((WEST, box(0, 0, 280, 200)), (EAST, box(280, 0, 120, 200))))
    assert session.scalars(AREAS).all() == [pytest.approx(56_000, rel=1e-3), pytest.approx(24_000, rel=1e-3)]
    assert session.scalars(HOMES, {"code": WEST}).all() == ["b1", "b2", "b3", "b4", "b5"]
    assert session.scalar(text("SELECT count(*) FROM land WHERE holds_from = today()")) == 2
    with pytest.raises(NotPossible, match="once a day"):
        prepare_boundaries((WEST, box(0, 0, 200, 200)))
    assert "earlier days keep theirs" in str(find_undo_refusal("communities"))


def test_boundaries_of_a_subdistrict_without_land_go_to_the_drawing_of_its_first_day(
    session: Session, prepare_boundaries: PrepareBoundaries
) -> None:
    place = CodedPlace("420106009", "新街道")
    subdistrict_id = create_subdistrict(session, place, [CodedPlace("420106009001", "一社区")])
    rows = (("420106009001", box(0, 0, 200, 200)),)
    preview = prepare_boundaries(*rows, subdistrict=place.code)
    assert counts(preview) == {"new": 1}
    apply_import(preview)
    (drawn,) = load_draft(session, OWNER, subdistrict_id).town.shapes
    assert (drawn.kind, drawn.code) == (ShapeKind.COMMUNITY, "420106009001")
    assert counts(prepare_boundaries(*rows, subdistrict=place.code)) == {"unchanged": 1}
    holed = rows[0][1].difference(rows[0][1].centroid.buffer(20))
    assert "several parts or holes" in reasons(prepare_boundaries(("420106009001", holed), subdistrict=place.code))
