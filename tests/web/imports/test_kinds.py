"""Each kind of sheets imported by the account of its role, under row-level security, and undone."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

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
