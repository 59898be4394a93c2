"""Code tables: names of kinds on pages."""

import pytest

from gridmap.demo.facilities import RESIDENT_UNIT_USES
from gridmap.services.grids.code_tables import CodeTable, get_name, list_names
from gridmap.texts import LANGUAGES

CODE_TABLES: tuple[CodeTable, ...] = ("lines", "organisations", "facilities", "channels", "uses")


@pytest.mark.parametrize("use", ["residential", "shop", *RESIDENT_UNIT_USES])
def test_uses_of_the_demo_have_chinese_names(use: str) -> None:
    assert not get_name("uses", use, "zh_CN").isascii()


@pytest.mark.parametrize("table", CODE_TABLES)
def test_every_kind_has_a_name_in_every_language(table: CodeTable) -> None:
    assert all(all(list_names(table, language).values()) for language in LANGUAGES)


def test_an_unknown_use_is_shown_unchanged() -> None:
    assert get_name("uses", "4-8-UNIT-APT", "zh_CN") == "4-8-UNIT-APT"
