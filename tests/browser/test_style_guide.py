"""The page of all components in a real browser: nothing from elsewhere, nothing too wide, everything by keyboard."""

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
FORM_TEMPLATE = """{% extends "base.html" %}{% block content %}
<form method="post">{{ form.csrf_token }}<button>x</button></form>
{% endblock %}"""
ACTIVE_ELEMENT = "document.activeElement"


@pytest.fixture
def app() -> Flask:
    return create_app(Settings(cookie_secret=b"only for tests, where nothing is secret"))


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP, VIDEO_WALL], ids=["phone", "desk", "wall"])
def test_every_component_fits_every_screen(
    app: Flask, open_page: OpenPage, viewport: ViewportSize, language: str, scheme: str
) -> None:
    page = open_page(app, "/style-guide", viewport, locale=language, color_scheme=scheme)
    assert page.locator("h1").first.inner_text() == {"zh-CN": "页面组件", "en": "Components"}[language]
    assert not is_too_wide(page)


def test_letters_twice_as_large_still_fit(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", {"width": 640, "height": 900})
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert not is_too_wide(page)


def test_a_page_reads_from_a_wall_as_from_a_desk(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", VIDEO_WALL)
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 24


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_what_is_touched_is_large_enough_for_a_thumb(app: Flask, open_page: OpenPage, viewport: ViewportSize) -> None:
    assert open_page(app, "/style-guide", viewport).evaluate(TOO_SMALL) == []


def test_every_field_has_its_label(app: Flask, open_page: OpenPage) -> None:
    assert open_page(app, "/style-guide").evaluate(UNLABELLED) == []


def test_the_first_tab_leads_past_the_head(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(f"{ACTIVE_ELEMENT}.id") == "content"


def test_the_focus_is_seen(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide")
    page.locator("#buttons .button").first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate(f"getComputedStyle({ACTIVE_ELEMENT}).outlineWidth") == "3px"


def test_tabs_go_by_arrow_keys_and_show_one_panel(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide")
    page.locator("#tab-grids").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(f"{ACTIVE_ELEMENT}.id") == "tab-faults"
    assert page.locator("[role=tabpanel]:visible").all_inner_texts() == ["The list of faults."]


def test_a_dialog_opens_with_the_harmless_choice_and_esc_closes_it(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide")
    page.locator("[data-dialog=ask]").click()
    assert page.evaluate(f"{ACTIVE_ELEMENT}.textContent") == "Keep it"
    page.keyboard.press("Escape")
    assert not page.locator("#ask").is_visible()


def test_the_account_menu_closes_by_esc_and_gives_the_focus_back(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", PHONE)
    page.locator(".menu summary").first.click()
    assert page.locator(".menu button").first.is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".menu button").first.is_visible()
    assert page.evaluate(f"{ACTIVE_ELEMENT}.tagName") == "SUMMARY"


def test_a_menu_closes_when_one_looks_elsewhere(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide")
    page.locator(".menu summary").first.click()
    page.locator("h1").first.click()
    assert not page.locator(".menu button").first.is_visible()


def test_a_table_is_cards_on_a_phone_and_still_a_table_to_a_screen_reader(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", PHONE, locale="en")
    assert page.locator(".as-cards thead").is_hidden()
    assert page.locator(".as-cards").get_by_role("row").count() == 5
    assert page.locator(".as-cards").get_by_role("cell", name="386").is_visible()


def test_without_scripts_everything_is_there_to_read(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", java_script_enabled=False)
    assert page.locator("[role=tabpanel]:visible").count() == 2


def test_who_moves_little_sees_nothing_move(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/style-guide", reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_form_is_sent_once_however_often_one_clicks(app: Flask, open_page: OpenPage) -> None:
    sent: list[str] = []
    app.add_url_rule("/slow", "slow", public(lambda: render_slow_form(sent)), methods=["GET", "POST"])
    page = open_page(app, "/slow")
    page.evaluate("() => { const b = document.querySelector('main button'); b.click(); b.click(); }")
    page.wait_for_url("**/slow#done")
    assert sent == ["POST"]


def render_slow_form(submissions: list[str]) -> ResponseReturnValue:
    """A page with a form that notes how often it was sent."""
    if request.method == "GET":
        return render_template_string(FORM_TEMPLATE, form=BaseForm())
    submissions.append(request.method)
    return redirect("/slow#done")
