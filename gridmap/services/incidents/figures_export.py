"""Export of the leader's page as a workbook: filters, sentences, ranking of grids and published counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Message
from gridmap.core.incidents.deviations import Deviation
from gridmap.core.vocabulary import AccessClass
from gridmap.formats.exports.table import Value
from gridmap.formats.exports.workbook import Sheet, make_workbook
from gridmap.services.incidents.leader_page import LeaderPage
from gridmap.services.incidents.publication import PublishedTable
from gridmap.services.incidents.ranking import RankedGrid
from gridmap.store.writes import incidents as incident_writes
from gridmap.texts import translate

SUMMARY, RANKING = N_("Summary"), N_("Ranking of grids")
CLASS_SHEETS = {
    AccessClass.PERSONAL: N_("About persons by month"),
    AccessClass.SENSITIVE: N_("Sensitive by quarter"),
}
RANKING_HEADERS = (
    N_("Grid"),
    N_("Name"),
    N_("Community"),
    N_("Incidents"),
    N_("On the border"),
    N_("Households"),
    N_("per 100 households"),
    N_("Minimum by chance"),
    N_("Maximum by chance"),
    N_("Rate"),
    N_("Incidents of the time before"),
    N_("Change"),
    N_("Change against chance"),
    N_("In charge"),
)
PUBLISHED_HEADERS = (N_("Community"), N_("Grid"), N_("First day"), N_("Last day"), N_("Incidents"))
OTHER_GRIDS, NO_COMMUNITY, VACANT = N_("sum of the other grids"), N_("in no community"), N_("vacant")


@dataclass(frozen=True)
class ExportContext:
    """Values of a page that an export repeats.

    Parameters
    ----------
    place : str
        Name of the subdistrict.
    category_names : sequence of str
        Of the chosen categories; empty for all.
    status_label : Message or str
    deviation_labels : mapping of Deviation to str
    language : str
    """

    place: str
    category_names: Sequence[str]
    status_label: Message | str
    deviation_labels: Mapping[Deviation, str]
    language: str

    def text(self, message: Message | str) -> str:
        """Return a sentence in the language of the reader."""
        return translate(message, self.language)


def make_figures_workbook(page: LeaderPage, tables: Sequence[PublishedTable], context: ExportContext) -> bytes:
    """Return everything on the leader's page as a workbook.

    Parameters
    ----------
    page : LeaderPage
    tables : sequence of PublishedTable
        Empty for readers who see the incidents themselves.
    context : ExportContext
    """
    headers = [context.text(each) for each in RANKING_HEADERS]
    rows = [_ranking_row(row, page.community_names, context) for row in page.ranking.rows]
    summary = Sheet(context.text(SUMMARY), [context.place, ""], list(_summary_rows(page, context)))
    ranking = Sheet(context.text(RANKING), headers, rows)
    return make_workbook([summary, ranking, *(_published_sheet(each, page, context) for each in tables)])


def record_export(session: Session, subdistrict_id: int, page: LeaderPage, address: str | None) -> None:
    """Record in the audit that the figures of a subdistrict left the service as a file.

    Parameters
    ----------
    session : Session
    subdistrict_id : int
    page : LeaderPage
    address : str, optional
        Network address of the request.
    """
    days = page.heatmap.filters.date_range
    details = {
        "kind": "incident_figures",
        "rows": len(page.ranking.rows),
        "first": days.first.isoformat(),
        "last": days.last.isoformat(),
    }
    incident_writes.record_figures_export(session, subdistrict_id, details, address)


def _summary_rows(page: LeaderPage, context: ExportContext) -> Iterator[Sequence[Value]]:
    filters, health = page.heatmap.filters, page.health
    yield context.text(N_("First day")), filters.date_range.first
    yield context.text(N_("Last day")), filters.date_range.last
    yield context.text(N_("Categories")), "、".join(context.category_names) or context.text(N_("all"))
    yield context.text(N_("Status on the last day")), context.text(context.status_label)
    yield context.text(N_("Incidents")), page.heatmap.total
    yield context.text(N_("in no grid")), page.heatmap.unlinked
    yield context.text(N_("Grids in force")), len(page.heatmap.grids)
    if health.days_without_records is not None:
        yield context.text(N_("Days without records")), health.days_without_records
    for finding in page.findings:
        yield "", context.text(finding.message)


def _ranking_row(row: RankedGrid, community_names: Mapping[int, str], context: ExportContext) -> Sequence[Value]:
    grid, value, rated = row.grid, row.rated.value, row.rated
    minimum, maximum = rated.limits or (None, None)
    return (
        grid.code,
        grid.name,
        community_names.get(grid.community_id, ""),
        value.count,
        value.on_border,
        value.households,
        None if value.rate is None else round(value.rate, 2),
        minimum,
        maximum,
        _deviation_label(rated.rate_deviation, context),
        value.previous,
        value.change,
        _deviation_label(rated.change_deviation, context),
        "、".join(grid.workers) or context.text(VACANT),
    )


def _deviation_label(deviation: Deviation | None, context: ExportContext) -> str:
    return "" if deviation is None else context.text(context.deviation_labels[deviation])


def _published_sheet(table: PublishedTable, page: LeaderPage, context: ExportContext) -> Sheet:
    headers = [context.text(each) for each in PUBLISHED_HEADERS]
    rows: list[Sequence[Value]] = []
    for (community_id, grid_code), counts in table.counts.items():
        community = page.community_names.get(community_id, "") if community_id else context.text(NO_COMMUNITY)
        grid = grid_code or (context.text(OTHER_GRIDS) if community_id else "")
        for (first, last), count in counts.items():
            rows.append((community, grid, first, last, str(count) if count.number is None else count.number))
    return Sheet(context.text(CLASS_SHEETS[table.access_class]), headers, rows)
