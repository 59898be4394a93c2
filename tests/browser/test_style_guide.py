"""The style guide in a browser: no foreign requests, no overflow, and operation by keyboard."""

import pytest
from flask import Flask, redirect, render_template_string, request
from flask.typing import ResponseReturnValue
from playwright.sync_api import Page, ViewportSize

from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.web.access import public
from gridmap.web.forms import BaseForm
from tests.browser.conftest import DESKTOP, PHONE, OpenPage

VIDEO_WALL: ViewportSize = {"width": 3840, "height": 2160}
TOO_SMALL = """() => [...document.querySelectorAll('a, button, summary, input:not([type=hidden]), select, textarea')]
    .filter(each => each.checkVisibility() && !each.closest('p, td, th, .skip-link'))
    .map(each => [each.closest('label') ?? each, each])
    .filter(([each]) => each.getBoundingClientRect().height < 43.9)
    .map(([, each]) => each.outerHTML)"""
UNLABELLED = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
    .filter(each => !each.labels.length).map(each => each.outerHTML)"""
RAGGED_CELLS = """label => [...document.querySelectorAll('.as-cards td[data-label]')].filter(cell => {
    cell.dataset.label = label || cell.dataset.label;
    const range = document.createRange();
    range.selectNodeContents(cell);
    return Math.abs(range.getBoundingClientRect().right - cell.getBoundingClientRect().right) > 1.5;
  }).map(each => each.outerHTML)"""
FORM_TEMPLATE = """{% extends "base.html" %}{% block content %}
<form method="post">{{ form.csrf_token }}<button>x</button></form>
{% endblock %}"""
ACTIVE_ELEMENT = "document.activeElement"


@pytest.fixture
def app() -> Flask:
    return create_app(Settings(cookie_secret=b"only for tests, where nothing is secret"))


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.sampled(4)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP, VIDEO_WALL], ids=["phone", "desk", "wall"])
def test_every_component_fits_every_screen(
    app: Flask, open_page: OpenPage, viewport: ViewportSize, language: str, scheme: str
) -> None:
    page = open_page(app, "/style-guide", viewport, locale=language, color_scheme=scheme)
    assert page.locator("h1").first.inner_text() == {"zh-CN": "页面组件", "en": "Components"}[language]
    assert not is_too_wide(page)


def test_text_of_double_size_fits(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", {"width": 640, "height": 900})
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert not is_too_wide(page)


def test_text_is_larger_on_a_video_wall(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", VIDEO_WALL)
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 24


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_every_control_is_large_enough_to_touch(app: Flask, open_page: OpenPage, viewport: ViewportSize) -> None:
    assert open_page(app, "/style-guide", viewport).evaluate(TOO_SMALL) == []


def test_every_field_has_a_label(app: Flask, open_page: OpenPage) -> None:
    assert open_page(app, "/style-guide").evaluate(UNLABELLED) == []


def test_the_first_tab_stop_skips_the_header(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(f"{ACTIVE_ELEMENT}.id") == "content"


def test_the_focus_is_visible(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide")
    page.locator("#buttons .button").first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate(f"getComputedStyle({ACTIVE_ELEMENT}).outlineWidth") == "3px"


def test_arrow_keys_switch_tabs_and_one_panel_is_shown(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide")
    page.locator("#tab-grids").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(f"{ACTIVE_ELEMENT}.id") == "tab-faults"
    assert page.locator("[role=tabpanel]:visible").all_inner_texts() == ["The list of faults."]


def test_a_dialog_focuses_the_safe_choice_and_closes_by_escape(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide")
    page.locator("[data-dialog=ask]").click()
    assert page.evaluate(f"{ACTIVE_ELEMENT}.textContent") == "Keep it"
    page.keyboard.press("Escape")
    assert not page.locator("#ask").is_visible()


def test_the_account_menu_closes_by_escape_and_restores_the_focus(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", PHONE)
    page.locator(".menu summary").first.click()
    assert page.locator(".menu button").first.is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".menu button").first.is_visible()
    assert page.evaluate(f"{ACTIVE_ELEMENT}.tagName") == "SUMMARY"


def test_a_menu_closes_by_a_click_outside(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide")
    page.locator(".menu summary").first.click()
    page.locator("h1").first.click()
    assert not page.locator(".menu button").first.is_visible()


def test_a_table_of_cards_on_a_phone_keeps_its_table_roles(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", PHONE, locale="en")
    assert page.locator(".as-cards thead").is_hidden()
    assert page.locator(".as-cards").get_by_role("row").count() == 5
    assert page.locator(".as-cards").get_by_role("cell", name="386").is_visible()


@pytest.mark.parametrize("label", ["", "Dwellings with a household", "已登记居民的房屋套数合计"])
def test_values_of_cards_end_at_the_edge_also_below_a_long_label(app: Flask, open_page: OpenPage, label: str) -> None:
    page = open_page(app, "/style-guide", PHONE, locale="en")
    assert page.locator(".as-cards td.number").count() > 0
    assert page.evaluate(RAGGED_CELLS, label) == []
    assert not is_too_wide(page)


def test_english_words_of_labels_are_not_broken_on_cards(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", PHONE, locale="en")
    heights = "cells => cells.map(cell => { cell.dataset.label = 'Households'; return cell.offsetHeight; })"
    measured = page.locator(".as-cards td.number").evaluate_all(heights)
    assert measured
    assert max(measured) < 40  # one line; two lines have 56 and more


def test_all_panels_are_visible_without_scripts(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", java_script_enabled=False)
    assert page.locator("[role=tabpanel]:visible").count() == 2


def test_reduced_motion_disables_animations(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_double_click_submits_a_form_once(app: Flask, open_page: OpenPage) -> None:
    submissions: list[str] = []
    app.add_url_rule("/slow", "slow", public(lambda: render_slow_form(submissions)), methods=["GET", "POST"])
    page = open_page(app, "/slow")
    page.evaluate("() => { const b = document.querySelector('main button'); b.click(); b.click(); }")
    page.wait_for_url("**/slow#done")
    assert submissions == ["POST"]


def render_slow_form(submissions: list[str]) -> ResponseReturnValue:
    """Render a form and record its submissions."""
    if request.method == "GET":
        return render_template_string(FORM_TEMPLATE, form=BaseForm())
    submissions.append(request.method)
    return redirect("/slow#done")
