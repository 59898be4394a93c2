"""Translation of messages into the language of the reader."""

import pytest

from gridmap.core.errors import Message
from gridmap.texts import translate

IN_RANGE = Message("in range")
NESTED = Message("status: {status}", {"status": IN_RANGE})


@pytest.mark.parametrize("tag", ["zh_CN", "zh-CN", "zh", "zh_CN.UTF-8", "ZH-cn"])
def test_every_spelling_of_chinese_gives_chinese(tag: str) -> None:
    assert translate(IN_RANGE, tag) == "达标"


@pytest.mark.parametrize("tag", ["en", "en_US", "en-GB.UTF-8", "fr", "C", ""])
def test_every_other_language_gives_english(tag: str) -> None:
    assert translate(IN_RANGE, tag) == "in range"


def test_a_plain_template_is_translated() -> None:
    assert translate("in range", "zh_CN") == "达标"


def test_a_message_within_a_message_is_translated() -> None:
    assert translate(NESTED, "zh_CN").endswith("达标")


def test_a_message_without_translation_is_english() -> None:
    assert translate(Message("not translated: {number}", {"number": 3}), "zh_CN") == "not translated: 3"


def test_braces_in_a_value_are_not_replaced() -> None:
    assert translate(Message("name {name}", {"name": "{0}{name}"}), "zh_CN") == "name {0}{name}"
