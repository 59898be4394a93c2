"""Responses of the API to accounts of each role."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from flask.testing import FlaskClient

from gridmap.core.vocabulary import Role
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
INSERT_TWO_INCIDENTS = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
    SELECT c.subdistrict_id, s.code || at, 'lifts', 'file', at::timestamptz, c.id, ST_PointOnSurface(c.geometry)
    FROM (SELECT DISTINCT ON (subdistrict_id) * FROM cell) c JOIN subdistrict s ON s.id = c.subdistrict_id,
        unnest(CASE s.code WHEN 'east' THEN ARRAY['2010-01-01 00:30+08', '2016-06-30 23:30+08']
            ELSE ARRAY['2009-12-30 12:00+08', '2020-01-01 12:00+08'] END) AS at
"""


def get_json(client: FlaskClient, path: str) -> Any:
    """Return the decoded JSON body of a response."""
    return client.get(path).json


@pytest.fixture
def grids_url(subdistricts: dict[str, SubdistrictIds]) -> str:
    """Return the address of the grids of the subdistrict east."""
    return f"/api/v1/subdistricts/{subdistricts['east'].subdistrict_id}/grids"


def grid_codes(answer: Any) -> list[str]:
    return [feature["properties"]["code"] for feature in answer.json["features"]]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.WORKER])
def test_accounts_of_a_subdistrict_see_its_grids(open_client: OpenClient, grids_url: str, role: Role) -> None:
    assert grid_codes(open_client(f"east-{role}").get(grids_url)) == ["east11", "east12"]


def test_a_worker_sees_the_own_grid_only(open_client: OpenClient, grids_url: str) -> None:
    assert grid_codes(open_client("east-worker").get(grids_url)) == ["east11"]


def test_the_grid_of_another_worker_is_not_found(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    own, other = subdistricts["east"].grid_ids
    worker = open_client("east-worker")
    assert [worker.get(f"/api/v1/grids/{grid}").status_code for grid in (own, other)] == [200, 404]


@pytest.mark.parametrize(
    "resource", ["grids", "statistics", "communities", "resident-groups", "streets", "incident-counts"]
)
def test_another_subdistrict_is_not_found(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], resource: str
) -> None:
    answer: Any = open_client("west-planner").get(
        f"/api/v1/subdistricts/{subdistricts['east'].subdistrict_id}/{resource}"
    )
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_plans_of_another_subdistrict_are_not_found(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    path = f"/api/v1/communities/{subdistricts['east'].community_id}/plans"
    assert open_client("west-planner").get(path).status_code == 404
    assert get_json(open_client("east-planner"), path)["items"][0]["revisions"][0]["number"] == 1


def test_before_a_plan_is_in_force_there_are_no_grids(open_client: OpenClient, grids_url: str) -> None:
    planner = open_client("east-planner")
    assert grid_codes(planner.get(f"{grids_url}?on=2019-12-31")) == []
    assert grid_codes(planner.get(f"{grids_url}?on=2020-01-01")) == ["east11", "east12"]


def test_a_grid_is_an_rfc_7946_feature(open_client: OpenClient, grids_url: str) -> None:
    answer: Any = open_client("east-planner").get(grids_url)
    feature = answer.json["features"][0]
    assert answer.mimetype == "application/geo+json"
    assert feature["type"] == "Feature"
    assert isinstance(feature["id"], int)
    assert ring_area(feature["geometry"]["coordinates"][0][0]) > 0  # counter-clockwise


def ring_area(ring: list[list[float]]) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))


def test_a_count_of_one_resident_is_not_disclosed_to_a_planner(open_client: OpenClient, grids_url: str) -> None:
    planner_feature, worker_feature = (
        get_json(open_client(f"east-{role}"), grids_url)["features"][0] for role in ("planner", "worker")
    )
    assert planner_feature["properties"]["residents"] is None
    assert worker_feature["properties"]["residents"] == 1


