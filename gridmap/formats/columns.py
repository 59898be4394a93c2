"""Values of one column: read strictly, every wrong one named."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.core.errors import N_, Fault
from gridmap.formats.findings import Flaw, Spot, fault, faults_at, shown
from gridmap.formats.layers import Column, Reading

LONGEST = 500

MISSING_COLUMN = Flaw(N_("there is no column {column}"), N_("a column {column}; found: {found}"))
ALL_EMPTY = Flaw(N_("the column {column} is empty in every row"), N_("a value in every row"))
EMPTY = Flaw(N_("{column} is empty"), N_("a value in every row"), N_("fill it in, or take the row out"))
TOO_LONG = Flaw(N_("{column} is too long"), N_("at most {longest} characters"), N_("shorten it"))
TWICE = Flaw(
    N_("the {column} is used before, in row {first}"),
    N_("every {column} once"),
    N_("give each row a {column} of its own"),
)
NUMBER = N_("a number from 0 to {most}")
WHOLE = N_("a whole number from 0 to {most}")
NOT_A_NUMBER = Flaw(N_("{column} is not a number"))
NOT_FINITE = Flaw(N_("{column} is infinite"))
NEGATIVE = Flaw(N_("{column} is negative"), advice=N_("write 0 where there is none"))
FRACTION = Flaw(N_("{column} is not a whole number"), WHOLE)
TOO_MANY = Flaw(N_("{column} is too large for one row"), advice=N_("check for a slip, or divide the row"))
NOT_A_TIME = Flaw(N_("{column} is no date and time"), N_("a date and time such as 2026-03-01 14:30"))
UNKNOWN_KIND = Flaw(N_("{column} is unknown"), N_("one of: {allowed}"))

FLAGS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}

Values = tuple[pd.Series, list[Fault]]


def read_column(spot: Spot, frame: pd.DataFrame, column: Column) -> Values:
    """Read a column of a layer.

    Parameters
    ----------
    spot : Spot
        The layer, for faults.
    frame : DataFrame
        Rows of the layer; the column may be missing.
    column : Column
        What is expected of it.

    Returns
    -------
    values : Series
        Str or None for text, identifiers and kinds; float for counts, numbers and sizes, NaN where unknown or wrong;
        bool for flags, False where unknown; datetime or None for times, without a zone where the file names none.
    faults : list of Fault
    """
    if column.name not in frame:
        return _nothing(column, len(frame)), _missing(spot, frame, column)
    raw = frame[column.name]
    if column.required and len(raw) and not _filled(raw).any():
        return _nothing(column, len(frame)), [_with_advice(spot, ALL_EMPTY, column)]
    return READERS[column.reading](spot, raw, column)


def _missing(spot: Spot, frame: pd.DataFrame, column: Column) -> list[Fault]:
    found = ", ".join(map(shown, frame.attrs.get("found", [])))
    return [_with_advice(spot, MISSING_COLUMN, column, found)] if column.required else []


def _with_advice(spot: Spot, flaw: Flaw, column: Column, found: str = "") -> Fault:
    told = Flaw(flaw.problem, flaw.expected, column.advice)
    return fault(spot, told, column=column.name, named={"column": column.name, "found": found or "–"})


def _nothing(column: Column, length: int) -> pd.Series:
    if column.reading in (Reading.COUNT, Reading.NUMBER, Reading.SIZE):
        return pd.Series(np.full(length, np.nan))
    if column.reading is Reading.FLAG:
        return pd.Series(np.zeros(length, dtype=np.bool_))
    return pd.Series([column.default] * length, dtype=object)


def _filled(raw: pd.Series) -> NDArray[np.bool_]:
    return np.array([text is not None for text in _texts(raw)], dtype=bool)


def _texts(raw: pd.Series) -> list[str | None]:
    """Values as stripped texts; whole numbers without a decimal point; None for empty ones."""
    whole = raw.astype("Int64") if _whole_floats(raw) else raw
    texts = [None if pd.isna(value) else str(value).strip() for value in whole.astype(object)]
    return [text or None for text in texts]


def _whole_floats(raw: pd.Series) -> bool:
    if not pd.api.types.is_float_dtype(raw):
        return False
    known = raw.dropna().to_numpy()
    return bool(np.all(np.isfinite(known)) and np.all(known == np.round(known)) and np.all(np.abs(known) < 2**53))


def _wrong(
    spot: Spot, flaw: Flaw, wrong: NDArray[np.bool_], raw: pd.Series, column: Column, **named: Any
) -> list[Fault]:
    values = list(raw.astype(object))
    told = {"column": column.name, "most": f"{column.most:g}", **named}
    return faults_at(spot, flaw, wrong, column=column.name, values=values, named=told)


def _text(spot: Spot, raw: pd.Series, column: Column) -> Values:
    texts = pd.Series(_texts(raw), dtype=object)
    empty = texts.isna().to_numpy() & column.required
    long = np.array([text is not None and len(text) > LONGEST for text in texts], dtype=bool)
    return texts, _wrong(spot, EMPTY, empty, raw, column) + _wrong(spot, TOO_LONG, long, raw, column, longest=LONGEST)


def _identifier(spot: Spot, raw: pd.Series, column: Column) -> Values:
    texts, faults = _text(spot, raw, column)
    first = pd.Series(np.arange(1, len(texts) + 1)).groupby(texts).transform("min")
    again = (texts.duplicated() & texts.notna()).to_numpy()
    faults += faults_at(
        spot,
        TWICE,
        again,
        column=column.name,
        values=list(texts),
        named=lambda row: {"column": column.name, "first": int(first[row])},
    )
    return texts, faults


def _number(spot: Spot, raw: pd.Series, column: Column) -> Values:
    empty = ~_filled(raw)
    boolean = pd.api.types.is_bool_dtype(raw)
    numbers = pd.Series(pd.to_numeric(raw.astype(object).where(~empty), errors="coerce"), dtype=float)
    known = numbers.to_numpy()
    expected = WHOLE if column.reading is Reading.COUNT else NUMBER
    checks: Sequence[tuple[Flaw, NDArray[np.bool_]]] = (
        (EMPTY, empty & column.required),
        (NOT_A_NUMBER, (~empty & np.isnan(known)) | boolean),
        (NOT_FINITE, np.isinf(known)),
        (NEGATIVE, (known < 0) & np.isfinite(known)),
        (TOO_MANY, (known > column.most) & np.isfinite(known)),
    )
    faults: list[Fault] = []
    for flaw, wrong in checks:
        faults += _wrong(spot, replace(flaw, expected=expected), wrong, raw, column)
    return numbers.where((known >= 0) & (known <= column.most)), faults


def _count(spot: Spot, raw: pd.Series, column: Column) -> Values:
    numbers, faults = _number(spot, raw, column)
    fraction = np.isfinite(numbers.to_numpy()) & (numbers != numbers.round()).to_numpy()
    return numbers, faults + _wrong(spot, FRACTION, fraction, raw, column)


def _kind(spot: Spot, raw: pd.Series, column: Column) -> Values:
    texts, faults = _text(spot, raw, column)
    spelled = texts.str.lower() if len(texts) else texts
    kinds = spelled.map(dict(column.kinds or {}))
    unknown = (texts.notna() & kinds.isna()).to_numpy()
    allowed = ", ".join(dict.fromkeys((column.kinds or {}).values()))
    faults += _wrong(spot, UNKNOWN_KIND, unknown, raw, column, allowed=allowed)
    return kinds.where(texts.notna(), column.default).astype(object), faults


def _flag(spot: Spot, raw: pd.Series, column: Column) -> Values:
    texts = pd.Series(_texts(raw), dtype=object).str.lower()
    flags = texts.map(FLAGS)
    unknown = (texts.notna() & flags.isna()).to_numpy()
    faults = _wrong(spot, UNKNOWN_KIND, unknown, raw, column, allowed="true, false, 1, 0")
    return flags.eq(other=True), faults


def _time(spot: Spot, raw: pd.Series, column: Column) -> Values:
    filled = _filled(raw)
    moments = [_moment(value) if known else None for value, known in zip(raw, filled, strict=True)]
    wrong = filled & np.array([moment is None for moment in moments], dtype=bool)
    faults = _wrong(spot, EMPTY, ~filled & column.required, raw, column) + _wrong(spot, NOT_A_TIME, wrong, raw, column)
    return pd.Series(moments, dtype=object), faults


def _moment(value: object) -> datetime | None:
    try:
        return value.to_pydatetime() if isinstance(value, pd.Timestamp) else datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None


READERS: Mapping[Reading, Callable[[Spot, pd.Series, Column], Values]] = {
    Reading.IDENTIFIER: _identifier,
    Reading.COUNT: _count,
    Reading.NUMBER: _number,
    Reading.SIZE: _number,
    Reading.FLAG: _flag,
    Reading.TEXT: _text,
    Reading.KIND: _kind,
    Reading.TIME: _time,
}
