"""Records of a range of days, and whether it is compared with the days before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message
from gridmap.store.queries.grids.date_range import ALL_DAYS, DateRange
from gridmap.store.queries.grids.incident_counts import list_recorded_days

DAYS_PER_MISSING_DAY = 7
"""A range is compared if at most one day of seven has no record at its end: a week may lack its last day."""
NOTHING_RECORDED = N_("No incident has been recorded.")
NONE_IN_RANGE = N_("No incident is recorded from {first} to {last}.")
NONE_BEFORE_FIRST = N_("No incident is recorded from {first} to {last}: there is no record before {recorded}.")
NONE_AFTER_LAST = N_("No incident is recorded from {first} to {last}: the last record is of {recorded}.")
NO_RECORD_BEFORE = N_("No comparison with the time before: there is no record before {first}.")
LAST_RECORD = N_("No comparison with the time before: the last record is of {last}.")
NONE_IN_PREVIOUS = N_("No comparison with the time before: no incident is recorded from {first} to {last}.")


@dataclass(frozen=True)
class Records:
    """Days of the first and the last incident, whichever its category: of all days, of a range, of the days before it.

    Parameters
    ----------
    date_range : DateRange
        Range of days.
    recorded, in_range, in_previous : DateRange or None
        Of all days, of the range, of as many days before it; None without incidents.
    missing : sequence of DateRange
        Days between records that have none, too many for chance.

    Examples
    --------
    >>> from datetime import date
    >>> june, may = DateRange(date(2016, 6, 1), date(2016, 6, 30)), DateRange(date(2016, 5, 2), date(2016, 5, 31))
    >>> Records(june, DateRange(date(2010, 1, 1), date(2016, 6, 30)), june, may).comparable
    True
    >>> print(Records(june, DateRange(date(2010, 1, 1), date(2016, 5, 31)), None, may).gap)
    No incident is recorded from 2016-06-01 to 2016-06-30: the last record is of 2016-05-31.
    >>> print(Records(june, DateRange(date(2016, 5, 9), date(2020, 1, 1)), june, may).obstacle)
    No comparison with the time before: there is no record before 2016-05-09.
    """

    date_range: DateRange
    recorded: DateRange | None
    in_range: DateRange | None
    in_previous: DateRange | None
    missing: Sequence[DateRange] = ()

    @property
    def comparable(self) -> bool:
        """Return whether the range is compared with the days before it."""
        return self.gap is None and self.obstacle is None

    @property
    def gap(self) -> Message | None:
        """Return why there is nothing to count in the range; None where there is an incident."""
        if self.recorded is None:
            return Message(NOTHING_RECORDED)
        if self.in_range is not None:
            return None
        days = _iso_days(self.date_range)
        if self.date_range.last < self.recorded.first:
            return Message(NONE_BEFORE_FIRST, {**days, "recorded": self.recorded.first.isoformat()})
        if self.date_range.first > self.recorded.last:
            return Message(NONE_AFTER_LAST, {**days, "recorded": self.recorded.last.isoformat()})
        return Message(NONE_IN_RANGE, days)

    @property
    def obstacle(self) -> Message | None:
        """Return why the range is not compared with the days before it; None if it is."""
        if self.recorded is None:
            return Message(NOTHING_RECORDED)
        if self.date_range.previous_first < self.recorded.first:
            return Message(NO_RECORD_BEFORE, {"first": self.recorded.first.isoformat()})
        if self.date_range.last - self.recorded.last > _length(self.date_range) / DAYS_PER_MISSING_DAY:
            return Message(LAST_RECORD, {"last": self.recorded.last.isoformat()})
        if self.date_range.previous and self.in_previous is None:
            return Message(NONE_IN_PREVIOUS, _iso_days(self.date_range.previous))
        return self._missing_days()

    def _missing_days(self) -> Message | None:
        """Return which days are missing where they are too many to compare the range or the days before it."""
        for period in (self.date_range, self.date_range.previous):
            overlaps = [each for gap in self.missing if period and (each := gap.intersection(period))]
            if sum(map(_length, overlaps), timedelta()) > _length(self.date_range) / DAYS_PER_MISSING_DAY:
                return Message(NONE_IN_PREVIOUS, _iso_days(max(overlaps, key=_length)))
        return None


def load_records(session: Session, caller: Caller, subdistrict_id: int, date_range: DateRange) -> Records:
    """Return the records of a range of days, as far as the caller sees incidents.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    date_range : DateRange

    Returns
    -------
    Records
    """
    ranges = [ALL_DAYS, date_range, *filter(None, [date_range.previous])]
    recorded, in_range, *in_previous = list_recorded_days(session, caller, subdistrict_id, ranges)
    return Records(date_range, recorded, in_range, in_previous[0] if in_previous else None)


def _length(date_range: DateRange) -> timedelta:
    return date_range.last - date_range.first + timedelta(days=1)


def _iso_days(date_range: DateRange) -> dict[str, str]:
    return {"first": date_range.first.isoformat(), "last": date_range.last.isoformat()}
