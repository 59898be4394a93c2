"""What a description of an API cannot say, so that whoever asks by it has to know."""

from typing import Any


def order_dates(case: Any) -> None:
    """Have the first of two days lie before the other; a single one is both."""
    days = sorted(case.query[name] for name in ("first", "on") if case.query.get(name))
    if case.path.endswith("/incident-counts") and days:
        case.query = {**case.query, "first": days[0], "on": days[-1]}
