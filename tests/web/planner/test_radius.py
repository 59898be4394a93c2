"""The radius of a norm: shown with it, filled into every form of a partition, and kept by the plans of all of them."""

import re

import pytest
from flask.testing import FlaskClient

from tests.fixtures.web_app import submit_form
from tests.jobs.waiting_jobs import run_waiting_jobs
from tests.web.planner.test_explanations import NORM, client, community_url, owner_url, query
from tests.web.planner.test_pages import submit_partition

__all__ = ["client", "owner_url"]
DOCUMENT = {"household_kind": "resident", "source": "市民政局〔2026〕5号", "source_date": "2026-01-05"}
MADE_WITH = "SELECT DISTINCT ON (community_id) max_radius_m FROM revision ORDER BY community_id, number DESC"
FIELD = re.compile(r'name="max_radius_m"[^>]*value="(\d+)"')


def subdistrict_key(owner_url: str) -> object:
    [[key]] = query(owner_url, "SELECT id FROM subdistrict")
    return key


@pytest.fixture(scope="module")
def norm_url(owner_url: str) -> str:
    return f"/norms/subdistricts/{subdistrict_key(owner_url)}"


def enter_norm(client: FlaskClient, norm_url: str, radius: str) -> int:
    form = client.get(norm_url).text
    [version, *_] = re.findall(r'name="version"[^>]*value="(\w+)"', form)
    first = re.findall(r'name="first"[^>]*value="([\d-]+)"', form)[0]
    values = {**NORM, **DOCUMENT, "first": first, "version": version, "max_radius_m": radius}
    return int(submit_form(client, norm_url, **values).status_code)


def test_a_norm_with_a_radius_fills_all_forms(client: FlaskClient, owner_url: str, norm_url: str) -> None:
    community = community_url(owner_url, "420106001002")
    partition_all = f"/planner/subdistricts/{subdistrict_key(owner_url)}/partition"
    pages = [community, partition_all, norm_url]
    assert [FIELD.findall(client.get(page).text) for page in pages] == [[], [], []]
    assert enter_norm(client, norm_url, "120") == 303
    assert [FIELD.findall(client.get(page).text) for page in pages] == [["120", "120"], ["120"], ["120"]]
    sentence = "300–500 households living here, homes at most 120 m from the centre of their grid"
    assert [sentence in client.get(page).text for page in (community, norm_url, "/norms")] == [True] * 3
    assert "中心不超过" in client.get(f"{norm_url}?language=zh_CN").text
    client.get(f"{norm_url}?language=en")


@pytest.mark.parametrize("radius", ["0", "100001", "-1"])
def test_a_norm_with_a_radius_that_is_none_is_refused(client: FlaskClient, norm_url: str, radius: str) -> None:
    assert enter_norm(client, norm_url, radius) == 422


def test_a_partition_of_all_communities_keeps_its_radius(client: FlaskClient, owner_url: str) -> None:
    page = f"/planner/subdistricts/{subdistrict_key(owner_url)}/partition"
    assert submit_form(client, page, **NORM, seed="0", max_radius_m="0").status_code == 422
    assert submit_form(client, page, **NORM, seed="0", max_radius_m="1").status_code == 303
    assert [end.outcome for end in run_waiting_jobs(owner_url)] == ["done"]
    assert query(owner_url, MADE_WITH) == [(1,), (1,)]
    shown = client.get(community_url(owner_url, "420106001001")).text
    assert "300 to 500 households, at most 1 m from the centre" in shown
    assert "from its centre, more than 1 m" in shown


def test_a_partition_of_one_community_keeps_its_radius(client: FlaskClient, owner_url: str) -> None:
    url = community_url(owner_url, "420106001002")
    for radius, kept in (("77", (77,)), ("", (None,))):
        submit_partition(client, url, **NORM, max_radius_m=radius)
        assert [end.outcome for end in run_waiting_jobs(owner_url)] == ["done"]
        assert query(owner_url, MADE_WITH)[1] == kept
