"""The catalogue of service groups: what is on without an office, and faults of the file."""

from copy import deepcopy
from typing import Any

import pytest

from gridmap.catalogues import load_service_groups
from gridmap.core.privacy.service_groups import InvalidGroupCatalogueError, has_grounds, parse_group_catalogue
from gridmap.core.vocabulary import AccessClass

TABLES: dict[str, Any] = {
    "legal_bases": {"law": "《老年人权益保障法》"},
    "groups": {
        "alone": {"names": ["独居老人", "Living alone"], "class": "personal", "purpose": "探访", "basis": "law"},
        "released": {"names": ["刑释人员", "Released"], "class": "sensitive", "purpose": "帮教"},
    },
}
FAULTS: dict[str, tuple[dict[str, object], str]] = {
    "an unknown field": ({"level": 1}, "a table with the fields"),
    "a class of things": ({"class": "ordinary"}, "no access class ordinary"),
    "an unknown legal basis": ({"basis": "habit"}, "no legal basis habit"),
    "no purpose": ({"purpose": " "}, "a purpose is missing"),
    "one name": ({"names": ["刑释人员"]}, "a Chinese and an English name"),
    "a name of another group": ({"names": ["刑释人员", "living alone"]}, "alone has the name living alone"),
}


def test_groups_without_sensitive_information_are_on_and_sensitive_ones_off() -> None:
    groups = load_service_groups().values()
    assert {group.in_use for group in groups if group.access_class is AccessClass.PERSONAL} == {True}
    assert {group.in_use for group in groups if group.is_sensitive} == {False}
    assert {group.legal_basis for group in groups if group.is_sensitive} == {None}


def test_a_sensitive_group_of_a_file_with_a_legal_basis_is_on() -> None:
    tables = deepcopy(TABLES)
    tables["groups"]["released"]["basis"] = "law"
    assert parse_group_catalogue(tables)["released"].in_use


@pytest.mark.parametrize(("change", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_file_names_the_group(change: dict[str, object], message: str) -> None:
    tables = deepcopy(TABLES)
    tables["groups"]["released"] |= change
    with pytest.raises(InvalidGroupCatalogueError, match=f"released: .*{message}"):
        parse_group_catalogue(tables)


@pytest.mark.parametrize(
    ("basis", "is_enough"), [(None, False), ("法条 ", False), ("三个字", False), ("四个字了", True)]
)
def test_a_legal_basis_has_four_letters(basis: str | None, *, is_enough: bool) -> None:
    assert has_grounds(AccessClass.SENSITIVE, "帮教", basis) is is_enough
    assert has_grounds(AccessClass.SENSITIVE, " ", basis) is False
