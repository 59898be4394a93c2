"""Dates and times as offices and programs write them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd

from gridmap.core.errors import N_

EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - local, as Excel's days are
EXCEL_DAYS = (20_000.0, 110_000.0)
"""Days of Excel from 1954 to 2201: smaller numbers are more likely typing errors than dates."""
EPOCH_SECONDS = (1e8, 2e9)
"""Seconds from 1973 to 2033; later ones look like 2026030114."""
EPOCH_MILLISECONDS = (1e11, 2e12)
MIN_YEAR, MAX_YEAR = 1800, 3000
"""Years that can be moved to any zone and stored."""
DIGITS_ONLY = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}

DATE = r"(?P<year>\d{4})\s*(?P<mark>[-/.年])\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?"
HALF = r"上午|下午|凌晨|清晨|早上|早晨|中午|傍晚|晚上|AM|PM|A\.M\.|P\.M\."
CLOCK = (
    r"(?P<hour>\d{1,2})\s*[:时点]\s*(?:(?P<minute>\d{1,2})\s*分?(?:\s*:?\s*(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?"
    r"|(?P<half_hour>半))?整?"
)
ZONE = r"Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?"
PATTERN = re.compile(
    rf"{DATE}(?:[T,\s]*(?P<before>{HALF})?\s*{CLOCK}\s*(?P<after>{HALF})?\s*(?P<zone>{ZONE})?)?", re.IGNORECASE
)
MORNING, NOON, EVENING = ("上午", "清晨", "早上", "早晨", "凌晨"), ("中午",), ("下午", "傍晚", "晚上")


DAYS_OF_EXCEL = N_("days of Excel")
SECONDS_SINCE_1970 = N_("seconds since 1970, UTC")
MILLISECONDS_SINCE_1970 = N_("milliseconds since 1970, UTC")


def parse_time(value: object) -> datetime | None:
    """Return a date and time, None if the value is none.

    Parameters
    ----------
    value : object
        A time; a text in ISO 8601 or as Chinese offices write it; a number of Excel's days, or of seconds or
        milliseconds since 1970. Day before month, and years of two digits, are no times: they are ambiguous.

    Returns
    -------
    datetime or None
        With the zone that the value names, if any; a date alone is its midnight.

    Examples
    --------
    >>> parse_time("2026年3月1日 下午2:30").isoformat(), parse_time(46082.604166667).isoformat()
    ('2026-03-01T14:30:00', '2026-03-01T14:30:00')
    >>> parse_time("2026-03-01T07:00:00Z").isoformat(), parse_time("1/3/2026")
    ('2026-03-01T07:00:00+00:00', None)
    """
    time = _parse(value)
    return time if time and MIN_YEAR <= time.year <= MAX_YEAR else None


def _parse(value: object) -> datetime | None:
    if isinstance(value, pd.Timestamp):
        return value.floor("us").to_pydatetime(warn=False)
    if isinstance(value, datetime):
        return value
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if re.fullmatch(r"\d+(\.\d*)?", text):
        return _parse_digits(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _parse_words(text)


def find_number_kinds(values: Iterable[object]) -> Counter[str]:
    """Count the kinds of numbers that are read as times.

    Examples
    --------
    >>> find_number_kinds(["46082.5", "2026-03-01", None])[DAYS_OF_EXCEL]
    1
    """
    texts = (unicodedata.normalize("NFKC", str(value)).strip() for value in values)
    kinds = (_number_kind(float(text)) for text in texts if re.fullmatch(r"\d+(\.\d*)?", text) and not _compact(text))
    return Counter(kind for kind in kinds if kind)


def _number_kind(number: float) -> str | None:
    ranges = {
        DAYS_OF_EXCEL: EXCEL_DAYS,
        SECONDS_SINCE_1970: EPOCH_SECONDS,
        MILLISECONDS_SINCE_1970: EPOCH_MILLISECONDS,
    }
    return next((kind for kind, (low, high) in ranges.items() if low <= number < high), None)


def _compact(text: str) -> datetime | None:
    """Return a time written in digits alone, such as 20260301 or 202603011430."""
    text = text.removesuffix(".0")
    if len(text) not in DIGITS_ONLY or not text.startswith(("19", "20")):
        return None
    try:
        return datetime.strptime(text, DIGITS_ONLY[len(text)])  # noqa: DTZ007 - local
    except ValueError:
        return None


def _parse_digits(text: str) -> datetime | None:
    if compact := _compact(text):
        return compact
    number = float(text)
    kind = _number_kind(number)
    if kind is DAYS_OF_EXCEL:
        return EXCEL_EPOCH + timedelta(seconds=round(number * 86_400))
    if kind is None:
        return None
    return datetime.fromtimestamp(number / 1000 if kind is MILLISECONDS_SINCE_1970 else number, UTC)


def _parse_words(text: str) -> datetime | None:
    match = PATTERN.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(match[name]) for name in ("year", "month", "day"))
    hour = _hour(int(match["hour"] or 0), match["before"] or match["after"])
    minute = 30 if match["half_hour"] else int(match["minute"] or 0)
    try:
        zone = _zone(match["zone"]) if match["zone"] else None
        return datetime(year, month, day, -1 if hour is None else hour, minute, int(match["second"] or 0), tzinfo=zone)
    except ValueError:
        return None


def _hour(hour: int, half: str | None) -> int | None:
    """Return the hour of the day, None where a half of the day leaves it open."""
    if half is None or hour > 12:
        return hour
    half = half.upper().replace(".", "")
    if half in (*MORNING, "AM"):
        return hour % 12
    if half in NOON:
        return hour if hour >= 10 else hour + 12
    return None if hour == 12 and half in ("晚上", "傍晚") else hour % 12 + 12


def _zone(text: str) -> timezone:
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
