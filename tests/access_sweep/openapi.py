"""Constraints between parameters that an OpenAPI document cannot express."""

from typing import Any


def order_dates(case: Any) -> None:
    """Put the dates of a period in order; a single date is both its first and its last day."""
    days = sorted(case.query[name] for name in ("first", "on") if case.query.get(name))
    if case.path.endswith("/incident-counts") and days:
        case.query = {**case.query, "first": days[0], "on": days[-1]}
