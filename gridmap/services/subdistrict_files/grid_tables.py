"""Tables of grids in force, their issues, things in no grid, and buildings of a grid."""

from collections.abc import Iterator, Mapping, Sequence

from gridmap.core.errors import N_
from gridmap.services.exports.tables import Column, ExportTable, LayerStyle, Value, make_status_style, parse_shapes
from gridmap.services.grids.details import GridBuildingRow, GridDetails
from gridmap.services.grids.in_force import GridInForce
from gridmap.services.grids.issues import DayIssues
from gridmap.services.grids.overview import LinkCount
from gridmap.services.subdistrict_files.labels import GRID_STATUS_LABELS, ITEM_LABELS, POPULATION_BASIS_LABELS
from gridmap.texts import translate

GRID_COLUMNS = (
    Column("grid_code", N_("Grid")),
    Column("grid_name", N_("Name")),
    Column("community", N_("Community")),
    Column("status", N_("Status"), GRID_STATUS_LABELS),
    Column("workers", N_("Grid worker")),
    Column("households", N_("Households")),
    Column("hh_low", N_("Households at least")),
    Column("hh_high", N_("Households at most")),
    Column("minimum", N_("Minimum of the norm")),
    Column("maximum", N_("Maximum of the norm")),
    Column("residents", N_("Residents")),
    Column("res_60", N_("60 and older")),
    Column("basis", N_("Residents counted by"), POPULATION_BASIS_LABELS),
    Column("counted", N_("Source of the counts")),
    Column("buildings", N_("Buildings")),
    Column("area_ha", N_("Area (ha)")),
    Column("since", N_("In force from")),
    Column("reason", N_("Reason")),
)
VACANT, OUT_OF_RANGE = N_("Grids without worker"), N_("Grids out of range")
UNLINKED_TITLES = {
    "buildings": N_("Buildings in no grid"),
    "shops": N_("Shops in no grid"),
    "facilities": N_("Facilities in no grid"),
    "organisations": N_("Organisations in no grid"),
    "incidents": N_("Incidents of a year in no grid"),
}
ISSUE_COLUMNS = (
    Column("issue", N_("Issue")),
    Column("object", N_("Grid or name")),
    Column("community", N_("Community")),
    Column("households", N_("Households")),
    Column("number", N_("Number")),
)
BUILDING_COLUMNS = (
    Column("code", N_("Building")),
    Column("name", N_("Name")),
    Column("address", N_("Address")),
    Column("use", N_("Use")),
    Column("levels", N_("Storeys")),
    Column("households", N_("Households")),
    Column("estimated", N_("Estimated")),
)
BUILDING_STYLE = LayerStyle(label_field="name")
YES = N_("yes")


def make_grid_table(grids: Sequence[GridInForce], community_names: Mapping[int, str], language: str) -> ExportTable:
    """Return the grids in force as the overview lists them, with their shapes.

    Parameters
    ----------
    grids : sequence of GridInForce
    community_names : mapping of int to str
    language : str
        Language of reasons, which are sentences.
    """
    rows = [_grid_row(grid, community_names, language) for grid in grids]
    shapes = parse_shapes([grid.shape for grid in grids])
    return ExportTable("grids", N_("Grids in force"), GRID_COLUMNS, rows, shapes, make_status_style("grid_code"))


def make_issue_table(issues: DayIssues, community_names: Mapping[int, str], language: str) -> ExportTable:
    """Return the issues of a day: a row for each grid, and for each thing that is named."""
    rows: list[Sequence[Value]] = []
    for name, grids in ((VACANT, issues.vacant), (OUT_OF_RANGE, issues.out_of_range)):
        rows += [
            (translate(name, language), grid.code, community_names.get(grid.community_id), grid.households.number, None)
            for grid in grids
        ]
    for each in issues.unlinked:
        title = translate(UNLINKED_TITLES[each.kind], language)
        rows += [(title, name, None, None, None) for name in each.names]
        rows.append((title, None, None, None, each.count))
    return ExportTable("issues", N_("Issues on this day"), ISSUE_COLUMNS, rows)


def make_link_table(link_counts: Sequence[LinkCount]) -> ExportTable:
    """Return the numbers of items in a grid and in none, by kind."""
    columns = [
        Column("kind", N_("Kind"), ITEM_LABELS),
        Column("total", N_("All")),
        Column("unlinked", N_("in no grid")),
    ]
    rows = [(each.kind, each.total, each.unlinked) for each in link_counts]
    return ExportTable("links", N_("Items in a grid and in none"), columns, rows)


def make_building_table(details: GridDetails, use_names: Mapping[str, str], language: str) -> ExportTable:
    """Return the buildings of a grid as its page lists them."""
    buildings = list_buildings(details)
    shapes = parse_shapes([each.shape for each in buildings])
    rows = list(_building_rows(buildings, use_names, language))
    return ExportTable("buildings", N_("Buildings"), BUILDING_COLUMNS, rows, shapes, BUILDING_STYLE)


def make_all_buildings_table(
    buildings: Sequence[tuple[str, GridBuildingRow]], use_names: Mapping[str, str], language: str
) -> ExportTable:
    """Return the buildings of several grids, each with the code of its grid."""
    rows = _building_rows([each for _, each in buildings], use_names, language)
    coded = [(code, *row) for (code, _), row in zip(buildings, rows, strict=True)]
    columns, shapes = (GRID_COLUMNS[0], *BUILDING_COLUMNS), parse_shapes([each.shape for _, each in buildings])
    return ExportTable("buildings", N_("Buildings"), columns, coded, shapes, BUILDING_STYLE)


def list_buildings(details: GridDetails) -> Sequence[GridBuildingRow]:
    """Return the buildings of a grid in the order of its page."""
    return [*details.inhabited_buildings, *details.other_buildings]


def _building_rows(
    buildings: Sequence[GridBuildingRow], use_names: Mapping[str, str], language: str
) -> Iterator[Sequence[Value]]:
    for each in buildings:
        use = use_names.get(each.use or "", each.use)
        estimated = translate(YES, language) if each.estimated else None
        yield each.code, each.display_name, each.address, use, each.levels, each.households, estimated


def _grid_row(grid: GridInForce, community_names: Mapping[int, str], language: str) -> Sequence[Value]:
    households = grid.households
    limits = (households.low, households.high) if households.estimated else (None, None)
    return (
        grid.code,
        grid.name,
        community_names.get(grid.community_id),
        grid.status,
        "、".join(grid.workers) or None,
        households.number,
        *limits,
        *((grid.norm.norm.minimum, grid.norm.norm.maximum) if grid.kind == "household" else (None, None)),
        *_population_values(grid),
        grid.buildings,
        round(grid.area_m2 / 10000, 2),
        grid.since,
        grid.reason and translate(grid.reason, language),
    )


def _population_values(grid: GridInForce) -> Sequence[Value]:
    """Return residents, those of 60 and older, the basis, and source and day of the counts."""
    basis = grid.population_basis
    if basis.name == "none":
        return None if grid.households.number else grid.residents.number, None, None, None
    source = f"{basis.source} {basis.as_of}" if basis.by_counts else None
    return grid.residents.number, grid.residents_60, basis.name, source
