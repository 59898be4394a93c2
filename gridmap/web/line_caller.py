"""Callers of answers with incidents of a leader's service lines: each answer is recorded before it is read."""

from datetime import date

from flask import request

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import IncidentStatus
from gridmap.services.grids import in_force
from gridmap.services.grids.incident_counts import DateRange, IncidentFilter
from gridmap.services.incidents import line_views
from gridmap.services.incidents.line_views import LineView
from gridmap.web import context


def show_counts(subdistrict_id: int, filters: IncidentFilter, compared_first: date | None = None) -> Caller:
    """Record that the answer counts incidents that a filter matches, also of days before, and return the caller.

    These days begin with ``compared_first``; without it, there are as many as the filter has.
    """
    days = filters.date_range
    return _show_filtered(subdistrict_id, filters, compared_first=compared_first or days.previous_first)


def show_filtered(subdistrict_id: int, filters: IncidentFilter, grid_id: int | None = None) -> Caller:
    """Record that the answer shows incidents that a filter matches, and return the caller that sees them.

    Without a line in the subdistrict, or without a purpose, nothing is recorded and the caller is that of the request.
    """
    return _show_filtered(subdistrict_id, filters, grid_id)


def show_open_of_grid(grid_id: int, on: date | None) -> Caller:
    """Record that the answer shows the open incidents of a grid on a day, and return the caller that sees them."""
    caller = context.caller()
    day = in_force.find_grid_day(context.session(), caller, grid_id, on)
    if day is None:
        return caller
    days = DateRange(date.min, day.date)
    return _show(LineView(day.subdistrict_id, _page(), days, status=IncidentStatus.OPEN, grid_id=grid_id))


def _show_filtered(
    subdistrict_id: int, filters: IncidentFilter, grid_id: int | None = None, compared_first: date | None = None
) -> Caller:
    categories, status = list(filters.categories), filters.status
    return _show(LineView(subdistrict_id, _page(), filters.date_range, categories, status, grid_id, compared_first))


def _show(view: LineView) -> Caller:
    return line_views.show_lines(context.session(), context.caller(), view, request.remote_addr)


def _page() -> str:
    return str(request.url_rule)
