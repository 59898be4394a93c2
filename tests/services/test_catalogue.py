"""What kinds are called on pages."""

import pytest

from gridmap.core.demo.fittings import UNITS
from gridmap.services.catalogue import Chapter, name, names
from gridmap.texts import LANGUAGES

CHAPTERS: tuple[Chapter, ...] = ("lines", "organisations", "facilities", "channels", "uses")


@pytest.mark.parametrize("use", ["residential", "shop", *UNITS])
def test_uses_of_the_demo_are_said_in_chinese(use: str) -> None:
    assert not name("uses", use, "zh_CN").isascii()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_kind_has_a_name_in_every_language(chapter: Chapter) -> None:
    assert all(all(names(chapter, language).values()) for language in LANGUAGES)


def test_a_use_that_an_office_writes_otherwise_is_shown_as_it_is() -> None:
    assert name("uses", "4-8-UNIT-APT", "zh_CN") == "4-8-UNIT-APT"
