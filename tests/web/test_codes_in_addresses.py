"""Codes in addresses: every code that may be loaded has its pages."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote, unquote

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from gridmap.core.codes import normalise_code
from tests.fixtures.subdistricts import FilledDatabase
from tests.fixtures.web_app import OpenClient, app, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
EVERY_SIGN = "!\"#$%&'()*+,-.:;<=>?@[]^_`{|}~"
CODES = (
    EVERY_SIGN,
    "%2F",
    *(pytest.param(code, marks=pytest.mark.full) for code in ("a%20b", "甲 乙", "..a", "é", "+", "?", "#")),
)
ROLES = "planner", "leader", *(pytest.param(role, marks=pytest.mark.full) for role in ("station", "worker", "admin"))
RENAME_SUBDISTRICT = text("UPDATE subdistrict SET code = :new WHERE code = :old")
RENAME_GRID = text("UPDATE grid SET code = :new WHERE code = :old")


@pytest.fixture(params=CODES)
def code(request: pytest.FixtureRequest, filled_database: FilledDatabase) -> Iterator[str]:
    """Give a subdistrict and a grid of it a strange code."""
    new = str(request.param)
    assert normalise_code(new) == new
    for is_before in (True, False):
        with create_engine(filled_database.owner_url).begin() as connection:
            for statement, old in ((RENAME_SUBDISTRICT, "east"), (RENAME_GRID, "east11")):
                names = {"old": old, "new": new} if is_before else {"old": new, "new": old}
                assert connection.execute(statement, names).rowcount == 1
        if is_before:
            yield new


@pytest.mark.parametrize("role", ROLES)
def test_every_link_of_a_page_with_the_code_leads_to_a_page(open_client: OpenClient, code: str, role: str) -> None:
    client = open_client(f"east-{role}")
    page = client.get("/", follow_redirects=True)
    assert page.status_code == 200
    links = {unescape(link) for link in re.findall(r'<a\b[^>]*\shref="(/[^"]*)"', page.text)}
    assert any(code in unquote(link) for link in links) or role not in ("planner", "leader")
    assert [link for link in links if client.get(link, follow_redirects=True).status_code != 200] == []


def test_public_pages_show_the_code(open_client: OpenClient, code: str) -> None:
    client, address = open_client(), f"/public/{quote(code, safe='')}"
    assert client.get(address).status_code == 200
    assert client.get(f"{address}/grids.geojson").status_code == 200
    assert client.get(f"{address}/{quote(code, safe='')}").status_code == 200


def test_no_fixed_address_hides_a_code(app: Flask) -> None:
    rules = [rule.rule.split("/") for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    hidden = [
        (coded, fixed)
        for coded in rules
        for fixed in rules
        if "<subdistrict_code>" in coded and _hides("<subdistrict_code>", coded, fixed)
    ]
    assert hidden == []


def _hides(placeholder: str, coded: list[str], fixed: list[str]) -> bool:
    """Return whether an address has fixed words where another one has a code, and is the same otherwise."""
    position = coded.index(placeholder)
    return len(coded) == len(fixed) and all(
        not other.startswith("<") if index == position else one == other or other.startswith("<")
        for index, (one, other) in enumerate(zip(coded, fixed, strict=True))
    )