def test_statistics_cover_the_whole_subdistrict(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    statistics = get_json(
        open_client("east-leader"), f"/api/v1/subdistricts/{subdistricts['east'].subdistrict_id}/statistics"
    )
    assert (statistics["communities"], statistics["buildings"], statistics["vacant"]) == (1, 2, 2)
    assert statistics["grids"]["no_counts"] == 2
    assert [(norm["of"], norm["minimum"], norm["maximum"]) for norm in statistics["norms"]] == [("default", 300, 500)]
    assert statistics["linked_share"] == 1


def test_every_invalid_parameter_is_reported_with_the_expected_value(open_client: OpenClient, grids_url: str) -> None:
    answer: Any = open_client("east-planner").get(f"{grids_url}?on=2020-02-30&limit=many&colour=red")
    assert answer.status_code == 422
    faults = {fault["column"]: fault for fault in answer.json["faults"]}
    assert faults["on"]["value"] == "2020-02-30"
    assert faults["on"]["expected"] == "a date such as 2026-11-23"
    assert faults["limit"]["expected"] == "a whole number from 1 to 3000"
    assert faults["colour"]["problem"] == "there is no such parameter"


def test_a_repeated_parameter_is_reported(open_client: OpenClient, grids_url: str) -> None:
    answer: Any = open_client("east-planner").get(f"{grids_url}?on=2020-01-01&on=2021-01-01")
    assert answer.json["faults"][0]["value"] == "2020-01-01, 2021-01-01"


@pytest.mark.parametrize("on", ["1700000000", "2020-01-01T00:00:00", "today", "", "２０２０-01-01", "\0"])
def test_a_parameter_that_is_no_date_is_refused(open_client: OpenClient, grids_url: str, on: str) -> None:
    assert open_client("east-planner").get(grids_url, query_string={"on": on}).status_code == 422


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_date_of_the_calendar_are_accepted(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], on: str
) -> None:
    planner, base_url = open_client("east-planner"), f"/api/v1/subdistricts/{subdistricts['east'].subdistrict_id}"
    paths = [f"{base_url}/{resource}?on={on}" for resource in ("grids", "statistics", "incident-counts")]
    assert [planner.get(path).status_code for path in paths] == [200, 200, 200]
    assert open_client("east-admin").get(f"/api/v1/audit?last={on}").status_code == 200


@pytest.mark.parametrize("first", ["2026-01-02", "9999-12-31"])
def test_a_date_range_that_ends_before_it_begins_is_reported(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], first: str
) -> None:
    path = f"/api/v1/subdistricts/{subdistricts['east'].subdistrict_id}/incident-counts?on=2026-01-01&first={first}"
    answer: Any = open_client("east-planner").get(path)
    assert (answer.status_code, answer.json["faults"][0]["column"]) == (422, "first")


def test_incident_counts_name_the_days_of_the_first_and_the_last_incident(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], filled_database: FilledDatabase
) -> None:
    path = f"/api/v1/subdistricts/{subdistricts['east'].subdistrict_id}/incident-counts?on=2009-12-31"
    execute_sql(filled_database, "DELETE FROM incident")
    assert recorded_days(open_client, path) == (None, None)
    execute_sql(filled_database, INSERT_TWO_INCIDENTS)
    assert recorded_days(open_client, path) == ("2010-01-01", "2016-06-30")
    execute_sql(filled_database, "DELETE FROM incident")


def recorded_days(open_client: OpenClient, path: str) -> tuple[str | None, str | None]:
    answer = get_json(open_client("east-leader"), path)
    return answer["first_recorded"], answer["last_recorded"]


def test_errors_are_in_the_requested_language(open_client: OpenClient, grids_url: str) -> None:
    assert get_json(open_client("east-planner"), f"{grids_url}?on=x&language=zh-CN")["title"] == "提交的内容无法使用"


def test_a_list_is_paged(open_client: OpenClient) -> None:
    admin = open_client("east-admin")
    pages = [get_json(admin, f"/api/v1/accounts?limit=2&page={page}") for page in (1, 2, 3, 4)]
    assert [len(page["items"]) for page in pages] == [2, 2, 1, 0]
    assert {page["pages"] for page in pages} == {3}


def test_accounts_and_audit_are_for_admins(open_client: OpenClient) -> None:
    paths = ("/api/v1/accounts", "/api/v1/audit")
    statuses = {role: [open_client(f"east-{role}").get(path).status_code for path in paths] for role in Role}
    assert statuses.pop(Role.ADMIN) == [200, 200]
    assert set(map(tuple, statuses.values())) == {(403, 403)}


def test_an_admin_sees_the_accounts_of_the_own_subdistrict(open_client: OpenClient) -> None:
    items = get_json(open_client("east-admin"), "/api/v1/accounts")["items"]
    assert {item["name"] for item in items} == {f"east-{role}" for role in Role}
    assert items[0]["scopes"][0]["first"] == date(2020, 1, 1).isoformat()


def test_the_openapi_document_is_public_and_names_every_operation(open_client: OpenClient) -> None:
    document = get_json(open_client(), "/api/openapi.json")
    assert document["openapi"] == "3.1.0"
    assert {f"/api{path}" for path in document["paths"]} == routed_paths(open_client)


def routed_paths(open_client: OpenClient) -> set[str]:
    rules = open_client().application.url_map.iter_rules()
    return {rule.rule.replace("<", "{").replace(">", "}") for rule in rules if rule.rule.startswith("/api/v1")}


def test_the_api_refuses_writes(open_client: OpenClient, grids_url: str) -> None:
    answer: Any = open_client("east-planner").post(grids_url)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
