"""Strict reading of one column; every wrong value is reported."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.core.codes import EXPECTED_CODE, normalise_code
from gridmap.core.errors import N_, InputFault, Message
from gridmap.core.text_comparison import first_spellings, fold_text
from gridmap.formats.package.layer_schemas import ColumnSchema, ColumnType
from gridmap.formats.package.values.numbers import parse_numbers
from gridmap.formats.package.values.texts import became_dates, has_value, lost_digits, value_texts
from gridmap.formats.package.values.times import find_number_kinds, parse_time
from gridmap.formats.readers.column_choice import ColumnChoice
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, format_value, make_fault, make_row_faults

MISSING_COLUMN = FaultTemplate(N_("there is no column {column}"), N_("a column {column}; found: {found}"))
NAME_THE_COLUMN = N_("{advice}; or name the column that holds it, with --column {column}=HEADER")
EMPTY_COLUMN = FaultTemplate(N_("the column {column} is empty in every row"), N_("a value in every row"))
EMPTY_VALUE = FaultTemplate(N_("{column} is empty"), N_("a value in every row"), N_("fill it in, or delete the row"))
NESTED_VALUE = FaultTemplate(
    N_("{column} is a list of values"), N_("one value in every row"), N_("write one of them, or a column for each")
)
TEXT_TOO_LONG = FaultTemplate(N_("{column} is too long"), N_("at most {maximum} characters"), N_("shorten it"))
DUPLICATE_VALUE = FaultTemplate(
    N_("the {column} is already used in row {first}"),
    N_("every {column} only once"),
    N_("give each row its own {column}"),
)
EXPECTED_NUMBER = N_("a number from 0 to {maximum}")
EXPECTED_INTEGER = N_("a whole number from 0 to {maximum}")
NOT_A_NUMBER = FaultTemplate(N_("{column} is not a number"))
INFINITE_VALUE = FaultTemplate(N_("{column} is infinite"))
NEGATIVE = FaultTemplate(N_("{column} is negative"), advice=N_("write 0 if there are none"))
NOT_AN_INTEGER = FaultTemplate(N_("{column} is not a whole number"), EXPECTED_INTEGER)
NUMBER_TOO_LARGE = FaultTemplate(
    N_("{column} is too large for one row"), advice=N_("check for a typing error, or split the row")
)
NOT_A_TIME = FaultTemplate(
    N_("{column} is not a date and time"), N_("a date and time such as 2026-03-01 14:30, in the years 1800 to 3000")
)
LOST_DIGITS = FaultTemplate(
    N_("{column} is a rounded number: its last digits are lost"),
    N_("all digits, as text"),
    N_("format the column as text in the program that the file comes from, and fill it in again"),
)
BECAME_DATE = FaultTemplate(
    N_("{column} has become a date"),
    N_("a number or code, as text"),
    N_("Excel makes dates of texts such as 3-1: format the column as text, and fill it in again"),
)
NOT_A_CODE = FaultTemplate(
    N_("{column} cannot be a code"), EXPECTED_CODE, N_("pages have addresses with the code in them: use another one")
)
ONE_NAME = FaultTemplate(N_("spellings of {column} read as one name: {spellings}"))
NUMBERS_AS_TIMES = FaultTemplate(N_("{count} numbers of {column} read as {kind}"))
UNKNOWN_KIND = FaultTemplate(N_("{column} is unknown"), N_("one of: {allowed}"))

BOOLEAN_SPELLINGS = {
    "true": True,
    "t": True,
    "1": True,
    "是": True,
    "false": False,
    "f": False,
    "0": False,
    "否": False,
}


class ColumnResult(NamedTuple):
    """Values of a column, its faults, and notes on how its values were read."""

    values: pd.Series
    faults: list[InputFault]
    notes: Sequence[InputFault] = ()


def read_column(location: FaultLocation, frame: pd.DataFrame, column: ColumnSchema) -> ColumnResult:
    """Read a column of a layer.

    Parameters
    ----------
    location : FaultLocation
        The layer, for faults.
    frame : DataFrame
        Rows of the layer, with the `ColumnChoice` in ``attrs["choice"]``; the column may be missing.
    column : ColumnSchema
        Expected name, type and values.

    Returns
    -------
    ColumnResult
        Str or None for text, identifiers, groups and kinds; float for counts, numbers and sizes, NaN where unknown or
        wrong; bool for flags, False where unknown; datetime or None for times, with a zone where the file names one.
    """
    if column.name not in frame:
        return ColumnResult(_default_values(column, len(frame)), _missing_column_faults(location, frame, column))
    raw = frame[column.name]
    if column.required and len(raw) and not has_value(raw).any():
        return ColumnResult(
            _default_values(column, len(frame)),
            [_column_fault(location, replace(EMPTY_COLUMN, advice=column.advice), column)],
        )
    return READERS[column.value_type](location, raw, column)


def _missing_column_faults(location: FaultLocation, frame: pd.DataFrame, column: ColumnSchema) -> list[InputFault]:
    """Return the fault of the choice of the column, or that of a required one that nothing is like."""
    choice: ColumnChoice = frame.attrs.get("choice", ColumnChoice())
    if column.name in choice.faults:
        return [choice.faults[column.name]]
    if not column.required:
        return []
    found = ", ".join(map(format_value, choice.found)) or "–"
    template = replace(MISSING_COLUMN, advice=NAME_THE_COLUMN)
    return [_column_fault(location, template, column, found=found, advice=Message(column.advice))]


def _column_fault(
    location: FaultLocation, template: FaultTemplate, column: ColumnSchema, **placeholders: object
) -> InputFault:
    named = {"column": column.name, **placeholders}
    return make_fault(location, template, column=column.name, placeholders=named)


def _default_values(column: ColumnSchema, length: int) -> pd.Series:
    if column.value_type in (ColumnType.COUNT, ColumnType.NUMBER, ColumnType.SIZE):
        return pd.Series(np.full(length, np.nan))
    if column.value_type is ColumnType.FLAG:
        return pd.Series(np.zeros(length, dtype=np.bool_))
    return pd.Series([column.default] * length, dtype=object)


def _invalid_value_faults(
    location: FaultLocation,
    template: FaultTemplate,
    mask: NDArray[np.bool_],
    raw: pd.Series,
    column: ColumnSchema,
    **placeholders: object,
) -> list[InputFault]:
    values = list(raw.astype(object)) if np.any(mask) else []
    named = {"column": column.name, "maximum": f"{column.maximum:g}", **placeholders}
    return make_row_faults(location, template, mask, column=column.name, values=values, placeholders=named)


def _read_text(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    listed = value_texts(raw)
    texts = pd.Series(listed, dtype=object)
    too_long = np.array([text is not None and len(text) > column.max_letters for text in listed], dtype=bool)
    nested = _find_nested(raw)
    faults = _invalid_value_faults(location, EMPTY_VALUE, texts.isna().to_numpy() & column.required, raw, column)
    faults += _invalid_value_faults(location, NESTED_VALUE, nested, raw, column)
    faults += _invalid_value_faults(location, TEXT_TOO_LONG, too_long, raw, column, maximum=column.max_letters)
    faults += _invalid_value_faults(location, LOST_DIGITS, lost_digits(listed), raw, column)
    if column.is_code:
        codes = texts.map(normalise_code, na_action="ignore").astype(object)
        faults += _invalid_value_faults(location, NOT_A_CODE, (texts.notna() & codes.isna()).to_numpy(), raw, column)
        texts = codes.where(codes.notna(), None)
    return ColumnResult(texts, faults)


def _find_nested(raw: pd.Series) -> NDArray[np.bool_]:
    """Return which values are lists or other values of several parts."""
    if all(pd.api.types.is_scalar(value) for value in {type(value): value for value in raw.array}.values()):
        return np.zeros(len(raw), dtype=bool)
    return np.array([not pd.api.types.is_scalar(value) for value in raw.astype(object)], dtype=bool)


def _read_identifier(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    texts, faults, _ = _read_text(location, raw, column)
    faults += _invalid_value_faults(location, BECAME_DATE, became_dates(texts.tolist()), raw, column)
    if column.may_repeat:
        return ColumnResult(texts, faults)
    folded = texts.map(fold_text, na_action="ignore")
    first = pd.Series(np.arange(1, len(texts) + 1)).groupby(folded).transform("min")
    faults += make_row_faults(
        location,
        DUPLICATE_VALUE,
        (folded.duplicated() & texts.notna()).to_numpy(),
        column=column.name,
        values=list(texts),
        placeholders=lambda row: {"column": column.name, "first": int(first[row])},
    )
    return ColumnResult(texts, faults)


def _read_group(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    """Read names that rows share: all spellings of one name become its first one."""
    texts, faults, _ = _read_text(location, raw, column)
    faults += _invalid_value_faults(location, BECAME_DATE, became_dates(texts.tolist()), raw, column)
    first = first_spellings(texts.dropna().unique())
    several: dict[str, list[str]] = {}
    for spelling, name in first.items():
        several.setdefault(name, []).append(spelling)
    notes = [
        make_fault(location, ONE_NAME, column=column.name, placeholders=_spelling_values(column, spellings))
        for spellings in several.values()
        if len(spellings) > 1
    ]
    return ColumnResult(texts.map(first, na_action="ignore").astype(object).where(texts.notna(), None), faults, notes)


def _spelling_values(column: ColumnSchema, spellings: Sequence[str]) -> dict[str, object]:
    return {"column": column.name, "spellings": " / ".join(map(format_value, spellings))}


def _read_number(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    empty = ~has_value(raw)
    known = np.where(empty, np.nan, parse_numbers(raw, column.units))
    boolean = pd.api.types.is_bool_dtype(raw)
    expected = EXPECTED_INTEGER if column.value_type is ColumnType.COUNT else EXPECTED_NUMBER
    checks: Sequence[tuple[FaultTemplate, NDArray[np.bool_]]] = (
        (EMPTY_VALUE, empty & column.required),
        (NOT_A_NUMBER, (~empty & np.isnan(known)) | boolean),
        (INFINITE_VALUE, np.isinf(known)),
        (NEGATIVE, (known < 0) & np.isfinite(known)),
        (NUMBER_TOO_LARGE, (known > column.maximum) & np.isfinite(known)),
    )
    faults: list[InputFault] = []
    for template, wrong in checks:
        faults += _invalid_value_faults(location, replace(template, expected=expected), wrong, raw, column)
    return ColumnResult(pd.Series(known).where((known >= 0) & (known <= column.maximum)), faults)


def _read_count(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    numbers, faults, _ = _read_number(location, raw, column)
    fraction = np.isfinite(numbers.to_numpy()) & (numbers != numbers.round()).to_numpy()
    return ColumnResult(numbers, faults + _invalid_value_faults(location, NOT_AN_INTEGER, fraction, raw, column))


def _read_kind(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    texts, faults, _ = _read_text(location, raw, column)
    spellings = texts.map(lambda text: fold_text(text).lower(), na_action="ignore")
    kinds = spellings.map(dict(column.kinds or {}))
    unknown = (texts.notna() & kinds.isna()).to_numpy()
    allowed = ", ".join(dict.fromkeys((column.kinds or {}).values()))
    faults += _invalid_value_faults(location, UNKNOWN_KIND, unknown, raw, column, allowed=allowed)
    return ColumnResult(kinds.where(texts.notna(), column.default).astype(object), faults)


def _read_flag(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    texts = pd.Series(value_texts(raw), dtype=object)
    flags = texts.map(lambda text: BOOLEAN_SPELLINGS.get(fold_text(text).lower()), na_action="ignore")
    unknown = (texts.notna() & flags.isna()).to_numpy()
    faults = _invalid_value_faults(location, UNKNOWN_KIND, unknown, raw, column, allowed="true, false, 1, 0, 是, 否")
    return ColumnResult(flags.eq(other=True), faults)


def _read_time(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    filled = has_value(raw)
    times = [parse_time(value) if has_text else None for value, has_text in zip(raw, filled, strict=True)]
    wrong = filled & np.array([time is None for time in times], dtype=bool)
    faults = _invalid_value_faults(location, EMPTY_VALUE, ~filled & column.required, raw, column)
    faults += _invalid_value_faults(location, NOT_A_TIME, wrong, raw, column)
    notes = [
        make_fault(location, NUMBERS_AS_TIMES, column=column.name, placeholders=values)
        for values in _number_kind_values(raw[filled], column)
    ]
    return ColumnResult(pd.Series(times, dtype=object), faults, notes)


def _number_kind_values(raw: pd.Series, column: ColumnSchema) -> list[dict[str, object]]:
    kinds = find_number_kinds(raw.astype(object)).items()
    return [{"count": count, "column": column.name, "kind": Message(kind)} for kind, count in kinds]


READERS: Mapping[ColumnType, Callable[[FaultLocation, pd.Series, ColumnSchema], ColumnResult]] = {
    ColumnType.IDENTIFIER: _read_identifier,
    ColumnType.COUNT: _read_count,
    ColumnType.NUMBER: _read_number,
    ColumnType.SIZE: _read_number,
    ColumnType.FLAG: _read_flag,
    ColumnType.TEXT: _read_text,
    ColumnType.GROUP: _read_group,
    ColumnType.KIND: _read_kind,
    ColumnType.TIME: _read_time,
}
