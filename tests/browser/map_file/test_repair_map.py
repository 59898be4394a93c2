"""The map file of a repair in a browser, and estimated households."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.map_file.test_plan_map import pixel_colours, row_selector
from tests.fixtures import result_files
from tests.fixtures.result_files import HOSTILE

FIRST_CHANGE_ROW = "#changes tbody tr[data-position='0']"


def switch_view(page: Page, name: str) -> None:
    page.locator(f"[data-view='{name}']").click()


def test_a_repair_opens_with_its_changes(open_map: OpenPage) -> None:
    page = open_map(result_files.repair_layers())
    expect(page.locator("#sum-changes")).to_have_text("3")
    expect(page.locator("#changes .group-word")).to_have_text(["no grid → 002", "001 → 002"])
    expect(page.locator("#changes .group small")).to_have_text(
        ["84 households · 1 building", "163 households · 2 buildings"]
    )
    expect(page.locator(".mark.moved").first).to_be_visible()


def test_choosing_a_change_zooms_and_shows_source_target_and_reason(open_map: OpenPage) -> None:
    page = open_map(result_files.repair_layers())
    before = page.evaluate("map_plan.getZoom()")
    page.locator(FIRST_CHANGE_ROW).click()
    assert page.evaluate("map_plan.getZoom()") > before
    expect(page.locator("#details")).to_contain_text("was in no grid")
    expect(page.locator("#said")).to_contain_text("from no grid to 002")


def test_the_view_before_shows_gaps_and_overlaps(open_map: OpenPage) -> None:
    page = open_map(result_files.repair_layers())
    switch_view(page, "before")
    colours_before, button = pixel_colours(page), page.locator("[data-view='before']")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".legend")).to_contain_text("in two grids")
    expect(page.locator(".grid-label.drawn").first).to_be_visible()
    expect(page.locator(".mark")).to_have_count(0)
    switch_view(page, "after")
    assert colours_before != pixel_colours(page)


def test_the_view_after_shows_the_status_of_the_grids(open_map: OpenPage) -> None:
    page = open_map(result_files.repair_layers())
    switch_view(page, "after")
    expect(page.locator(".grid-label.over .symbol")).to_be_visible()
    expect(page.locator(".grid-label.drawn").first).to_be_hidden()
    expect(page.locator("#said")).to_have_text("After")


def test_a_grid_shows_its_gains_and_losses(open_map: OpenPage) -> None:
    page = open_map(result_files.repair_layers())
    page.get_by_role("tab", name="Grids").click()
    page.locator(row_selector(page, "002")).click()
    gained = page.locator(".balance li").all_text_contents()
    assert gained == [
        "gained from no grid: 84 households · 1 building",
        "gained from 001: 163 households · 2 buildings",
    ]
    page.locator(row_selector(page, "001")).click()
    expect(page.locator(".balance li")).to_have_text("lost to 002: 163 households · 2 buildings")


def test_a_selected_change_keeps_its_mark_in_both_views(open_map: OpenPage) -> None:
    page = open_map(result_files.repair_layers())
    page.locator(FIRST_CHANGE_ROW).click()
    switch_view(page, "before")
    expect(page.locator(".mark[data-chosen]")).to_be_visible()


def test_a_repair_without_changes_says_so(open_map: OpenPage) -> None:
    layers = result_files.repair_layers()
    page = open_map(layers | {"changes": layers["changes"].iloc[:0]})
    expect(page.get_by_text("No building changed its grid.")).to_be_visible()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_nothing_is_wider_than_the_screen_or_too_small_to_touch(
    open_map: OpenPage, viewport: object, language: str
) -> None:
    page = open_map(result_files.repair_layers(), viewport, language)
    page.locator(FIRST_CHANGE_ROW).click()
    small = "nodes => nodes.filter(node => node.offsetParent && node.offsetHeight < 40).map(node => node.outerHTML)"
    assert page.locator("button, summary").evaluate_all(small) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_codes_and_reasons_of_changes_appear_exactly_as_written(open_map: OpenPage) -> None:
    page = open_map(result_files.hostile_repair_layers())
    reasons = page.locator("#changes .advice").evaluate_all("nodes => nodes.map(node => node.textContent)")
    assert set(reasons) == set(HOSTILE)
    for position in range(len(HOSTILE)):
        page.locator(f"#changes tr[data-position='{position}'] button").click()
        ends = page.locator("#details dd").evaluate_all("nodes => nodes.map(node => node.textContent)")
        assert {HOSTILE[position], HOSTILE[::-1][position]} <= set(ends)


def test_estimated_households_are_always_marked(open_map: OpenPage) -> None:
    page = open_map(result_files.estimate_layers())
    expect(page.locator(row_selector(page, "002"))).to_contain_text("≈ 760")
    expect(page.locator(row_selector(page, "002"))).to_contain_text("estimated 700–820")
    expect(page.locator(row_selector(page, "003"))).not_to_contain_text("≈")
    expect(page.locator(".grid-label.over .label-count")).to_have_text("≈ 760 hh")
    expect(page.locator("#sum-households")).to_contain_text("≈")
    expect(page.locator("#sum-range")).to_contain_text("estimated")


def test_panel_and_sentence_mark_estimates(open_map: OpenPage) -> None:
    page = open_map(result_files.estimate_layers(), language="zh_CN")
    page.locator(row_selector(page, "002")).click()
    expect(page.locator("#details")).to_contain_text("≈ 760 · 估算 700–820")
    expect(page.locator("#said")).to_contain_text("≈ 760")
    expect(page.locator("#legend")).to_contain_text("未经清点")
