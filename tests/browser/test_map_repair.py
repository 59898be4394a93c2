"""Before and after a repair, and households that nobody counted."""

import pytest
from playwright.sync_api import Page, expect

from tests import results
from tests.browser.conftest import DESK, PHONE, Open
from tests.browser.test_map import colours, row
from tests.results import HOSTILE

FIRST = "#changes tbody tr[data-position='0']"


def view(page: Page, name: str) -> None:
    page.locator(f"[data-view='{name}']").click()


def test_a_repair_opens_with_its_changes(open_map: Open) -> None:
    page = open_map(results.repaired())
    expect(page.locator("#sum-changes")).to_have_text("3")
    expect(page.locator("#changes .group-word")).to_have_text(["no grid → 002", "001 → 002"])
    expect(page.locator("#changes .group small")).to_have_text(
        ["84 households · 1 building", "163 households · 2 buildings"]
    )
    expect(page.locator(".mark.moved").first).to_be_visible()


def test_a_change_zooms_and_says_from_to_and_why(open_map: Open) -> None:
    page = open_map(results.repaired())
    before = page.evaluate("map_plan.getZoom()")
    page.locator(FIRST).click()
    assert page.evaluate("map_plan.getZoom()") > before
    expect(page.locator("#details")).to_contain_text("was in no grid")
    expect(page.locator("#said")).to_contain_text("from no grid to 002")


def test_before_shows_the_drawing_with_bare_and_doubled_land(open_map: Open) -> None:
    page = open_map(results.repaired())
    view(page, "before")
    once, twice = colours(page), page.locator("[data-view='before']")
    expect(twice).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".legend")).to_contain_text("in two grids")
    expect(page.locator(".grid-label.drawn").first).to_be_visible()
    expect(page.locator(".mark")).to_have_count(0)
    view(page, "after")
    assert once != colours(page)


def test_after_shows_the_states_of_the_grids(open_map: Open) -> None:
    page = open_map(results.repaired())
    view(page, "after")
    expect(page.locator(".grid-label.over .symbol")).to_be_visible()
    expect(page.locator(".grid-label.drawn").first).to_be_hidden()
    expect(page.locator("#said")).to_have_text("After")


def test_a_grid_says_what_it_gained_and_lost(open_map: Open) -> None:
    page = open_map(results.repaired())
    page.get_by_role("tab", name="Grids").click()
    page.locator(row(page, "002")).click()
    gained = page.locator(".balance li").all_text_contents()
    assert gained == [
        "gained from no grid: 84 households · 1 building",
        "gained from 001: 163 households · 2 buildings",
    ]
    page.locator(row(page, "001")).click()
    expect(page.locator(".balance li")).to_have_text("lost to 002: 163 households · 2 buildings")


def test_what_was_chosen_keeps_its_mark_before_and_after(open_map: Open) -> None:
    page = open_map(results.repaired())
    page.locator(FIRST).click()
    view(page, "before")
    expect(page.locator(".mark[data-chosen]")).to_be_visible()


def test_a_repair_that_changed_nothing_says_so(open_map: Open) -> None:
    layers = results.repaired()
    page = open_map(layers | {"changes": layers["changes"].iloc[:0]})
    expect(page.get_by_text("No building changed its grid.")).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE, DESK])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_nothing_is_wider_than_the_screen_or_too_small_to_touch(
    open_map: Open, viewport: object, language: str
) -> None:
    page = open_map(results.repaired(), viewport, language)
    page.locator(FIRST).click()
    small = "nodes => nodes.filter(node => node.offsetParent && node.offsetHeight < 40).map(node => node.outerHTML)"
    assert page.locator("button, summary").evaluate_all(small) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_codes_and_reasons_of_changes_appear_exactly_as_written(open_map: Open) -> None:
    page = open_map(results.hostile_repair())
    reasons = page.locator("#changes .advice").evaluate_all("nodes => nodes.map(node => node.textContent)")
    assert set(reasons) == set(HOSTILE)
    for position in range(len(HOSTILE)):
        page.locator(f"#changes tr[data-position='{position}'] button").click()
        ends = page.locator("#details dd").evaluate_all("nodes => nodes.map(node => node.textContent)")
        assert {HOSTILE[position], HOSTILE[::-1][position]} <= set(ends)


def test_estimated_households_are_never_told_as_a_fact(open_map: Open) -> None:
    page = open_map(results.estimated())
    expect(page.locator(row(page, "002"))).to_contain_text("≈ 760")
    expect(page.locator(row(page, "002"))).to_contain_text("estimated 700–820")
    expect(page.locator(row(page, "003"))).not_to_contain_text("≈")
    expect(page.locator(".grid-label.over .label-count")).to_have_text("≈ 760 hh")
    expect(page.locator("#sum-households")).to_contain_text("≈")
    expect(page.locator("#sum-range")).to_contain_text("estimated")


def test_panel_and_sentence_say_what_is_estimated(open_map: Open) -> None:
    page = open_map(results.estimated(), language="zh_CN")
    page.locator(row(page, "002")).click()
    expect(page.locator("#details")).to_contain_text("≈ 760 · 估算 700–820")
    expect(page.locator("#said")).to_contain_text("≈ 760")
    expect(page.locator("#legend")).to_contain_text("未经清点")
