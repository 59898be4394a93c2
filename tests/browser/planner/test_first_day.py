"""The first day in a browser: from an Excel list and a picture to grids in force."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from sqlalchemy import Row, create_engine, text

from gridmap.app import create_app
from gridmap.core.tracing.shapes import ShapeKind, TracedShape
from gridmap.store.session import Database
from tests.browser.conftest import OpenPage, PageGuard
from tests.browser.test_sign_in import STATUS_CONSOLE_MESSAGE
from tests.fixtures.subdistricts import PASSWORD, app_settings, password_hash
from tests.fixtures.web_app import close_databases
from tests.services.tracing.traced_town import (
    HEIGHT,
    SOUTH,
    WEST,
    WIDTH,
    create_first_day,
    create_planner,
    listed_buildings,
    traced_shapes,
)

MAP_READY = "#map[data-load-status=ready]"
PIXELS = 1200, 1000
"""Size of the picture; it shows the town with a margin."""
MARGIN = 0.001
Place = tuple[float, float]


@pytest.fixture(scope="module")
def owner_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(tmp_path_factory.mktemp("home")))
        database = Database(module_database_url, trusted=True)
        with database.transaction() as session:
            create_first_day(session)
            create_planner(session)
            change = text("UPDATE credential SET password_hash = :hash, must_change = false")
            session.execute(change, {"hash": password_hash()})
        database.close()
        yield module_database_url


@pytest.fixture
def app(owner_url: str) -> Iterator[Flask]:
    opened = create_app(app_settings(owner_url))
    yield opened
    close_databases(opened)


@pytest.fixture
def guard(guard: PageGuard) -> Iterator[PageGuard]:
    """Accept the console messages of answers that refuse."""
    yield guard
    guard.problems[:] = [each for each in guard.problems if STATUS_CONSOLE_MESSAGE not in each]


def to_pixel(place: Place) -> tuple[float, float]:
    """Return where the picture shows a place."""
    x = (place[0] - WEST + MARGIN) / (3 * WIDTH + 2 * MARGIN) * PIXELS[0]
    y = (SOUTH + HEIGHT + MARGIN - place[1]) / (HEIGHT + 2 * MARGIN) * PIXELS[1]
    return x, y


def draw_picture(path: Path) -> None:
    """Draw the slide that a planner begins with."""
    image = Image.new("RGB", PIXELS, "white")
    pen = ImageDraw.Draw(image)
    for shape in traced_shapes():
        points = [to_pixel((x, y)) for x, y in shape.geometry.coords or ()] if shape.kind is ShapeKind.STREET else None
        if points:
            pen.line(points, fill="gray", width=8)
        else:
            pen.polygon([to_pixel((x, y)) for x, y in shape.geometry.exterior.coords], outline="blue", width=2)
    image.save(path)


def write_list(path: Path) -> None:
    """Write the Excel list of an office, with a title and merged estates."""
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("楼栋")
        rows: list[list[Any]] = [["新河街道楼栋台账"], ["小区名称", "楼号", "户数"]]
        previous = ""
        for each in listed_buildings():
            rows.append([each.estate if each.estate != previous else "", each.number, each.households])
            previous = each.estate
        for number, row in enumerate([*rows, ["合计", "", sum(each.households for each in listed_buildings())]]):
            sheet.write_row(number, 0, row)


class DrawingTable:
    """The map of the tracing page, clicked at places."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, place: Place, **options: Any) -> None:
        point = self.page.evaluate(
            "([lng, lat]) => { const m = window[Object.keys(window).find((k) => k.startsWith('map_'))];"
            " const p = m.latLngToContainerPoint([lat, lng]); const b = m.getContainer().getBoundingClientRect();"
            " return [b.left + p.x, b.top + p.y]; }",
            list(place),
        )
        self.page.mouse.move(*point)
        self.page.mouse.click(*point, **options)
        self.clicks += 1

    def draw(self, shape: TracedShape) -> None:
        is_line = shape.kind is ShapeKind.STREET
        places = list(shape.geometry.coords if is_line else shape.geometry.exterior.coords[:-1])
        for place in places:
            self.click(place)
        self.page.keyboard.press("Enter")
        self.clicks += 1


def fetch_rows(owner_url: str, statement: str) -> Sequence[Row[Any]]:
    engine = create_engine(owner_url)
    with engine.connect() as connection:
        rows = connection.execute(text(statement)).all()
    engine.dispose()
    return rows


def today_of(owner_url: str) -> str:
    return str(fetch_rows(owner_url, "SELECT today()")[0][0])


def sign_in(page: Page) -> None:
    page.locator("#name").fill("planner")
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()


