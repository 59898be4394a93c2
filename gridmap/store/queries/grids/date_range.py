"""Range of days."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class DateRange:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def previous_first(self) -> date:
        """First of as many days just before the range, or the first date there is.

        Examples
        --------
        >>> DateRange(date(2026, 3, 8), date(2026, 3, 14)).previous_first
        datetime.date(2026, 3, 1)
        """
        length = self.last - self.first + timedelta(days=1)
        return self.first - min(length, self.first - date.min)

    @property
    def previous(self) -> "DateRange | None":
        """Range of as many days just before, or of those that there are; None where there are none.

        Examples
        --------
        >>> DateRange(date(2026, 3, 8), date(2026, 3, 14)).previous
        DateRange(first=datetime.date(2026, 3, 1), last=datetime.date(2026, 3, 7))
        """
        return None if self.first == date.min else DateRange(self.previous_first, self.first - timedelta(days=1))

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    def intersection(self, other: "DateRange") -> "DateRange | None":
        """Return the days that are also in another range; None where there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return DateRange(first, last) if first <= last else None


ALL_DAYS = DateRange(date.min, date.max)
