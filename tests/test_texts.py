"""Sentences come out in the reader's language."""

import pytest

from gridmap.core.errors import Message
from gridmap.texts import translate

IN_RANGE = Message("in range")
WRAPPED = Message("state: {state}", {"state": IN_RANGE})


@pytest.mark.parametrize("tag", ["zh_CN", "zh-CN", "zh", "zh_CN.UTF-8", "ZH-cn"])
def test_every_spelling_of_chinese_gives_chinese(tag: str) -> None:
    assert translate(IN_RANGE, tag) == "达标"


@pytest.mark.parametrize("tag", ["en", "en_US", "en-GB.UTF-8", "fr", "C", ""])
def test_every_other_language_reads_english(tag: str) -> None:
    assert translate(IN_RANGE, tag) == "in range"


def test_a_plain_template_is_translated() -> None:
    assert translate("in range", "zh_CN") == "达标"


def test_a_message_within_a_message_is_translated() -> None:
    assert translate(WRAPPED, "zh_CN").endswith("达标")


def test_what_has_no_translation_is_said_in_english() -> None:
    assert translate(Message("nobody translated {this}", {"this": 3}), "zh_CN") == "nobody translated 3"


def test_braces_in_a_value_are_left_alone() -> None:
    assert translate(Message("name {name}", {"name": "{0}{name}"}), "zh_CN") == "name {0}{name}"
