"""Tables of plans: communities, grids of a comparison, moved buildings, revisions."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gridmap.core.errors import N_
from gridmap.services.exports.tables import Column, ExportTable, LayerStyle, Value, make_status_style, parse_shapes
from gridmap.services.plans.comparison import GridTotals, RevisionComparison
from gridmap.services.plans.dashboard import CommunityPlans, SubdistrictPlans
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.services.plans.streets import BorderStreet
from gridmap.texts import translate
from gridmap.web.labels import GRID_STATUS_LABELS, REVISION_STATUS_LABELS
from gridmap.web.language import current_language

if TYPE_CHECKING:  # the module of moves imports geopandas and SciPy: only the first move pays for it
    from gridmap.services.plans.moves import GridChange

REVISION_STATUS_TEXTS = {status: label for status, (_, label) in REVISION_STATUS_LABELS.items()}
PLAN_COLUMNS = (
    Column("subdistrict", N_("Subdistrict")),
    Column("code", N_("Code")),
    Column("community", N_("Community")),
    Column("households", N_("Households")),
    Column("revision", N_("Revision in force")),
    Column("first", N_("In force from")),
    *(Column(status, label) for status, label in GRID_STATUS_LABELS.items()),
    Column("upcoming", N_("Approved for later")),
    Column("drafts", N_("Not approved")),
)
COMPARISON_COLUMNS = (
    Column("grid_code", N_("Grid")),
    Column("grid_name", N_("Name")),
    Column("hh_before", N_("Households before")),
    Column("households", N_("Households")),
    Column("change", N_("Change")),
    Column("buildings", N_("Buildings")),
    Column("was_status", N_("Status before"), GRID_STATUS_LABELS),
    Column("status", N_("Status"), GRID_STATUS_LABELS),
)
BEFORE_KEYS = ("hh_before", "change", "was_status")
MOVE_COLUMNS = (
    Column("code", N_("Building")),
    Column("name", N_("Name")),
    Column("households", N_("Households")),
    Column("from_grid", N_("From grid")),
    Column("to_grid", N_("To grid")),
)
REVISION_COLUMNS = (
    Column("revision", N_("Revision")),
    Column("plan", N_("Plan")),
    Column("status", N_("Status"), REVISION_STATUS_TEXTS),
    Column("created_at", N_("Saved")),
    Column("created_by", N_("Saved by")),
    *(Column(status, label) for status, label in GRID_STATUS_LABELS.items()),
    Column("periods", N_("Holds")),
    Column("note", N_("Note")),
)

STREET_COLUMNS = (
    Column("street", N_("Street")),
    Column("first", N_("First grid")),
    Column("second", N_("Second grid")),
    Column("length_m", N_("Along the border (m)")),
    Column("incidents", N_("Incidents of a year")),
    Column("inc_first", N_("Incidents in the first grid")),
    Column("inc_second", N_("Incidents in the second grid")),
    Column("counts_in", N_("Counts in")),
)
STREET_STYLE = LayerStyle(label_field="street")
EFFECT_COLUMNS = (
    Column("grid_code", N_("Grid")),
    Column("hh_before", N_("Households before")),
    Column("households", N_("Households")),
    Column("bld_before", N_("Buildings before")),
    Column("buildings", N_("Buildings")),
    Column("was_status", N_("Status before"), GRID_STATUS_LABELS),
    Column("status", N_("Status"), GRID_STATUS_LABELS),
)
AS_DRAWN, NAMELESS_STREET = N_("as drawn"), N_("street without a name")


def make_plan_table(subdistricts: Sequence[SubdistrictPlans]) -> ExportTable:
    """Return the communities with their plans in force, as the page of plans lists them."""
    rows = [_plan_row(subdistrict.name, each) for subdistrict in subdistricts for each in subdistrict.communities]
    return ExportTable("plans", N_("Plans"), PLAN_COLUMNS, rows)


def make_comparison_table(comparison: RevisionComparison, shapes: Mapping[str, str], *, compared: bool) -> ExportTable:
    """Return the grids of a revision, beside those of the compared one.

    Parameters
    ----------
    comparison : RevisionComparison
    shapes : mapping of str to str
        Shapes of the grids by code, as GeoJSON; grids that end have none.
    compared : bool
        False for the first revision, which has nothing before it.
    """
    used = [not (column.key in BEFORE_KEYS and not compared) for column in COMPARISON_COLUMNS]
    rows = [
        [value for value, is_used in zip(_comparison_row(code, comparison), used, strict=True) if is_used]
        for code in comparison.totals_by_code
    ]
    columns = [column for column, is_used in zip(COMPARISON_COLUMNS, used, strict=True) if is_used]
    title = N_("Grids before and after") if compared else N_("Grids")
    parsed = parse_shapes([shapes.get(code) for code in comparison.totals_by_code])
    return ExportTable("grids", title, columns, rows, parsed, make_status_style("grid_code"))


def make_move_table(comparison: RevisionComparison) -> ExportTable:
    """Return the buildings that change their grid, all of them."""
    rows = [
        (each.code, each.name, each.households, each.from_grid, each.to_grid) for each in comparison.moved_buildings
    ]
    return ExportTable("moved_buildings", N_("Buildings that change their grid"), MOVE_COLUMNS, rows)


def make_revision_table(revisions: Sequence[RevisionSummary]) -> ExportTable:
    """Return the revisions of a community, the newest first."""
    return ExportTable("revisions", N_("Revisions"), REVISION_COLUMNS, [_revision_row(each) for each in revisions])


def make_street_table(streets: Sequence[BorderStreet]) -> ExportTable:
    """Return the border streets of a revision with the grid in which each counts."""
    shapes = parse_shapes([each.shape for each in streets])
    rows = [_street_row(each) for each in streets]
    return ExportTable("border_streets", N_("Border streets"), STREET_COLUMNS, rows, shapes, STREET_STYLE)


def make_effect_table(changes: "Sequence[GridChange]") -> ExportTable:
    """Return the grids that a move changes, before and after."""
    rows = [(each.code, *each.households, *each.buildings, *each.statuses) for each in changes]
    return ExportTable("move_effect", N_("Effect of the move"), EFFECT_COLUMNS, rows)


def _street_row(street: BorderStreet) -> Sequence[Value]:
    language, sides = current_language(), street.sides
    codes = {side.grid_id: side.code for side in sides}
    counts_in = translate(AS_DRAWN, language) if street.grid_id is None else codes.get(street.grid_id)
    return (
        street.name or translate(NAMELESS_STREET, language),
        *(side.code for side in sides),
        round(street.length_m),
        street.incidents,
        *(side.incidents for side in sides),
        counts_in,
    )


def _plan_row(subdistrict_name: str, plans: CommunityPlans) -> Sequence[Value]:
    revision = plans.in_force
    counts = [plans.status_counts[status] if revision else None for status in GRID_STATUS_LABELS]  # type: ignore[index]  # the keys are the same words, but not literals
    number = revision.number if revision else None
    first = revision.adoption_periods[-1].first if revision and revision.adoption_periods else None
    upcoming = "、".join(str(each.number) for each in plans.upcoming) or None
    community = plans.community
    place = subdistrict_name, community.code, community.name, plans.size.households
    return *place, number, first, *counts, upcoming, len(plans.drafts)


def _comparison_row(code: str, comparison: RevisionComparison) -> Sequence[Value]:
    before, after = comparison.totals_by_code[code]
    change = after.households - before.households if before and after else None
    return (
        code,
        comparison.grid_names[code],
        before.households if before else None,
        after.households if after else None,
        change,
        after.buildings if after else None,
        _status(before),
        _status(after),
    )


def _status(totals: GridTotals | None) -> str | None:
    return totals.status if totals else None


def _revision_row(revision: RevisionSummary) -> Sequence[Value]:
    counts = [revision.status_counts[status] for status in GRID_STATUS_LABELS]  # type: ignore[index]  # the keys are the same words, but not literals
    periods = "；".join(f"{each.first} – {each.last or ''}".strip() for each in revision.adoption_periods)
    created_by = revision.created_by or translate(N_("by a command"), current_language())
    at = revision.created_at.replace(tzinfo=None)
    return revision.number, revision.plan_name, revision.status, at, created_by, *counts, periods, revision.row.note
