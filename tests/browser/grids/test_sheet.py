"""Printed sheet of a grid in a browser: size of the paper, pages, true scale, fonts, and small screens."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect
from pyproj import Geod

from gridmap.core.vocabulary import Role
from gridmap.services.accounts import sign_in
from gridmap.web import context
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.fixtures.grids.places import delete_places, insert_places
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase
from tests.fixtures.web_app import open_application

OpenAs = Callable[..., Page]
CSS_PX_PER_MM = 96 / 25.4
POINTS_PER_MM = 72 / 25.4
PEN_MM = 0.25
"""Pen that draws around each half of the scale bar."""
LAMP_DISTANCE_M = Geod(ellps="WGS84").inv(106.006, 29.012, 106.006, 29.014)[2]
LAMP_CENTRES = """() => [...document.querySelectorAll('.sheet-map use[href="#place-street_lamp"]')]
  .map((each) => each.getBoundingClientRect()).map(({ x, y, width, height }) => [x + width / 2, y + height / 2])"""


@pytest.fixture
def app(filled_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setenv("GRIDMAP_HOME", str(filled_database.home_dir))
    insert_places(filled_database)
    yield from open_application(filled_database)
    delete_places(filled_database)


@pytest.fixture
def open_sheet(app: Flask, open_page: OpenPage, filled_database: FilledDatabase) -> OpenAs:
    """Return a function that opens a page of the worker's grid as its worker."""
    grid_path = f"/grids/{filled_database.subdistricts['east'].grid_ids[0]}"

    def open_as_worker(path: str, viewport: ViewportSize = DESKTOP, **options: object) -> Page:
        database = app.extensions[context.ACCOUNT_DATABASE_EXTENSION]
        token = sign_in.sign_in(database, f"east-{Role.WORKER}", PASSWORD)
        account = sign_in.find_session_account(database, token)
        app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: account
        return open_page(app, grid_path + path, viewport, **options)

    return open_as_worker


def print_sizes_mm(page: Page) -> list[tuple[int, int]]:
    """Print a page and return the sizes of the sheets of paper."""
    pdf = page.pdf(prefer_css_page_size=True)
    assert b"/FontFile" in pdf
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert len(boxes) == len(re.findall(rb"/Type /Page\b(?!s)", pdf))
    return [(round(float(width) / POINTS_PER_MM), round(float(height) / POINTS_PER_MM)) for width, height in boxes]


def test_a_sheet_fills_one_page_and_lists_follow(open_sheet: OpenAs) -> None:
    page = open_sheet("/sheet", locale="zh-CN")
    expect(page.locator(".sheet h2")).to_contain_text("网格责任图")
    assert print_sizes_mm(page) == [(210, 297)]
    page.get_by_role("link", name="A3").click()
    page.get_by_role("link", name="横向").click()
    page.get_by_role("link", name="附楼栋和点位清单").click()
    expect(page.locator(".sheet-lists")).to_contain_text("桥头警务室")
    assert print_sizes_mm(page) == [(420, 297), (420, 297)]


def test_distances_on_paper_are_true_to_the_scale(open_sheet: OpenAs) -> None:
    page = open_sheet("/sheet?orientation=landscape")
    page.emulate_media(media="print")
    scale = int(page.locator(".sheet").get_attribute("data-scale") or 0)
    (x1, y1), (x2, y2) = page.evaluate(LAMP_CENTRES)
    assert (x1 - x2, abs(y1 - y2) / CSS_PX_PER_MM) == (
        pytest.approx(0, abs=0.1),
        pytest.approx(LAMP_DISTANCE_M * 1000 / scale, rel=2e-3),
    )
    bar = page.locator(".scale-bar")
    halves = [box["width"] for each in bar.locator("rect").all() if (box := each.bounding_box())]
    metres = int(bar.get_attribute("data-metres") or 0)
    assert sum(halves) / CSS_PX_PER_MM - 2 * PEN_MM == pytest.approx(metres * 1000 / scale, abs=0.05)
    expect(page.locator(".sheet-tools")).to_be_hidden()
    expect(page.locator(".page-header")).to_be_hidden()


def test_layers_hidden_on_the_map_are_hidden_on_the_sheet(open_sheet: OpenAs) -> None:
    page = open_sheet("", PHONE, locale="zh-CN")
    page.wait_for_selector("#map[data-load-status=ready]")
    page.locator("[data-layer=street_lamp]").uncheck()
    page.get_by_role("link", name="打印网格责任图").click()
    expect(page.locator("[data-legend=police_room]")).to_have_count(1)
    expect(page.locator("[data-legend=street_lamp]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
