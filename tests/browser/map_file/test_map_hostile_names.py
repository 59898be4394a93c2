"""Hostile names from files in the map file: shown as text and never executed."""

import pytest

from tests.browser.conftest import PHONE, OpenPage, PageGuard
from tests.browser.map_file.test_plan_map import hover
from tests.fixtures import result_files
from tests.fixtures.result_files import HOSTILE


def test_codes_and_reasons_appear_exactly_as_written(open_map: OpenPage) -> None:
    page = open_map(result_files.hostile_layers())
    assert set(page.locator("#grids tbody th b").evaluate_all("nodes => nodes.map(node => node.textContent)")) == set(
        HOSTILE
    )
    reasons = page.locator("#grids .of-status small").evaluate_all("nodes => nodes.map(node => node.textContent)")
    assert set(reasons) == set(HOSTILE)


def test_the_title_is_the_name_as_text(open_map: OpenPage) -> None:
    page = open_map(result_files.hostile_layers())
    assert page.locator("h1").evaluate("node => node.textContent") == HOSTILE[3]
    assert HOSTILE[3] in page.title()


def test_panel_label_and_sentence_show_each_name(open_map: OpenPage) -> None:
    page = open_map(result_files.hostile_layers())
    for position in range(len(HOSTILE)):
        page.locator("#grids tbody button").nth(position).click()
        code = page.locator("#grids [aria-current] b").evaluate("node => node.textContent")
        assert page.locator(".details-code").evaluate("node => node.textContent") == code
        assert code in (page.locator("#said").text_content() or "")


def test_tooltips_show_names_of_buildings_streets_and_places(open_map: OpenPage) -> None:
    page = open_map(result_files.hostile_layers())
    shown = page.evaluate(
        """async () => {
          const data = JSON.parse(document.getElementById("town").textContent).layers, seen = new Set();
          for (const name of [...data.buildings.name, ...data.streets.name, ...data.dedicated.name]) {
            const tip = gridmap.details.tip(null, [name]);
            document.body.append(tip);
            seen.add(tip.textContent);
          }
          return [...seen];
        }"""
    )
    assert set(shown) == set(HOSTILE)


def test_the_tooltip_of_a_hostile_building_shows_its_name(open_map: OpenPage) -> None:
    layers = result_files.hostile_layers()
    page = open_map(layers)
    buildings = layers["buildings"].iloc[: len(HOSTILE)]
    for name, place in zip(buildings["name"], buildings.geometry.representative_point(), strict=True):
        hover(page, place)
        assert name in (page.locator(".town-tip").text_content() or "")


def test_long_names_do_not_widen_the_page_on_a_phone(open_map: OpenPage) -> None:
    page = open_map(result_files.hostile_layers(), PHONE)
    page.locator("#grids tbody button").last.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize(
    "element",
    [
        "Object.assign(document.createElement('script'), {textContent: 'window.ran = true'})",
        "Object.assign(document.createElement('script'), {src: 'https://example.org/a.js'})",
        "Object.assign(document.createElement('img'), {src: 'https://example.org/a.png'})",
        "Object.assign(document.createElement('style'), {textContent: 'p { color: red }'})",
    ],
)
def test_foreign_elements_are_blocked(open_map: OpenPage, guard: PageGuard, element: str) -> None:
    page = open_map(result_files.plan_layers())
    page.evaluate(f"document.body.append({element})")
    page.wait_for_timeout(100)
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in problem for problem in guard.problems)
    guard.problems.clear()
