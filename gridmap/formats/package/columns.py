"""Strict reading of one column; every wrong value is reported."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.core.errors import N_, InputFault
from gridmap.formats.package.layer_schemas import ColumnSchema, ColumnType
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, format_value, make_fault, make_row_faults

MAX_TEXT_LETTERS = 500

MISSING_COLUMN = FaultTemplate(N_("there is no column {column}"), N_("a column {column}; found: {found}"))
EMPTY_COLUMN = FaultTemplate(N_("the column {column} is empty in every row"), N_("a value in every row"))
EMPTY_VALUE = FaultTemplate(N_("{column} is empty"), N_("a value in every row"), N_("fill it in, or delete the row"))
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
NOT_A_TIME = FaultTemplate(N_("{column} is not a date and time"), N_("a date and time such as 2026-03-01 14:30"))
UNKNOWN_KIND = FaultTemplate(N_("{column} is unknown"), N_("one of: {allowed}"))

BOOLEAN_SPELLINGS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}

ColumnResult = tuple[pd.Series, list[InputFault]]


def read_column(location: FaultLocation, frame: pd.DataFrame, column: ColumnSchema) -> ColumnResult:
    """Read a column of a layer.

    Parameters
    ----------
    location : FaultLocation
        The layer, for faults.
    frame : DataFrame
        Rows of the layer; the column may be missing.
    column : ColumnSchema
        Expected name, type and values.

    Returns
    -------
    values : Series
        Str or None for text, identifiers and kinds; float for counts, numbers and sizes, NaN where unknown or wrong;
        bool for flags, False where unknown; datetime or None for times, without a zone where the file names none.
    faults : list of InputFault
    """
    if column.name not in frame:
        return _default_values(column, len(frame)), _missing_column_faults(location, frame, column)
    raw = frame[column.name]
    if column.required and len(raw) and not _has_value(raw).any():
        return _default_values(column, len(frame)), [_column_fault(location, EMPTY_COLUMN, column)]
    return READERS[column.value_type](location, raw, column)


def _missing_column_faults(location: FaultLocation, frame: pd.DataFrame, column: ColumnSchema) -> list[InputFault]:
    columns = ", ".join(map(format_value, frame.attrs.get("found", [])))
    return [_column_fault(location, MISSING_COLUMN, column, columns)] if column.required else []


def _column_fault(
    location: FaultLocation, template: FaultTemplate, column: ColumnSchema, found: str = ""
) -> InputFault:
    template = replace(template, advice=column.advice)
    placeholders = {"column": column.name, "found": found or "–"}
    return make_fault(location, template, column=column.name, placeholders=placeholders)


def _default_values(column: ColumnSchema, length: int) -> pd.Series:
    if column.value_type in (ColumnType.COUNT, ColumnType.NUMBER, ColumnType.SIZE):
        return pd.Series(np.full(length, np.nan))
    if column.value_type is ColumnType.FLAG:
        return pd.Series(np.zeros(length, dtype=np.bool_))
    return pd.Series([column.default] * length, dtype=object)


def _has_value(raw: pd.Series) -> NDArray[np.bool_]:
    return np.array([text is not None for text in _stripped_texts(raw)], dtype=bool)


def _stripped_texts(raw: pd.Series) -> list[str | None]:
    """Return values as stripped texts: whole numbers without a decimal point, None for empty values."""
    values = raw.astype("Int64") if _is_integral(raw) else raw
    texts = [None if pd.isna(value) else str(value).strip() for value in values.astype(object)]
    return [text or None for text in texts]


def _is_integral(raw: pd.Series) -> bool:
    if not pd.api.types.is_float_dtype(raw):
        return False
    known = raw.dropna().to_numpy()
    return bool(np.all(np.isfinite(known)) and np.all(known == np.round(known)) and np.all(np.abs(known) < 2**53))


def _invalid_value_faults(
    location: FaultLocation,
    template: FaultTemplate,
    mask: NDArray[np.bool_],
    raw: pd.Series,
    column: ColumnSchema,
    **placeholders: object,
) -> list[InputFault]:
    values = list(raw.astype(object))
    named = {"column": column.name, "maximum": f"{column.maximum:g}", **placeholders}
    return make_row_faults(location, template, mask, column=column.name, values=values, placeholders=named)


def _read_text(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    texts = pd.Series(_stripped_texts(raw), dtype=object)
    empty = texts.isna().to_numpy() & column.required
    too_long = np.array([text is not None and len(text) > MAX_TEXT_LETTERS for text in texts], dtype=bool)
    return texts, _invalid_value_faults(location, EMPTY_VALUE, empty, raw, column) + _invalid_value_faults(
        location, TEXT_TOO_LONG, too_long, raw, column, maximum=MAX_TEXT_LETTERS
    )


def _read_identifier(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    texts, faults = _read_text(location, raw, column)
    first = pd.Series(np.arange(1, len(texts) + 1)).groupby(texts).transform("min")
    duplicated = (texts.duplicated() & texts.notna()).to_numpy()
    faults += make_row_faults(
        location,
        DUPLICATE_VALUE,
        duplicated,
        column=column.name,
        values=list(texts),
        placeholders=lambda row: {"column": column.name, "first": int(first[row])},
    )
    return texts, faults


def _read_number(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    empty = ~_has_value(raw)
    boolean = pd.api.types.is_bool_dtype(raw)
    numbers = pd.Series(pd.to_numeric(raw.astype(object).where(~empty), errors="coerce"), dtype=float)
    known = numbers.to_numpy()
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
    return numbers.where((known >= 0) & (known <= column.maximum)), faults


def _read_count(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    numbers, faults = _read_number(location, raw, column)
    fraction = np.isfinite(numbers.to_numpy()) & (numbers != numbers.round()).to_numpy()
    return numbers, faults + _invalid_value_faults(location, NOT_AN_INTEGER, fraction, raw, column)


def _read_kind(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    texts, faults = _read_text(location, raw, column)
    spellings = texts.str.lower() if len(texts) else texts
    kinds = spellings.map(dict(column.kinds or {}))
    unknown = (texts.notna() & kinds.isna()).to_numpy()
    allowed = ", ".join(dict.fromkeys((column.kinds or {}).values()))
    faults += _invalid_value_faults(location, UNKNOWN_KIND, unknown, raw, column, allowed=allowed)
    return kinds.where(texts.notna(), column.default).astype(object), faults


def _read_flag(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    texts = pd.Series(_stripped_texts(raw), dtype=object).str.lower()
    flags = texts.map(BOOLEAN_SPELLINGS)
    unknown = (texts.notna() & flags.isna()).to_numpy()
    faults = _invalid_value_faults(location, UNKNOWN_KIND, unknown, raw, column, allowed="true, false, 1, 0")
    return flags.eq(other=True), faults


def _read_time(location: FaultLocation, raw: pd.Series, column: ColumnSchema) -> ColumnResult:
    filled = _has_value(raw)
    times = [_parse_datetime(value) if has_value else None for value, has_value in zip(raw, filled, strict=True)]
    wrong = filled & np.array([time is None for time in times], dtype=bool)
    faults = _invalid_value_faults(
        location, EMPTY_VALUE, ~filled & column.required, raw, column
    ) + _invalid_value_faults(location, NOT_A_TIME, wrong, raw, column)
    return pd.Series(times, dtype=object), faults


def _parse_datetime(value: object) -> datetime | None:
    try:
        return value.to_pydatetime() if isinstance(value, pd.Timestamp) else datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None


READERS: Mapping[ColumnType, Callable[[FaultLocation, pd.Series, ColumnSchema], ColumnResult]] = {
    ColumnType.IDENTIFIER: _read_identifier,
    ColumnType.COUNT: _read_count,
    ColumnType.NUMBER: _read_number,
    ColumnType.SIZE: _read_number,
    ColumnType.FLAG: _read_flag,
    ColumnType.TEXT: _read_text,
    ColumnType.KIND: _read_kind,
    ColumnType.TIME: _read_time,
}
