"""The map page as a planner uses it."""

import pytest
import shapely
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.fixtures import result_files

STATUS_SYMBOLS = {"under": "#symbol-under", "in_range": "#symbol-in_range", "over": "#symbol-over"}


def shown_codes(page: Page) -> list[str]:
    return page.locator("#grids tbody th b").all_inner_texts()


def row_text(page: Page, code: str) -> str:
    return f"#grids tbody tr:has(b:text-is('{code}'))"


def hover(page: Page, point: shapely.Point) -> None:
    """Move the pointer to a place in degrees."""
    chart = page.locator(".folium-map").bounding_box()
    spot = page.evaluate("([north, east]) => map_plan.latLngToContainerPoint([north, east])", [point.y, point.x])
    assert chart is not None
    page.mouse.move(chart["x"] + spot["x"], chart["y"] + spot["y"])


def pixel_colours(page: Page) -> set[str]:
    """Colours of the map's pixels at a coarse raster, as hexadecimal numbers."""
    script = """tiles => tiles.flatMap(tile => {
      const pixels = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height).data, seen = new Set();
      for (let i = 0; i < pixels.length; i += 28)
        seen.add([...pixels.slice(i, i + 3)].map(part => part.toString(16).padStart(2, "0")).join(""));
      return [...seen];
    })"""
    return set(page.locator(".town-tiles canvas").evaluate_all(script))


