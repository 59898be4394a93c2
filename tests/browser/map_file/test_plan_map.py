"""The map file of a plan in a browser."""

import pytest
import shapely
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.fixtures import result_files

STATUS_SYMBOLS = {"under": "#symbol-under", "in_range": "#symbol-in_range", "over": "#symbol-over"}


def shown_codes(page: Page) -> list[str]:
    return page.locator("#grids tbody th b").all_inner_texts()


def row_selector(page: Page, code: str) -> str:
    return f"#grids tbody tr:has(b:text-is('{code}'))"


def hover(page: Page, point: shapely.Point) -> None:
    """Move the pointer to a point in EPSG:4326."""
    map_box = page.locator(".folium-map").bounding_box()
    position = page.evaluate("([north, east]) => map_plan.latLngToContainerPoint([north, east])", [point.y, point.x])
    assert map_box is not None
    page.mouse.move(map_box["x"] + position["x"], map_box["y"] + position["y"])


def pixel_colours(page: Page) -> set[str]:
    """Return the colours of sampled pixels of the map, as hexadecimal numbers."""
    script = """tiles => tiles.flatMap(tile => {
      const pixels = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height).data, seen = new Set();
      for (let i = 0; i < pixels.length; i += 28)
        seen.add([...pixels.slice(i, i + 3)].map(part => part.toString(16).padStart(2, "0")).join(""));
      return [...seen];
    })"""
    return set(page.locator(".town-tiles canvas").evaluate_all(script))


