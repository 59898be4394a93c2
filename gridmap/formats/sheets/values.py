"""Values of the cells of a sheet, column by column; every wrong cell is reported."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from gridmap import config
from gridmap.core.errors import N_, Message
from gridmap.core.privacy.id_numbers import have_check_digits, id_number_problem, normalise_id_number, normalise_phone
from gridmap.core.text_comparison import fold_text
from gridmap.formats.package.values.numbers import parse_number
from gridmap.formats.package.values.texts import MAX_EXACT_FLOAT, became_dates, is_rounded_number, value_texts
from gridmap.formats.package.values.times import parse_time
from gridmap.formats.row_faults import is_missing
from gridmap.formats.sheets.fields import FieldType, SheetField

EMPTY = N_("{field} is empty: fill it in")
TOO_LONG = N_("{field} has more than {maximum} letters: shorten it")
DIGITS_LOST = N_(
    "{field} was stored as a number, so its last digits are lost: format the column as text, and fill it in again"
)
IS_DATE = N_("{field} has become a date: format the column as text, and fill it in again")
NOT_A_NUMBER = N_("{field} is not a number from {minimum} to {maximum}")
NOT_WHOLE = N_("{field} is not a whole number from 0 to {maximum}")
UNKNOWN_WORD = N_("{field} is none of: {allowed}")
NOT_A_DATE = N_("{field} is no date such as 2026-03-01")
NOT_A_TIME = N_("{field} is no time such as 2026-03-01 08:30")
NOT_A_YEAR = N_("{field} is no year or date of birth, such as 1949")
BORN_LATER = N_("{field} is in the future")
INVALID_ID_NUMBER = N_("{field} is wrong: {problem}")
INVALID_PHONE = N_("{field} is no phone number: it has 7 to 12 digits")
FIRST_YEAR = 1880
PHONE_DIGITS = range(7, 13)
FLAGS = {
    **dict.fromkeys(("true", "t", "1", "是", "有", "y", "yes", "√"), True),
    **dict.fromkeys(("false", "f", "0", "否", "无", "n", "no", "×"), False),
}


class RowProblem(NamedTuple):
    """Fault or warning of a row.

    Parameters
    ----------
    row : int
        Position of the row, counted from 0.
    message : Message
    field : str, optional
    is_warning : bool
        Whether the row can be imported in spite of it.
    """

    row: int
    message: Message
    field: str | None = None
    is_warning: bool = False


class FieldValues(NamedTuple):
    """Values of a field, None where empty or wrong, and the problems of its cells."""

    values: list[object]
    problems: list[RowProblem]


def read_values(field: SheetField, raw: "pd.Series", today: date) -> FieldValues:
    """Read the values of a column.

    Parameters
    ----------
    field : SheetField
    raw : Series
        Values of the cells.
    today : date
        Nobody is born after it.

    Examples
    --------
    >>> field = SheetField("households", "户数", field_type=FieldType.COUNT, maximum=100)
    >>> result = read_values(field, pd.Series(["32", "约32", None], dtype=object), date(2026, 3, 1))
    >>> result.values, [(each.row, str(each.message)) for each in result.problems]
    ([32, None, None], [(1, '户数 is not a whole number from 0 to 100')])
    """
    cells = list(raw.astype(object))
    result = READERS[field.field_type](field, cells, today)
    missing = [RowProblem(row, _message(field, EMPTY), field.name) for row in _empty_rows(field, cells)]
    if field.default is not None:
        values = [
            field.default if is_missing(cell) else value for cell, value in zip(cells, result.values, strict=True)
        ]
        return FieldValues(values, [*missing, *result.problems])
    return FieldValues(result.values, [*missing, *result.problems])


def _empty_rows(field: SheetField, cells: Sequence[object]) -> Iterator[int]:
    if field.required:
        yield from (row for row, cell in enumerate(cells) if is_missing(cell) or str(cell).strip() == "")


def _message(field: SheetField, template: str, **values: object) -> Message:
    limits = {"minimum": f"{field.minimum:.12g}", "maximum": f"{field.maximum:.12g}"}
    return Message(template, {"field": field.title, **limits, **values})


def _texts(field: SheetField, cells: Sequence[object], problems: list[RowProblem]) -> list[str | None]:
    """Return the cells as texts; those that are too long, or of which Excel has lost digits, are wrong."""
    texts: list[str | None] = value_texts(pd.Series(cells, dtype=object))
    longest = field.max_letters
    rare = [
        row
        for row, (text, cell) in enumerate(zip(texts, cells, strict=True))
        if text is not None and (len(text) > longest or type(cell) is not str or "E" in text or "e" in text)
    ]
    for row in rare:
        text, cell = texts[row], cells[row]
        is_inexact = isinstance(cell, (int, float)) and abs(cell) >= MAX_EXACT_FLOAT
        if text is not None and (is_inexact or is_rounded_number(text)):
            problems.append(RowProblem(row, _message(field, DIGITS_LOST), field.name))
            texts[row] = None
        elif text is not None and len(text) > longest:
            problems.append(RowProblem(row, _message(field, TOO_LONG, maximum=longest), field.name))
            texts[row] = None
    return texts


def _read_text(field: SheetField, cells: Sequence[object], _today: date) -> FieldValues:
    problems: list[RowProblem] = []
    return FieldValues(list(_texts(field, cells, problems)), problems)


def _read_code(field: SheetField, cells: Sequence[object], _today: date) -> FieldValues:
    problems: list[RowProblem] = []
    texts = _texts(field, cells, problems)
    for row, is_date in enumerate(became_dates(texts)):
        if is_date:
            problems.append(RowProblem(row, _message(field, IS_DATE), field.name))
            texts[row] = None
    return FieldValues(list(texts), problems)


def _each_text(field: SheetField, cells: Sequence[object], read: Callable[[str], object | Message]) -> FieldValues:
    """Read each text by a function that returns the value, or what is wrong with it."""
    problems: list[RowProblem] = []
    values: list[object] = []
    for row, text in enumerate(_texts(field, cells, problems)):
        value = None if text is None else read(text)
        if isinstance(value, Message):
            problems.append(RowProblem(row, value, field.name))
            value = None
        values.append(value)
    return FieldValues(values, problems)


def _read_id_number(field: SheetField, cells: Sequence[object], today: date) -> FieldValues:
    last_day = today.strftime("%Y%m%d")
    problems: list[RowProblem] = []
    numbers = [None if text is None else normalise_id_number(text) for text in _texts(field, cells, problems)]
    found = have_check_digits([number or "" for number in numbers])
    values: list[object] = []
    for row, (number, has_check_digit) in enumerate(zip(numbers, found.tolist(), strict=True)):
        problem = None
        if number is not None:
            problem = _find_id_number_problem(field, number, last_day, has_check_digit=has_check_digit)
        if problem:
            problems.append(RowProblem(row, problem, field.name))
        values.append(None if problem else number)
    return FieldValues(values, problems)


def _find_id_number_problem(field: SheetField, number: str, last_day: str, *, has_check_digit: bool) -> Message | None:
    if problem := id_number_problem(number, has_check_digit=has_check_digit):
        return _message(field, INVALID_ID_NUMBER, problem=problem)
    return None if number[6:14] <= last_day else _message(field, BORN_LATER)


def _read_phone(field: SheetField, cells: Sequence[object], _today: date) -> FieldValues:
    def read(text: str) -> object | Message:
        is_phone = len(normalise_phone(text)) in PHONE_DIGITS
        return fold_text(text) if is_phone else _message(field, INVALID_PHONE)

    return _each_text(field, cells, read)


def _read_number(field: SheetField, cells: Sequence[object], _today: date) -> FieldValues:
    return _numbers(field, cells, NOT_A_NUMBER, float)


def _read_count(field: SheetField, cells: Sequence[object], _today: date) -> FieldValues:
    return _numbers(field, cells, NOT_WHOLE, int)


def _numbers(
    field: SheetField, cells: Sequence[object], template: str, convert: Callable[[float], object]
) -> FieldValues:
    problems: list[RowProblem] = []
    values: list[object] = []
    for row, cell in enumerate(cells):
        number = None if is_missing(cell) or cell == "" else parse_number(cell, ("户", "层", "㎡", "平方米", "m2"))
        is_right = number is None or (
            field.minimum <= number <= field.maximum and (convert is float or number == int(number))
        )
        if not is_right:
            problems.append(RowProblem(row, _message(field, template), field.name))
        values.append(None if number is None or not is_right else convert(number))
    return FieldValues(values, problems)


def _read_year(field: SheetField, cells: Sequence[object], today: date) -> FieldValues:
    def read(text: str) -> object | Message:
        time = None if len(text) == 4 or text.endswith("年") else parse_time(text)
        digits = text.removesuffix("年")
        if time is None and not digits.isdecimal():
            return _message(field, NOT_A_YEAR)
        year = time.year if time else int(digits)
        if year > today.year:
            return _message(field, BORN_LATER) if year < FIRST_YEAR + 400 else _message(field, NOT_A_YEAR)
        return year if year >= FIRST_YEAR else _message(field, NOT_A_YEAR)

    return _each_text(field, cells, read)


def _read_date(field: SheetField, cells: Sequence[object], _today: date) -> FieldValues:
    def read(text: str) -> object | Message:
        time = parse_time(text)
        return time.date() if time else _message(field, NOT_A_DATE)

    return _each_text(field, cells, read)


def _read_time(field: SheetField, cells: Sequence[object], _today: date) -> FieldValues:
    """Read times in the time zone of the office, without the zone."""
    zone = ZoneInfo(config.office_time_zone())

    def read(text: str) -> object | Message:
        time = parse_time(text)
        if time is None:
            return _message(field, NOT_A_TIME)
        return time.astimezone(zone).replace(tzinfo=None) if time.tzinfo else time

    return _each_text(field, cells, read)


def _read_kind(field: SheetField, cells: Sequence[object], _today: date) -> FieldValues:
    known = {fold_text(spelling).casefold(): word for spelling, word in field.kinds.items()}

    def read(text: str) -> object | Message:
        word = known.get(fold_text(text).casefold())
        return word or _message(field, UNKNOWN_WORD, allowed="、".join(field.choices))

    return _each_text(field, cells, read)


def _read_flag(field: SheetField, cells: Sequence[object], _today: date) -> FieldValues:
    def read(text: str) -> object | Message:
        flag = FLAGS.get(fold_text(text).casefold())
        return _message(field, UNKNOWN_WORD, allowed="是、否") if flag is None else flag

    return _each_text(field, cells, read)


READERS: Mapping[FieldType, Callable[[SheetField, Sequence[object], date], FieldValues]] = {
    FieldType.TEXT: _read_text,
    FieldType.CODE: _read_code,
    FieldType.ID_NUMBER: _read_id_number,
    FieldType.PHONE: _read_phone,
    FieldType.COUNT: _read_count,
    FieldType.NUMBER: _read_number,
    FieldType.YEAR: _read_year,
    FieldType.DATE: _read_date,
    FieldType.TIME: _read_time,
    FieldType.KIND: _read_kind,
    FieldType.FLAG: _read_flag,
}
