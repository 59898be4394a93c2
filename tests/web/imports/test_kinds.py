"""Each kind of sheets imported by the account of its role, under row-level security, and undone."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from flask.testing import FlaskClient

from tests.fixtures.town_package import CRS, box, draw_grids, line
from tests.fixtures.web_app import submit_form
from tests.web.imports.conftest import Town, Wizard, count

PLACE = {"小区": "东湖花园", "楼号": "1"}
SHEETS: dict[str, tuple[str, str, dict[str, str]]] = {
    "dwellings": ("station", "dwelling", {**PLACE, "房号": "101", "户别": "常住户", "楼层": "1"}),
    "shops": ("station", "shop", {"商户名称": "便民超市", **PLACE}),
    "organisations": ("station", "organisation", {"单位名称": "协会", "单位类型": "志愿者组织", **PLACE}),
    "facilities": ("station", "facility", {"设施类型": "卫生服务站", **PLACE, "建筑面积": "320"}),
    "household-counts": ("planner", "household_count", {**PLACE, "户数": "77"}),
    "service-group-counts": ("station", "service_group_count", {**PLACE, "低保对象": "3"}),
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


def test_the_map_of_a_draft_has_new_changed_unchanged_and_faulty_rows(
    open_client: Callable[[str], FlaskClient], town: Town
) -> None:
    wizard, headers = Wizard(open_client("station"), town), ("设施类型", "设施名称", "小区", "楼号", "经度", "建筑面积")
    same, area = ("路灯", "1号灯", "东湖花园", "1", "", "1"), ("路灯", "2号灯", "东湖花园", "2", "", "1")
    wizard.apply(wizard.upload([same, area], headers, kind="facilities"))
    wizard.work()
    new, lost = ("路灯", "3号灯", "东湖花园", "3", "", ""), ("路灯", "4号灯", "", "", "121.5", "")
    rows = [same, (*area[:-1], "2"), new, (*lost, "30.5"), ("路灯", "5号灯", "", "", "", "", "")]
    draft = wizard.upload(rows, (*headers, "纬度"), kind="facilities")
    features = wizard.client.get(f"{draft}/features.geojson").get_json()["features"]
    found = {each["properties"]["row"]: each["properties"]["state"] for each in features}
    assert found == {2: "unchanged", 3: "changed", 4: "new", 5: "faulty"}
    assert 'id="map"' in wizard.page(draft)
    assert open_client("second").get(f"{draft}/features.geojson").status_code == 404


def test_a_draft_without_places_has_no_map(open_client: Callable[[str], FlaskClient], town: Town) -> None:
    wizard = Wizard(open_client("admin"), town)
    row = {"社区": community_name(wizard), "姓名": "王强"}
    assert 'id="map"' not in wizard.page(wizard.upload([list(row.values())], list(row), kind="workers"))


def test_a_planner_imports_streets_and_is_told_that_the_land_follows(
    open_client: Callable[[str], FlaskClient], town: Town, tmp_path: Path
) -> None:
    wizard, path = Wizard(open_client("planner"), town), tmp_path / "roads.gpkg"
    lines = gpd.GeoDataFrame({"路名": ["湖滨巷"]}, geometry=[line((0, 150), (200, 150))], crs=CRS)
    lines.to_file(path, layer="streets")
    before = count(town, "street")
    draft = str(wizard.send(path.read_bytes(), path.name, "streets").location)
    assert wizard.work() == ["done"]
    wizard.apply(draft)
    assert wizard.work() == ["done"]
    assert count(town, "street") == before + 1
    run = str(wizard.client.get(draft).location)
    assert "when the land of a community is built anew" in wizard.page(run)
    submit_form(wizard.client, run, f"{run}/undo", request_key="undo-streets")
    assert wizard.work() == ["done"]
    assert count(town, "street") == before
