"""Tables of incidents: those of a grid, the ranking of grids, and published counts."""

from collections.abc import Mapping, Sequence

from gridmap.core.errors import N_
from gridmap.services.exports.tables import Column, ExportTable, LayerStyle, Value, parse_shapes
from gridmap.services.incidents.grid_incidents import GridIncidentRow
from gridmap.services.incidents.ranking import RankedGrid
from gridmap.texts import translate
from gridmap.web.labels import DEVIATION_LABELS
from gridmap.web.language import current_language

INCIDENT_COLUMNS = (
    Column("category", N_("Category")),
    Column("matter", N_("Matter")),
    Column("occurred_at", N_("When")),
    Column("number", N_("Number")),
    Column("grid", N_("Grid")),
    Column("on_border", N_("On the border")),
    Column("urgent", N_("cannot wait")),
    Column("status", N_("Status on the last day"), {"open": N_("open"), "closed": N_("closed")}),
)
DEVIATION_TEXTS = {str(deviation.value): label for deviation, label in DEVIATION_LABELS.items()}
RANKING_COLUMNS = (
    Column("grid_code", N_("Grid")),
    Column("grid_name", N_("Name")),
    Column("community", N_("Community")),
    Column("incidents", N_("Incidents")),
    Column("on_border", N_("On the border")),
    Column("households", N_("Households")),
    Column("rate", N_("per 100 households")),
    Column("rate_class", N_("Rate"), DEVIATION_TEXTS),
    Column("before", N_("Incidents of the time before")),
    Column("change", N_("Change")),
    Column("chg_class", N_("Change against chance"), DEVIATION_TEXTS),
    Column("in_charge", N_("In charge")),
)
RANKING_STYLE = LayerStyle(label_field="incidents")
YES = N_("yes")


def make_incident_table(
    incidents: Sequence[GridIncidentRow], category_names: Mapping[str, str], *, shows_lines: bool
) -> ExportTable:
    """Return incidents as their list shows them.

    Parameters
    ----------
    incidents : sequence of GridIncidentRow
    category_names : mapping of str to str
    shows_lines : bool
        True for a list with incidents of a leader's service lines; the texts of sensitive ones are opened one at a
        time, and are not in the file.
    """
    yes = translate(YES, current_language())
    rows: list[Sequence[Value]] = [
        (
            category_names.get(each.category, each.category),
            None if shows_lines and each.is_sensitive else each.title,
            each.occurred_at.replace(tzinfo=None),
            each.number,
            each.grid_code,
            yes if each.on_border else None,
            yes if each.urgent else None,
            "closed" if each.is_closed else "open",
        )
        for each in incidents
    ]
    return ExportTable("incidents", N_("Incidents"), INCIDENT_COLUMNS, rows)


def make_ranking_table(ranked: Sequence[RankedGrid], community_names: Mapping[int, str]) -> ExportTable:
    """Return the grids by incidents, with their shapes."""
    rows = [_ranking_row(each, community_names) for each in ranked]
    shapes = parse_shapes([each.grid.shape for each in ranked])
    return ExportTable("incident_ranking", N_("Grids by incidents"), RANKING_COLUMNS, rows, shapes, RANKING_STYLE)


def _ranking_row(row: RankedGrid, community_names: Mapping[int, str]) -> Sequence[Value]:
    grid, value, rated = row.grid, row.rated.value, row.rated
    return (
        grid.code,
        grid.name,
        community_names.get(grid.community_id),
        value.count,
        value.on_border,
        value.households,
        None if value.rate is None else round(value.rate, 2),
        rated.rate_deviation and str(rated.rate_deviation.value),
        value.previous,
        value.change,
        rated.change_deviation and str(rated.change_deviation.value),
        "、".join(grid.workers) or None,
    )