def test_the_page_opens_without_asking_for_anything(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    expect(page.locator("h1")).to_have_text("金江路社区")
    assert page.locator(".town-tiles canvas").count() > 0


def test_the_summary_counts_what_is_in_the_file(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    told = {key: page.locator(f"#sum-{key}").inner_text() for key in ("communities", "grids", "in-range", "span")}
    assert told == {"communities": "1", "grids": "6", "in-range": "3 of 5", "span": "120–760"}


def test_every_state_has_its_colour_on_the_map(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    found = pixel_colours(page)
    for state in ("under", "in-range", "over", "dedicated"):
        tints = page.evaluate(
            """state => [1, 2, 3, 4].map(tint =>
              getComputedStyle(document.documentElement).getPropertyValue(`--status-${state}-${tint}`).trim().slice(1))""",
            state,
        )
        assert found & set(tints), state


def test_every_state_has_its_symbol_and_word(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    for state, symbol in STATUS_SYMBOLS.items():
        expect(page.locator(f"#grids tr.{state} use[href='{symbol}']").first).to_be_visible()
        expect(page.locator(f".grid-label.{state} use[href='{symbol}']").first).to_be_visible()
    expect(page.locator(row_text(page, "002"))).to_contain_text("over")


def test_neighbours_in_one_state_differ_in_tint(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers(9))
    tints = {f"{tint}" for tint in pixel_colours(page) if tint in {"cdebe0", "b4e0d1", "def2eb", "9dd5c1"}}
    assert len(tints) >= 2


def test_choosing_a_row_shows_the_grid_and_why_it_is_so(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator(row_text(page, "002")).click()
    expect(page.locator("#details")).to_contain_text("760 households, more than 500")
    expect(page.locator(row_text(page, "002"))).to_have_attribute("aria-current", "true")
    expect(page.locator("#said")).to_contain_text("Grid 002: 760 households, over.")


def test_choosing_a_row_brings_the_grid_to_the_middle_of_the_map(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator(row_text(page, "002")).click()
    label, chart = page.locator(".grid-label.over").bounding_box(), page.locator(".folium-map").bounding_box()
    assert label is not None
    assert chart is not None
    assert abs(label["x"] + label["width"] / 2 - chart["width"] / 2) < 20


def test_nothing_lies_on_the_land_of_a_desk_or_phone(open_map: OpenPage) -> None:
    for viewport in (DESKTOP, PHONE):
        page = open_map(result_files.plan_layers(9), viewport)
        legend = page.locator("#legend").bounding_box()
        assert legend is not None
        feet = [page.locator(f".grid-label.{state}").first.bounding_box() for state in ("under", "over")]
        assert all(foot and foot["y"] + foot["height"] < legend["y"] for foot in feet)


def test_a_click_on_the_map_chooses_the_row(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator(".grid-label.under").click(force=True)
    expect(page.locator(row_text(page, "001"))).to_have_attribute("aria-current", "true")
    expect(page.locator("#details")).to_contain_text("120 households, fewer than 300")


def test_the_pointer_tells_grid_building_and_street(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    place = page.locator(".grid-label.over").bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(page.locator(".town-tip")).to_contain_text("760 households, 4 buildings")
    expect(page.locator(".town-tip")).to_contain_text("巷")


@pytest.mark.parametrize(
    ("name", "told"), [("云锦苑 1 栋", "云锦苑 1 栋: 80"), (None, f"{result_files.COMMUNITY_CODE}001-0: 80")]
)
def test_the_pointer_tells_a_building_by_name_or_number(open_map: OpenPage, name: str | None, told: str) -> None:
    layers = result_files.plan_layers()
    layers["buildings"]["name"] = name
    page = open_map(layers)
    hover(page, layers["buildings"].geometry.iloc[0].centroid)
    expect(page.locator(".town-tip")).to_contain_text(f"{told} households")


def test_a_dedicated_grid_says_what_stands_there(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator(row_text(page, "006")).click()
    expect(page.locator("#details")).to_contain_text("穿金公园")


def test_the_table_sorts_both_ways(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    head = page.locator("th[data-sort='households']")
    head.locator("button").click()
    assert shown_codes(page) == ["006", "001", "003", "004", "005", "002"]
    head.locator("button").click()
    assert shown_codes(page) == ["002", "005", "004", "003", "001", "006"]
    expect(head).to_have_attribute("aria-sort", "descending")


def test_sorting_by_status_puts_first_what_needs_work(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator("th[data-sort='status'] button").click()
    assert shown_codes(page) == ["001", "002", "003", "004", "005", "006"]


def test_the_filter_leaves_one_state_in_table_and_map(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator("#filters button[data-state='over']").click()
    assert shown_codes(page) == ["002"]
    expect(page.locator("#said")).to_have_text("Grids shown: 1")
    expect(page.locator(".grid-label.under")).to_be_hidden()
    assert "eef0f1" in pixel_colours(page)


def test_both_languages_are_in_the_page_and_the_address_remembers(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert page.url.endswith("#lang=zh-CN")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("#grids tr.in_range .badge").first).to_have_text("达标")


def test_the_page_starts_in_the_language_asked_for(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers(), language="zh_CN")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_the_keyboard_is_enough(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator("#grids tbody button").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(row_text(page, "002"))).to_have_attribute("aria-current", "true")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.textContent") == "006"
    page.keyboard.press("Escape")
    expect(page.locator("#grids [aria-current]")).to_have_count(0)


def test_a_choice_can_be_taken_back(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.locator(row_text(page, "002")).click()
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
        page.locator(row_text(page, "002")).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_fingers_find_what_they_touch(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers(), PHONE)
    small = """nodes => nodes.filter(node => node.offsetParent && node.offsetHeight < 40).map(node => node.outerHTML)"""
    assert page.locator("button, summary").evaluate_all(small) == []


def test_on_a_phone_the_panel_lies_under_the_map(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers(), PHONE)
    chart, panel = page.locator(".map").bounding_box(), page.locator(".side").bounding_box()
    assert chart is not None
    assert panel is not None
    assert panel["y"] >= chart["y"] + chart["height"] - 1


def test_one_grid_is_a_map(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers(1))
    assert shown_codes(page) == ["001"]
    expect(page.locator("#sum-span")).to_have_text("320–320")


def test_a_community_without_buildings_or_grids_is_a_map(open_map: OpenPage) -> None:
    layers = result_files.plan_layers()
    empty = {name: frame.iloc[:0] for name, frame in layers.items()}
    page = open_map(empty | {"communities": layers["communities"]})
    assert shown_codes(page) == []
    expect(page.locator("#sum-span")).to_have_text("–")


def test_paper_gets_the_map_and_every_row(open_map: OpenPage) -> None:
    page = open_map(result_files.plan_layers())
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#language")).to_be_hidden()
    assert page.locator(".town-tiles canvas").first.evaluate("tile => getComputedStyle(tile).visibility") == "visible"
    assert page.locator("#grids tbody tr:visible").count() == 6
