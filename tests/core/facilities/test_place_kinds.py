"""The catalogue of kinds of places, and the faults that it refuses."""

import re

import pytest

from gridmap.catalogues import load_place_kinds
from gridmap.core.facilities.place_kinds import InvalidPlaceCatalogueError, PlaceTable, TomlTable, parse_place_catalogue

STANDARD_KINDS = [
    "群团组织", "驻区单位", "志愿者组织",
    "社区", "卫生服务站", "警务室",
    "路灯", "绿化", "窨井盖", "垃圾箱",
]  # fmt: skip
LAMP = {"names": ["路灯", "Lamp"], "group": "other", "table": "facilities", "line": "M8 2v12"}
SHOP = {"names": ["商户", "Shop"], "group": "other", "table": "shops", "line": "M8 2v12"}
OTHER = {"names": ["其他", "Other"], "badge": "diamond"}


def tables(**kinds: object) -> TomlTable:
    return {"groups": {"other": OTHER}, "kinds": {"shop": SHOP, **kinds}}


def test_the_kinds_of_the_responsibility_map_are_there_with_symbols_of_their_own() -> None:
    standard = list(load_place_kinds().standard_kinds())
    assert [kind.names[0] for kind in standard] == STANDARD_KINDS
    assert len({(kind.line, kind.solid) for kind in standard}) == 10


def test_no_two_kinds_have_the_same_symbol() -> None:
    kinds = load_place_kinds().kinds.values()
    assert len({(kind.line, kind.solid) for kind in kinds}) == len(kinds) > 30


def test_symbols_stay_within_their_square() -> None:
    starts = [
        float(number)
        for kind in load_place_kinds().kinds.values()
        for pair in re.findall(r"M([\d.]+)[ ,]([\d.]+)", kind.line + kind.solid)
        for number in pair
    ]
    assert (min(starts) >= 0, max(starts) <= 16) == (True, True)


@pytest.mark.parametrize("text", ["street_lamp", "Street lamp", " 路灯 ", "STREET_LAMP"])
def test_a_kind_is_found_by_key_and_name(text: str) -> None:
    assert load_place_kinds().find(text, PlaceTable.FACILITIES).key == "street_lamp"


@pytest.mark.parametrize("text", ["渔船码头", "", None])
def test_an_unknown_kind_is_in_the_last_group_under_its_own_name(text: str | None) -> None:
    kind = load_place_kinds().find(text, PlaceTable.FACILITIES)
    assert (kind.group.key, kind.names, kind.symbol) == ("other", (text or "", text or ""), "other")


def test_every_shop_is_of_one_kind() -> None:
    assert load_place_kinds().find("路灯", PlaceTable.SHOPS).key == "shop"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({**LAMP, "group": "nowhere"}, "no group nowhere"),
        ({**LAMP, "table": "people"}, "no table people"),
        ({**LAMP, "names": ["路灯"]}, "a Chinese and an English name"),
        ({**LAMP, "line": ""}, "a symbol is missing"),
        ({**LAMP, "line": 'M0 0"/><script>'}, "is no path"),
        ({**LAMP, "colour": "red"}, "a table with the fields"),
        ({**LAMP, "names": ["商户", "Lamp"]}, "shop has the name 商户"),
        ("M8 2v12", "a table with the fields"),
    ],
)
def test_a_faulty_kind_is_refused(fields: object, fault: str) -> None:
    with pytest.raises(InvalidPlaceCatalogueError, match=f"lamp: .*{fault}"):
        parse_place_catalogue(tables(lamp=fields))


@pytest.mark.parametrize(
    ("group", "fault"), [({**OTHER, "badge": "star"}, "no badge star"), ({**OTHER, "min_zoom": 21}, "from 0 to 20")]
)
def test_a_faulty_group_is_refused(group: object, fault: str) -> None:
    with pytest.raises(InvalidPlaceCatalogueError, match=f"other: .*{fault}"):
        parse_place_catalogue({"groups": {"other": group}, "kinds": {"shop": SHOP}})


@pytest.mark.parametrize("key", ["Lamp", "1amp", "lamp post", 'l"p'])
def test_a_key_that_is_no_word_is_refused(key: str) -> None:
    with pytest.raises(InvalidPlaceCatalogueError, match="small letters"):
        parse_place_catalogue(tables(**{key: LAMP}))


def test_the_last_group_and_the_kind_of_shops_are_required() -> None:
    with pytest.raises(InvalidPlaceCatalogueError, match="the group other"):
        parse_place_catalogue({"groups": {"streets": OTHER}, "kinds": {}})
    with pytest.raises(InvalidPlaceCatalogueError, match="the kind shop"):
        parse_place_catalogue({"groups": {"other": OTHER}, "kinds": {"lamp": LAMP}})
    with pytest.raises(InvalidPlaceCatalogueError, match="the table groups"):
        parse_place_catalogue({})
