"""Filters of incidents in the URL of the leader's pages."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, cast
from urllib.parse import urlencode

from flask import abort, g, request
from pydantic import Field
from werkzeug.datastructures import MultiDict

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import IncidentStatus, Role
from gridmap.services.grids import in_force
from gridmap.services.incidents import categories, heatmap
from gridmap.services.incidents.heatmap import IncidentFilter, SubdistrictRow
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.language import current_language
from gridmap.web.params import IsoDate, Params, parse_params

heatmap_roles_required = roles_required(Role.LEADER, Role.PLANNER, Role.STATION)


class HeatmapParams(Params):
    """Filters of incidents; categories are passed in addition."""

    first: IsoDate | None = Field(None, description="First day")
    last: IsoDate | None = Field(None, description="Last day; the grids are those in force on it")
    status: Literal["", "open", "closed"] = Field("", description="Status at the end of the last day")


def get_today() -> date:
    """Return today, read from the database once a request."""
    if "today" not in g:
        g.today = in_force.get_today(context.session())
    return cast("date", g.today)


def subdistrict_or_404(subdistrict_code: str | None) -> SubdistrictRow:
    """Return a subdistrict of the account, or the first one without a code."""
    return heatmap.resolve_subdistrict(context.session(), context.caller(), subdistrict_code) or abort(404)


def list_category_names(subdistrict_id: int, caller: Caller) -> dict[str, str]:
    """Return the names of the categories of incidents that a caller sees, and of those chosen by a link."""
    session = context.session()
    names = categories.list_names(session, caller, [subdistrict_id], current_language())
    used = heatmap.list_categories(session, caller, subdistrict_id)
    return {each: names.get(each, each) for each in sorted({*used, *query_params().get("category", [])})}


def parse_filters() -> IncidentFilter:
    """Return the filter of the URL.

    Raises
    ------
    InvalidInput
        If a parameter cannot be used, or the last day is before the first.
    """
    query = query_params()
    chosen = query.pop("category", [])
    params = parse_params(HeatmapParams, {}, MultiDict(query))
    period = heatmap.resolve_date_range(get_today(), params.first, params.last)
    return IncidentFilter(period, chosen, IncidentStatus(params.status) if params.status else None)


def query_params() -> dict[str, list[str]]:
    """Return the parameters of the URL, without empty values: fields of the form that were left empty."""
    params = {name: [value for value in request.args.getlist(name) if value] for name in request.args}
    return {name: values for name, values in params.items() if values}


def format_query(params: Mapping[str, list[str]]) -> str:
    """Return the query of a URL with its question mark; empty without parameters.

    Examples
    --------
    >>> format_query({"category": ["noise", "theft"]}), format_query({})
    ('?category=noise&category=theft', '')
    """
    return f"?{urlencode(params, doseq=True)}" if params else ""
