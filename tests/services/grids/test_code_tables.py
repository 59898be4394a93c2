"""What kinds are called on pages."""

import pytest

from gridmap.demo.facilities import RESIDENT_UNIT_USES
from gridmap.services.grids.code_tables import CodeTable, get_name, list_names
from gridmap.texts import LANGUAGES

CHAPTERS: tuple[CodeTable, ...] = ("lines", "organisations", "facilities", "channels", "uses")


@pytest.mark.parametrize("use", ["residential", "shop", *RESIDENT_UNIT_USES])
def test_uses_of_the_demo_are_said_in_chinese(use: str) -> None:
    assert not get_name("uses", use, "zh_CN").isascii()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_kind_has_a_name_in_every_language(chapter: CodeTable) -> None:
    assert all(all(list_names(chapter, language).values()) for language in LANGUAGES)


def test_a_use_that_an_office_writes_otherwise_is_shown_as_it_is() -> None:
    assert get_name("uses", "4-8-UNIT-APT", "zh_CN") == "4-8-UNIT-APT"
