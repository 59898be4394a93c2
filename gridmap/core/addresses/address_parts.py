"""Parts of an address: place, building, unit and door, in one spelling."""

import re
from dataclasses import dataclass
from functools import lru_cache

from gridmap.core.text_comparison import fold_text

CHINESE_DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
CHINESE_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十百]+(?=(?:号|栋|幢|座|楼|单元|门|梯|层|室|户|院|组|期|#))")
BUILDING_WORDS = r"(?:号楼|#楼|号栋|号幢|栋楼|幢楼|栋|幢|座|楼|#)"
PLAIN_LABEL = r"[A-Za-z甲乙丙丁戊东西南北]?\d+[A-Za-z甲乙丙丁]?"
LABEL = rf"(?:{PLAIN_LABEL}(?:-\d+)?|[A-Za-z甲乙丙丁戊])"
UNIT_WORDS = r"(?:单元|门洞|号门|门|梯)"
DOOR = r"(?:(?P<floor>\d{1,3})(?:层|楼))?(?P<number>[A-Za-z]?\d{1,5}[A-Za-z]?(?:-\d{1,3})?)?(?:室|房|户|号)?"
FULL_ADDRESS = re.compile(
    rf"(?P<place>.*?)(?:(?P<building>{LABEL}){BUILDING_WORDS})?-?(?:(?P<unit>{LABEL}){UNIT_WORDS})?-?{DOOR}"
)
DASHED_ADDRESS = re.compile(
    rf"(?P<place>.*?)(?P<building>{PLAIN_LABEL}){BUILDING_WORDS}?-(?:(?P<unit>\d{{1,2}}){UNIT_WORDS}?-)?(?P<number>\d{{2,5}})"
    r"(?:室|房|户|号)?"
)
MAX_REMEMBERED = 50_000
"""Texts whose result is remembered: a register repeats doors and buildings in every row."""
BUILDING_NAME = re.compile(rf"第?(?P<label>{LABEL})(?:{BUILDING_WORDS}|号)?")


@dataclass(frozen=True)
class DoorAddress:
    """Parts of an address; None where it does not say.

    Parameters
    ----------
    place : str
        What comes before the building: estate, or street and number; empty where there is nothing.
    building : str, optional
        Number or letter of the building, for example ``3`` or ``A``.
    unit : str, optional
        Number of the unit 单元.
    number : str, optional
        Number on the door.
    """

    place: str
    building: str | None = None
    unit: str | None = None
    number: str | None = None


@lru_cache(MAX_REMEMBERED)
def fold_address(text: str) -> str:
    """Return an address as it is compared: half width, no blanks, Chinese numerals before a measure word as digits.

    Examples
    --------
    >>> fold_address("东湖花园 十二号楼 三单元"), fold_address("Ａ座　５０１室"), fold_address("三里屯路二十号院")
    ('东湖花园12号楼3单元', 'A座501室', '三里屯路20号院')
    """
    plain = re.sub(r"\s+", "", fold_text(text)).replace("﹟", "#").replace("—", "-").replace("–", "-")
    return CHINESE_NUMERAL.sub(lambda match: str(parse_chinese_number(match[0])), plain).upper()


def parse_chinese_number(text: str) -> int:
    """Return the number of Chinese numerals below a thousand.

    Examples
    --------
    >>> [parse_chinese_number(text) for text in ("三", "十", "二十一", "一百零二", "一二")]
    [3, 10, 21, 102, 12]
    """
    if not set(text) & set("十百"):
        return int("".join(str(CHINESE_DIGITS[letter]) for letter in text))
    hundreds, _, rest = text.rpartition("百")
    tens, has_ten, ones = rest.rpartition("十")
    total = 100 * _digits(hundreds, 1 if "百" in text else 0) + 10 * _digits(tens, 1 if has_ten else 0)
    return total + _digits(ones, 0)


def _digits(text: str, default: int) -> int:
    plain = text.lstrip("零〇")
    return CHINESE_DIGITS[plain[-1]] if plain else default


def parse_address(text: str) -> DoorAddress:
    """Return the parts of an address.

    Examples
    --------
    >>> parse_address("东湖花园3号楼2单元501室")
    DoorAddress(place='东湖花园', building='3', unit='2', number='501')
    >>> parse_address("东湖花园3-2-501"), parse_address("幸福巷12号").place
    (DoorAddress(place='东湖花园', building='3', unit='2', number='501'), '幸福巷12号')
    """
    folded = fold_address(text)
    match = DASHED_ADDRESS.fullmatch(folded) or FULL_ADDRESS.fullmatch(folded)
    if match is None or (match["building"] is None and match["unit"] is None):
        return _place_and_door(folded)
    return DoorAddress(match["place"], match["building"], match["unit"], match["number"])


def _place_and_door(folded: str) -> DoorAddress:
    """Return a house number of a street with a door behind it; a house number alone is part of the place."""
    match = re.fullmatch(r"(?P<place>.*\d号(?:院)?)-?(?P<number>[A-Z]?\d{1,5}[A-Z]?)(?:室|房|户)?", folded)
    if match:
        return DoorAddress(match["place"], number=match["number"])
    match = re.fullmatch(r"(?P<place>.*?)(?P<number>\d{1,5})(?:室|房|户)", folded)
    return DoorAddress(match["place"], number=match["number"]) if match else DoorAddress(folded)


@lru_cache(MAX_REMEMBERED)
def building_label(name: str | None) -> str | None:
    """Return the number or letter in the name of a building, or its folded name; None for no name.

    Examples
    --------
    >>> [building_label(name) for name in ("3号楼", "三栋", "A座", "3", "第12幢", "综合楼", None)]
    ['3', '3', 'A', '3', '12', '综合楼', None]
    """
    if not name or not (folded := fold_address(name)):
        return None
    match = BUILDING_NAME.fullmatch(folded)
    return match["label"] if match else folded


@lru_cache(MAX_REMEMBERED)
def unit_label(name: str | None) -> str | None:
    """Return the number of a unit, without its word.

    Examples
    --------
    >>> [unit_label(name) for name in ("2单元", "二单元", "02", "东门", "")]
    ['2', '2', '2', '东门', None]
    """
    if not name or not (folded := fold_address(name)):
        return None
    match = re.fullmatch(rf"0*(?P<label>\d+|[A-Z])(?:{UNIT_WORDS})?", folded)
    return match["label"] if match else folded


@lru_cache(MAX_REMEMBERED)
def door_label(number: str | None) -> str | None:
    """Return the number on a door, without its word.

    Examples
    --------
    >>> [door_label(number) for number in ("501室", "0501", "５０１", "A12", None)]
    ['501', '0501', '501', 'A12', None]
    """
    if not number or not (folded := fold_address(number)):
        return None
    return re.sub(r"(?:室|房|户|号)$", "", folded) or None