def test_the_page_opens_without_requests(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    expect(page.locator("h1")).to_have_text("金江路社区")
    assert page.locator(".town-tiles canvas").count() > 0


def test_the_summary_counts_the_content_of_the_file(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    summary = {key: page.locator(f"#sum-{key}").inner_text() for key in ("communities", "grids", "in-range", "span")}
    assert summary == {"communities": "1", "grids": "6", "in-range": "3 of 5", "span": "120–760"}


def test_every_status_has_its_colour_on_the_map(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    colours = pixel_colours(page)
    for status in ("under", "in-range", "over", "dedicated"):
        tints = page.evaluate(
            """status => [1, 2, 3, 4].map(tint =>
              getComputedStyle(document.documentElement)
                .getPropertyValue(`--status-${status}-${tint}`).trim().slice(1))""",
            status,
        )
        assert colours & set(tints), status


def test_every_status_has_its_symbol_and_word(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    for status, symbol in STATUS_SYMBOLS.items():
        expect(page.locator(f"#grids tr.{status} use[href='{symbol}']").first).to_be_visible()
        expect(page.locator(f".grid-label.{status} use[href='{symbol}']").first).to_be_visible()
    expect(page.locator(row_selector(page, "002"))).to_contain_text("over")


def test_neighbours_of_equal_status_differ_in_tint(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers(9))
    tints = {f"{tint}" for tint in pixel_colours(page) if tint in {"cdebe0", "b4e0d1", "def2eb", "9dd5c1"}}
    assert len(tints) >= 2


def test_choosing_a_row_shows_the_grid_and_the_reason_of_its_status(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator(row_selector(page, "002")).click()
    expect(page.locator("#details")).to_contain_text("760 households, more than 500")
    expect(page.locator(row_selector(page, "002"))).to_have_attribute("aria-current", "true")
    expect(page.locator("#said")).to_contain_text("Grid 002: 760 households, over.")


def test_choosing_a_row_centres_the_map_on_the_grid(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator(row_selector(page, "002")).click()
    label, map_box = page.locator(".grid-label.over").bounding_box(), page.locator(".folium-map").bounding_box()
    assert label is not None
    assert map_box is not None
    assert abs(label["x"] + label["width"] / 2 - map_box["width"] / 2) < 20


def test_the_legend_does_not_cover_grids_on_desktop_and_phone(open_map: OpenPage) -> None:
    for viewport in (DESKTOP, PHONE):
        page = open_map(result_files.plan_layers(9), viewport)
        legend = page.locator("#legend").bounding_box()
        assert legend is not None
        labels = [page.locator(f".grid-label.{status}").first.bounding_box() for status in ("under", "over")]
        assert all(label and label["y"] + label["height"] < legend["y"] for label in labels)


def test_a_click_on_the_map_chooses_the_row(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator(".grid-label.under").click(force=True)
    expect(page.locator(row_selector(page, "001"))).to_have_attribute("aria-current", "true")
    expect(page.locator("#details")).to_contain_text("120 households, fewer than 300")


def test_the_tooltip_shows_grid_building_and_street(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    label = page.locator(".grid-label.over").bounding_box()
    assert label is not None
    page.mouse.move(label["x"] + label["width"] / 2, label["y"] + label["height"] / 2)
    expect(page.locator(".town-tip")).to_contain_text("760 households, 4 buildings")
    expect(page.locator(".town-tip")).to_contain_text("巷")


@pytest.mark.parametrize(
    ("name", "expected"), [("云锦苑 1 栋", "云锦苑 1 栋: 80"), (None, f"{result_files.COMMUNITY_CODE}001-0: 80")]
)
def test_the_tooltip_shows_a_building_by_name_or_number(open_map: OpenPage, name: str | None, expected: str) -> None:
    layers = result_files.plan_layers()
    layers["buildings"]["name"] = name
    page = open_map(layers)
    hover(page, layers["buildings"].geometry.iloc[0].centroid)
    expect(page.locator(".town-tip")).to_contain_text(f"{expected} households")


def test_a_dedicated_grid_names_its_object(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator(row_selector(page, "006")).click()
    expect(page.locator("#details")).to_contain_text("穿金公园")


def test_the_table_sorts_both_ways(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    header = page.locator("th[data-sort='households']")
    header.locator("button").click()
    assert shown_codes(page) == ["006", "001", "003", "004", "005", "002"]
    header.locator("button").click()
    assert shown_codes(page) == ["002", "005", "004", "003", "001", "006"]
    expect(header).to_have_attribute("aria-sort", "descending")


def test_sorting_by_status_lists_grids_outside_the_norm_first(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator("th[data-sort='status'] button").click()
    assert shown_codes(page) == ["001", "002", "003", "004", "005", "006"]


def test_the_filter_shows_one_status_in_table_and_map(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator("#filters button[data-state='over']").click()
    assert shown_codes(page) == ["002"]
    expect(page.locator("#said")).to_have_text("Grids shown: 1")
    expect(page.locator(".grid-label.under")).to_be_hidden()
    assert "eef0f1" in pixel_colours(page)


def test_the_language_can_be_switched_and_is_kept_in_the_address(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert page.url.endswith("#lang=zh-CN")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("#grids tr.in_range .badge").first).to_have_text("达标")


def test_the_page_starts_in_the_requested_language(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers(), language="zh_CN")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_the_page_can_be_operated_by_keyboard(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator("#grids tbody button").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(row_selector(page, "002"))).to_have_attribute("aria-current", "true")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.textContent") == "006"
    page.keyboard.press("Escape")
    expect(page.locator("#grids [aria-current]")).to_have_count(0)


def test_a_selection_can_be_cleared(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator(row_selector(page, "002")).click()
    page.locator("#clear").click()
    expect(page.locator("#grids [aria-current]")).to_have_count(0)
    expect(page.locator("#details")).to_contain_text("Choose a grid")


def test_one_tab_stop_leads_into_the_rows(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    expect(page.locator("#grids tbody button[tabindex='0']")).to_have_count(1)


def test_every_control_and_region_has_a_name(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    nameless = """nodes => nodes.filter(node => !(node.textContent.trim() || node.getAttribute("aria-label")
      || node.getAttribute("aria-labelledby"))).map(node => node.outerHTML)"""
    assert page.locator("button, section, summary, [role=region]").evaluate_all(nameless) == []


def test_a_phone_needs_no_sideways_scrolling(open_map: OpenPage) -> None:
    for language in ("en", "zh_CN"):
        page = open_map(result_files.plan_layers(), PHONE, language)
        page.locator(row_selector(page, "002")).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_controls_are_large_enough_to_touch(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers(), PHONE)
    small = """nodes => nodes.filter(node => node.offsetParent && node.offsetHeight < 40).map(node => node.outerHTML)"""
    assert page.locator("button, summary").evaluate_all(small) == []


def test_on_a_phone_the_panel_lies_under_the_map(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers(), PHONE)
    map_box, panel = page.locator(".map").bounding_box(), page.locator(".side").bounding_box()
    assert map_box is not None
    assert panel is not None
    assert panel["y"] >= map_box["y"] + map_box["height"] - 1


def test_a_map_of_one_grid_opens(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers(1))
    assert shown_codes(page) == ["001"]
    expect(page.locator("#sum-span")).to_have_text("320–320")


def test_a_map_of_a_community_without_buildings_or_grids_opens(open_map: OpenPage) -> None:
    layers = result_files.plan_layers()
    empty = {name: frame.iloc[:0] for name, frame in layers.items()}
    page = open_map(empty | {"communities": layers["communities"]})
    assert shown_codes(page) == []
    expect(page.locator("#sum-span")).to_have_text("–")


def test_printing_includes_the_map_and_every_row(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#language")).to_be_hidden()
    assert page.locator(".town-tiles canvas").first.evaluate("tile => getComputedStyle(tile).visibility") == "visible"
    assert page.locator("#grids tbody tr:visible").count() == 6
