"""Rules that all templates follow."""

import re

import pytest

from gridmap import config

TEMPLATES = config.resource_dir("templates")
TEMPLATE_FILES = sorted(path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.html") if path.name != "map.html")
MARKUP = re.compile(r"\{% block main_class %\}.*?\{% endblock %\}|&\w+;|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
SPOKEN_ATTRIBUTES = re.compile(r'\b(?:aria-label|title|alt|placeholder)="([^"]*)"')
UNTRANSLATED = re.compile(r"#about|#grid-|PH-0\d|2026-\d\d-\d\d|gridmap|\bha\b|©")
each_template = pytest.mark.parametrize(
    "text", [(TEMPLATES / path).read_text("utf-8") for path in TEMPLATE_FILES], ids=map(str, TEMPLATE_FILES)
)


@each_template
def test_all_text_of_a_page_is_translated(text: str) -> None:
    markup = UNTRANSLATED.sub("", MARKUP.sub("", text))
    visible_text = re.sub(r"<[^>]*>", "", markup)
    assert re.findall(r"[^\W\d_]{2,}", visible_text) == []
    assert [label for label in SPOKEN_ATTRIBUTES.findall(markup) if re.search(r"[^\W\d_]", label)] == []


@each_template
def test_no_template_has_inline_styles_or_scripts(text: str) -> None:
    assert re.findall(r"\sstyle=|\son[a-z]+=|<style|javascript:", text) == []


@each_template
def test_no_template_disables_escaping(text: str) -> None:
    assert re.findall(r"\|\s*safe\b|autoescape", text) == []


@each_template
def test_pages_with_forms_that_are_sent_once_load_the_script(text: str) -> None:
    """Macros are left out: the page that uses them loads the script."""
    if "data-submit-once" in text and "{% extends" in text:
        assert re.search(r"js/lib/submit_once\.js|\b(?:homes_head|imports_head|cases_head|submit_once)\(\)", text)
