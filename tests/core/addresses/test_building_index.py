"""Addresses to buildings: linked only if exact and unique, else candidates with reasons."""

import pytest

from gridmap.core.addresses.address_parts import DoorAddress, parse_address
from gridmap.core.addresses.building_index import BuildingIndex, KnownBuilding, PlaceWords

INDEX = BuildingIndex(
    [
        KnownBuilding(1, "000001", "1号楼", "东湖路8号", "东湖花园"),
        KnownBuilding(2, "000002", "2号楼", "东湖路10号", "东湖花园"),
        KnownBuilding(3, "000003", "1号楼", None, "西苑"),
        KnownBuilding(4, "000004", None, "幸福巷12号"),
        KnownBuilding(5, "000005", "A座", "解放路66号A座", None),
        KnownBuilding(6, "000006", "7幢", None, "南山小区", "7号院"),
        KnownBuilding(7, "000007", "7幢", None, "南山小区", "8号院"),
    ]
)


def found(**words: str) -> str | None:
    building = INDEX.find(PlaceWords(**words)).building
    return building.code if building else None


@pytest.mark.parametrize(
    ("text", "door"),
    [
        ("东湖花园3号楼2单元501", DoorAddress("东湖花园", "3", "2", "501")),
        ("东湖花园３栋２单元５０１室", DoorAddress("东湖花园", "3", "2", "501")),
        ("东湖花园三幢二单元501室", DoorAddress("东湖花园", "3", "2", "501")),
        ("东湖花园3#楼501", DoorAddress("东湖花园", "3", None, "501")),
        ("东湖花园3-2-501", DoorAddress("东湖花园", "3", "2", "501")),
        ("东湖花园A座1203室", DoorAddress("东湖花园", "A", None, "1203")),
        ("解放路12号3栋2单元501", DoorAddress("解放路12号", "3", "2", "501")),
        ("幸福巷12号", DoorAddress("幸福巷12号")),
        ("幸福巷12号101室", DoorAddress("幸福巷12号", None, None, "101")),
        ("二十一号楼", DoorAddress("", "21")),
        ("三里屯", DoorAddress("三里屯")),
    ],
)
def test_parts_of_an_address(text: str, door: DoorAddress) -> None:
    assert parse_address(text) == door


def test_a_code_decides() -> None:
    assert found(code="000002", estate="西苑", building="1号楼") == "000002"


@pytest.mark.parametrize("building", ["1号楼", "1", "一栋", "１幢", "1#"])
def test_estate_and_number_in_any_spelling(building: str) -> None:
    assert found(estate="东湖花园 ", building=building) == "000001"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("东湖花园2号楼3单元201", "000002"),
        ("武昌区东湖花园2号楼3单元201", "000002"),
        ("幸福巷12号", "000004"),
        ("幸福巷12号302室", "000004"),
        ("解放路66号A座1001", "000005"),
    ],
)
def test_one_address_in_full(address: str, code: str) -> None:
    assert found(address=address) == code


def test_a_number_of_two_estates_is_not_linked() -> None:
    match = INDEX.find(PlaceWords(building="1号楼"))
    assert match.building is None
    assert [(each.building.code, each.reason) for each in match.candidates] == [
        ("000001", "several"),
        ("000003", "several"),
    ]


def test_two_buildings_of_one_name_and_estate_are_not_linked() -> None:
    assert found(estate="南山小区", building="7幢") is None


def test_the_nearest_number_of_the_estate_is_proposed_first() -> None:
    match = INDEX.find(PlaceWords(estate="东湖花园", building="3号楼"))
    assert match.building is None
    assert (match.candidates[0].building.code, match.candidates[0].reason) == ("000002", "same_estate")


def test_a_misspelt_street_is_proposed_and_not_linked() -> None:
    match = INDEX.find(PlaceWords(address="辛福巷12号"))
    assert match.building is None
    assert (match.candidates[0].building.code, match.candidates[0].reason) == ("000004", "similar_address")


def test_an_unknown_code_is_not_replaced_by_another_building() -> None:
    assert found(code="999999", estate="东湖花园", building="1号楼") is None


def test_nothing_finds_nothing() -> None:
    match = INDEX.find(PlaceWords())
    assert (match.building, list(match.candidates)) == (None, [])