def upload_and_place(page: Page, folder: Path) -> None:
    """Upload the slide, and place it by three corners whose coordinates are known."""
    draw_picture(folder / "slide.png")
    page.get_by_role("link", name="Pictures", exact=True).click()
    page.get_by_label("Picture").set_input_files(folder / "slide.png")
    page.get_by_role("button", name="Upload").click()
    page.wait_for_selector("#picture-view .leaflet-image-layer")
    box = page.locator("#picture-view").bounding_box()
    assert box
    corners = [(WEST, SOUTH), (WEST + 3 * WIDTH, SOUTH), (WEST, SOUTH + HEIGHT)]
    for number, corner in enumerate(corners, 1):
        x, y = to_pixel(corner)
        point = page.evaluate(
            "([x, y]) => { const i = document.querySelector('#picture-view .leaflet-image-layer')"
            ".getBoundingClientRect(); return [i.left + x / 1200 * i.width, i.top + y / 1000 * i.height]; }",
            [x, y],
        )
        page.mouse.click(*point)
        page.get_by_label(f"Longitude and latitude of point {number}").fill(f"{corner[0]:.6f}, {corner[1]:.6f}")
    page.reload()
    expect(page.get_by_label("Longitude and latitude of point 3")).to_have_value(re.compile("^114"))
    page.get_by_label("Stretch as well").check()
    expect(page.locator("#fit")).to_contain_text("Fits to")
    page.get_by_role("button", name="Save the placement").click()
    expect(page.locator(".alerts").first).to_contain_text("The picture is placed.")


def upload_list(page: Page, folder: Path) -> None:
    write_list(folder / "list.xlsx")
    page.get_by_role("link", name="List", exact=True).click()
    page.get_by_label("Or a file").set_input_files(folder / "list.xlsx")
    page.get_by_role("button", name="Store the list").click()
    expect(page.locator(".alerts").first).to_contain_text("24 buildings with 960 households")


def trace_all(page: Page) -> DrawingTable:
    """Draw every shape of the town by clicks."""
    page.get_by_role("link", name="Trace", exact=True).first.click()
    page.wait_for_selector(MAP_READY)
    table = DrawingTable(page)
    for kind, label in (
        (ShapeKind.COMMUNITY, "Community boundary"),
        (ShapeKind.OUTLINE, "Estate"),
        (ShapeKind.STREET, "Street"),
    ):
        page.locator("#kinds").get_by_role("button", name=label, exact=True).click()
        for shape in traced_shapes():
            if shape.kind is kind:
                table.draw(shape)
        page.keyboard.press("Escape")
    page.locator("#kinds").get_by_role("button", name="Grid", exact=True).click()
    for shape in traced_shapes():
        if shape.kind is ShapeKind.GRID:
            table.draw(shape)
            page.keyboard.insert_text(shape.name)
            page.keyboard.press("Enter")
    expect(page.locator("#save-status")).to_contain_text("Saved at")
    return table


def test_from_a_list_and_a_picture_to_grids_in_force(
    app: Flask, open_page: OpenPage, owner_url: str, tmp_path: Path
) -> None:
    page = open_page(app, "/sign-in?next=/planner/first-day")
    sign_in(page)
    page.wait_for_url(re.compile(r"/first-day/\d+$"))
    steps_url = page.url
    upload_list(page, tmp_path)
    page.goto(steps_url)
    upload_and_place(page, tmp_path)
    page.goto(steps_url)
    trace_all(page)
    expect(page.locator("#no-faults")).to_be_visible()
    page.goto(steps_url)
    page.get_by_label("Minimum of households").fill("100")
    page.get_by_label("Maximum of households").fill("300")
    page.get_by_role("button", name="Build the land").click()
    expect(page.locator(".alerts").first).to_contain_text("24 buildings in 3 communities")
    for _ in range(2):
        page.get_by_role("link", name="Review and approve").first.click()
        expect(page.get_by_label("Effective date")).to_have_value(today_of(owner_url))
        page.get_by_role("button", name="Approve").click()
        page.wait_for_url("**/planner/communities/**")
        page.goto(steps_url)
    expect(page.get_by_role("link", name="Partition")).to_have_count(1)
    page.goto(steps_url.rsplit("/", 2)[0])
    expect(page.get_by_role("link", name="The first day")).to_be_visible()
    in_force = (
        "SELECT r.name, r.households FROM adoption a JOIN revision_grid r ON r.revision_id = a.revision_id"
        " WHERE a.valid @> today() ORDER BY a.community_id, r.name"
    )
    assert [tuple(row) for row in fetch_rows(owner_url, in_force)] == [("第1网格", 160), ("第2网格", 160)] * 2
