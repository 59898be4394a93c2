"""The catalogue of incident categories: access classes, faults of the file, and texts of files."""

from copy import deepcopy
from typing import Any

import pytest

from gridmap.catalogues import load_incident_categories
from gridmap.core.incidents.categories import InvalidCatalogueError, parse_catalogue, unknown_category
from gridmap.services.incidents.categories import get_main_category_name

TABLES: dict[str, Any] = {
    "main_categories": {"traffic": ["交通", "Traffic"], "special": ["特殊人群", "Special groups"]},
    "legal_bases": {"duty": "第十三条"},
    "categories": {
        "parking": {"main": "traffic", "names": ["停车", "Parking"], "class": "ordinary", "line": "order"},
        "visit": {"main": "special", "names": ["走访", "Visit"], "class": "sensitive", "purpose": "帮扶"},
        "theft": {
            "main": "special",
            "names": ["盗窃", "Theft"],
            "class": "personal",
            "purpose": "防范",
            "basis": "duty",
        },
    },
}
FAULTS: dict[str, tuple[str, dict[str, object], str]] = {
    "an unknown class": ("parking", {"class": "secret"}, "no access class secret"),
    "no class": ("parking", {"class": None}, "no access class None"),
    "an unknown main category": ("parking", {"main": "sky"}, "no main category sky"),
    "an unknown line": ("parking", {"line": "moon"}, "no line of work moon"),
    "an unknown legal basis": ("theft", {"basis": "habit"}, "no legal basis habit"),
    "a personal category without a legal basis": ("theft", {"basis": None}, "a legal basis is missing"),
    "a sensitive category without a purpose": ("visit", {"purpose": ""}, "a purpose is missing"),
    "one name only": ("visit", {"names": ["走访"]}, "a Chinese and an English name"),
    "a name of another category": ("visit", {"names": ["走访", "parking"]}, "parking has the name parking"),
    "an unknown field": ("visit", {"level": 3}, "a table with the fields"),
}


def tables_with(key: str, fields: dict[str, object]) -> dict[str, Any]:
    tables = deepcopy(TABLES)
    tables["categories"][key] |= fields
    return tables


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_file_is_named(fault: str) -> None:
    key, fields, message = FAULTS[fault]
    with pytest.raises(InvalidCatalogueError, match=f"^{key}: .*{message}"):
        parse_catalogue(tables_with(key, fields), ["order"])


def test_a_missing_table_is_named() -> None:
    with pytest.raises(InvalidCatalogueError, match="the table legal_bases is missing"):
        parse_catalogue({name: table for name, table in TABLES.items() if name != "legal_bases"}, ["order"])


def test_a_sensitive_category_is_reported_once_it_has_a_legal_basis() -> None:
    without = parse_catalogue(TABLES, ["order"]).categories["visit"]
    having = parse_catalogue(tables_with("visit", {"basis": "duty"}), ["order"]).categories["visit"]
    assert (without.reportable, having.reportable) == (False, True)


@pytest.mark.parametrize("key", ["mental_health", "community_correction", "released_person", "drug_recovery"])
def test_records_of_health_and_of_justice_are_off_in_the_catalogue(key: str) -> None:
    assert not load_incident_categories().categories[key].reportable


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("manhole_cover", "manhole_cover"),
        ("井盖破损或缺失", "manhole_cover"),
        ("traffic crash", "traffic_crash"),
        (" Traffic  CRASH ", "traffic_crash"),
        ("路灯不亮", "street_lamp"),
    ],
)
def test_a_text_of_a_file_is_recognised(text: str, key: str) -> None:
    category = load_incident_categories().find(text)
    assert category is not None
    assert (category.key, category.access_class) == (key, "ordinary")


def test_a_text_that_nobody_knows_is_personal() -> None:
    assert load_incident_categories().find("渔船") is None
    assert unknown_category("渔船").access_class == "personal"
    assert len(unknown_category("x" * 200).key) == 80


def test_all_three_classes_are_in_the_catalogue() -> None:
    assert {each.access_class for each in load_incident_categories().categories.values()} == {
        "ordinary",
        "personal",
        "sensitive",
    }


def test_main_categories_have_names_in_both_languages() -> None:
    assert [get_main_category_name("fire", language) for language in ("zh_CN", "en")] == ["消防安全", "Fire safety"]
    assert get_main_category_name("boats", "en") == "boats"
