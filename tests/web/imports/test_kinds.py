"""Each kind of sheets imported by the account of its role, under row-level security, and undone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.fixtures.town_package import box, draw_grids
from tests.fixtures.web_app import submit_form
from tests.web.imports.conftest import Town, Wizard, count

PLACE = {"小区": "东湖花园", "楼号": "1"}
SHEETS: dict[str, tuple[str, str, dict[str, str]]] = {
    "dwellings": ("station", "dwelling", {**PLACE, "房号": "101", "户别": "常住户", "楼层": "1"}),
    "shops": ("station", "shop", {"商户名称": "便民超市", **PLACE}),
    "organisations": ("station", "organisation", {"单位名称": "协会", "单位类型": "志愿者组织", **PLACE}),
    "facilities": ("station", "facility", {"设施类型": "卫生服务站", **PLACE, "建筑面积": "320"}),
    "household-counts": ("planner", "household_count", {**PLACE, "户数": "77"}),
    "workers": ("admin", "worker", {"社区": "", "姓名": "王强", "办公电话": "027-87650000"}),
}


@pytest.mark.parametrize("kind", SHEETS)
def test_a_kind_is_imported_by_its_role_and_undone(
    open_client: Callable[[str], FlaskClient], town: Town, kind: str
) -> None:
    account, table, row = SHEETS[kind]
    wizard = Wizard(open_client(account), town)
    if kind == "workers":
        row = {**row, "社区": community_name(wizard)}
    before = count(town, table)
    draft = wizard.upload([list(row.values())], headers=list(row), kind=kind)
    wizard.apply(draft)
    assert wizard.work() == ["done"]
    assert count(town, table) == before + 1
    run = str(wizard.client.get(draft).location)
    submit_form(wizard.client, run, f"{run}/undo", request_key="undo")
    assert wizard.work() == ["done"]
    assert count(town, table) == before


def community_name(wizard: Wizard) -> str:
    from sqlalchemy import create_engine, text

    engine = create_engine(wizard.town.owner_url)
    with engine.connect() as connection:
        found = str(connection.scalar(text("SELECT name FROM community ORDER BY code LIMIT 1")))
    engine.dispose()
    return found


def test_a_planner_imports_todays_grids_as_a_draft_that_is_left_and_not_undone(
    open_client: Callable[[str], FlaskClient], town: Town, tmp_path: Path
) -> None:
    wizard, path = Wizard(open_client("planner"), town), tmp_path / "网格图.gpkg"
    draw_grids(box(0, 0, 200, 100), box(0, 100, 200, 100)).to_file(path, layer="grids")
    before = count(town, "revision"), count(town, "adoption")
    draft = str(wizard.send(path.read_bytes(), path.name, "grids").location)
    assert wizard.work() == ["done"]
    assert "网格图.gpkg" in wizard.page(draft)
    wizard.apply(draft)
    assert wizard.work() == ["done"]
    assert (count(town, "revision"), count(town, "adoption")) == (before[0] + 1, before[1])
    run = str(wizard.client.get(draft).location)
    assert "go on from the revision before" in wizard.page(run)
    refused = submit_form(wizard.client, "/imports/new", f"{run}/undo", request_key="undo")
    assert str(refused.location) == run
