"""The map file of a check in a browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.map_file.test_plan_map import pixel_colours
from tests.fixtures import result_files
from tests.fixtures.result_files import HOSTILE

GAP_ROW = "#faults tbody tr[data-position='0']"


def count_rows(page: Page) -> int:
    return page.locator("#faults tr[data-position]").count()


def shown_faults(page: Page) -> list[str]:
    return page.locator("#faults .group-word").all_text_contents()


def test_a_check_opens_with_its_faults_by_severity(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers())
    expect(page.locator("#sum-faults")).to_have_text("11")
    expect(page.locator("#sum-grave")).to_have_text("9 grave")
    assert shown_faults(page) == ["gap", "building in no grid", "courtyard split", "no code"]


def test_the_summary_counts_households_in_no_grid(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers())
    expect(page.locator("#sum-left")).to_have_text("640")


def test_a_sliver_of_a_third_of_a_metre_is_visible_at_town_scale(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers(0))
    expect(page.locator(".mark.high")).to_be_visible()
    assert "b3123c" in pixel_colours(page)


def test_every_severity_has_its_own_shape_and_word(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers())
    for severity, word in (("high", "grave"), ("medium", "medium"), ("low", "slight")):
        expect(page.locator(f".mark.{severity} use[href='#symbol-{severity}']").first).to_be_visible()
        expect(page.locator(f"#severities [data-severity='{severity}']")).to_contain_text(word)
    shapes = page.locator(".symbols symbol").evaluate_all("nodes => nodes.map(node => node.innerHTML)")
    assert len(set(shapes)) == len(shapes)


def test_choosing_a_row_zooms_to_the_fault_and_shows_the_suggestion(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers())
    before = page.evaluate("map_plan.getZoom()")
    page.locator("#faults tr[data-position='1']").click()
    expect(page.locator("#details")).to_contain_text("extend the nearest grid over it")
    assert page.evaluate("map_plan.getZoom()") > before
    expect(page.locator(".mark[data-chosen]")).to_be_visible()
    expect(page.locator("#said")).to_contain_text("Fault: building in no grid, grave.")


def test_the_suggestion_exists_in_both_languages(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers(), language="zh_CN")
    page.locator(GAP_ROW).click()
    expect(page.locator("#details")).to_contain_text(f"请扩大网格 {result_files.COMMUNITY_CODE}001")
    page.locator("#language").click()
    expect(page.locator("#details")).to_contain_text("which has the longest border here")


def test_a_click_on_a_mark_selects_its_fault(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers(0))
    page.locator(".mark.low").click()
    expect(page.locator("#faults [aria-current]")).to_contain_text("no code")


def test_filters_show_one_kind_or_severity_with_its_count(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers())
    page.locator("#severities [data-severity='medium']").click()
    assert shown_faults(page) == ["courtyard split"]
    expect(page.locator("#said")).to_have_text("Faults shown: 1")
    page.locator("#severities [data-severity='all']").click()
    expect(page.locator("#kinds option[value='unassigned_building']")).to_have_text("building in no grid (8)")
    page.locator("#kinds").select_option("gap")
    assert shown_faults(page) == ["gap"]
    expect(page.locator("#severities [data-severity='low'] .count")).to_have_text("0")
    expect(page.locator(".mark.medium")).to_have_count(0)


def test_further_faults_of_a_kind_are_listed_on_request(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers(24))
    assert count_rows(page) == 8
    page.get_by_role("button", name="Show 19 more of 24").click()
    assert count_rows(page) == 27
    assert page.evaluate("document.activeElement.closest('tr').dataset.position") == "6"


def test_a_fault_selected_on_the_map_is_shown_in_the_list(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers(24))
    page.locator("#kinds").select_option("unassigned_building")
    page.locator("#kinds").select_option("all")
    page.evaluate("map_plan.setView([25.0411, 102.7051], 18)")
    page.locator(".mark.high").first.click()
    expect(page.locator("#faults [aria-current]")).to_be_visible()


def test_other_orders_put_all_faults_in_one_list(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers())
    page.locator("#faults th[data-sort='area'] button").click()
    expect(page.locator("#faults th[data-sort='area']")).to_have_attribute("aria-sort", "descending")
    assert (count_rows(page), shown_faults(page)) == (11, [])


def test_the_keyboard_reaches_every_fault(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers())
    expect(page.locator("#faults .choose[tabindex='0']")).to_have_count(1)
    page.locator("#faults .choose").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#faults tr[data-position='1']")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#faults [aria-current]")).to_have_count(0)


def test_arrow_keys_switch_from_faults_to_grids(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers())
    page.get_by_role("tab", name="Faults").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Grids")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#grids")).to_be_visible()
    expect(page.locator(".grid-label.over .symbol")).to_be_visible()
    expect(page.locator(".mark")).to_have_count(0)


def test_a_grid_shows_the_number_of_its_faults(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers())
    page.get_by_role("tab", name="Grids").click()
    page.locator("#grids tr[data-position='2'] button").click()
    expect(page.locator("#details div:has(dt:text-is('Faults')) dd")).to_have_text("1")


def test_a_check_without_faults_says_so(open_map: OpenPage) -> None:
    layers = result_files.check_layers()
    page = open_map(layers | {"faults": layers["faults"].iloc[:0]})
    expect(page.get_by_text("No faults found.")).to_be_visible()
    expect(page.locator("#faults")).to_be_hidden()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_nothing_is_wider_than_the_screen_or_too_small_to_touch(
    open_map: OpenPage, viewport: object, language: str
) -> None:
    page = open_map(result_files.check_layers(24), viewport, language)
    page.locator(GAP_ROW).click()
    small = "nodes => nodes.filter(node => node.offsetParent && node.offsetHeight < 40).map(node => node.outerHTML)"
    assert page.locator("button, summary, select").evaluate_all(small) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_list_shows_the_suggestion_on_a_phone(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers(), PHONE)
    expect(page.locator(GAP_ROW).locator(".slim")).to_contain_text("which has the longest border here")
    expect(page.locator(GAP_ROW).locator(".advice")).to_be_hidden()


def test_printing_includes_every_fault(open_map: OpenPage) -> None:
    page = open_map(result_files.check_layers(24))
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert count_rows(page) == 27


def test_suggestions_codes_and_names_appear_exactly_as_written(open_map: OpenPage) -> None:
    page = open_map(result_files.hostile_check_layers())
    page.locator("#faults th[data-sort='area'] button").click()
    advice = page.locator("#faults .advice").evaluate_all("nodes => nodes.map(node => node.textContent)")
    names = page.locator("#faults tbody b").evaluate_all("nodes => nodes.map(node => node.textContent)")
    assert (set(advice), set(names)) == (set(HOSTILE), set(HOSTILE))


def test_hostile_faults_are_shown_as_text_in_panel_and_sentence(open_map: OpenPage) -> None:
    page = open_map(result_files.hostile_check_layers(), PHONE)
    page.locator("#faults th[data-sort='area'] button").click()
    for position in range(len(HOSTILE)):
        page.locator("#faults .choose").nth(position).click()
        assert page.locator("#details .reason").evaluate("node => node.textContent") in HOSTILE
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
