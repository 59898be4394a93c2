"""Tables of rosters: communities, their grids and their people, as the pages show them."""

from collections.abc import Mapping, Sequence

from gridmap.core.errors import N_
from gridmap.services.exports.tables import Column, ExportTable, Value
from gridmap.services.subdistrict_files.labels import ROSTER_ROLE_LABELS
from gridmap.services.workers.roster import CommunityRow, GridRoster, Roster, SubdistrictRow, WorkerRow
from gridmap.texts import translate

GRID_COLUMNS = (
    Column("grid_code", N_("Grid")),
    Column("grid_name", N_("Name")),
    Column("in_charge", N_("In charge")),
    Column("phone", N_("Office phone")),
    Column("substitute", N_("Substitute")),
    Column("others", N_("Others")),
)
PEOPLE_COLUMNS = (
    Column("name", N_("Name")),
    Column("phone", N_("Office phone")),
    Column("hours", N_("Hours"), {"full": N_("full-time"), "part": N_("part-time")}),
    Column("first", N_("First day")),
    Column("last", N_("Last day")),
    Column("lines", N_("Lines of work")),
    Column("places", N_("Buildings and resident groups")),
)
INDEX_COLUMNS = (
    Column("subdistrict", N_("Subdistrict")),
    Column("complaints", N_("Phone for complaints")),
    Column("code", N_("Code")),
    Column("community", N_("Community")),
    Column("vacant", N_("Grids without anybody in charge")),
    Column("phone", N_("Office phone")),
)
SEPARATOR = "、"


def make_index_table(communities: Mapping[SubdistrictRow, Sequence[tuple[CommunityRow, int]]]) -> ExportTable:
    """Return the communities with their vacant grids and office phones, as the first page of the roster lists them."""
    rows = [
        (subdistrict.name, subdistrict.supervision_phone, each.code, each.name, vacant, each.station_phone)
        for subdistrict, listed in communities.items()
        for each, vacant in listed
    ]
    return ExportTable("roster", N_("Roster"), INDEX_COLUMNS, rows)


def make_grid_table(rosters: Sequence[Roster], language: str) -> ExportTable:
    """Return the grids of communities with the people of each."""
    rows = [_grid_row(each, roster, language) for roster in rosters for each in roster.grids]
    return ExportTable("roster_grids", N_("Grids"), GRID_COLUMNS, rows)


def make_people_table(rosters: Sequence[Roster], line_names: Mapping[str, str]) -> ExportTable:
    """Return the people on the rosters of communities.

    Parameters
    ----------
    rosters : sequence of Roster
    line_names : mapping of str to str
        Names of lines of work by key, in the language of the file.
    """
    rows = [_person_row(each, roster, line_names) for roster in rosters for each in roster.workers]
    return ExportTable("roster_people", N_("People"), PEOPLE_COLUMNS, rows)


def _grid_row(shown: GridRoster, roster: Roster, language: str) -> Sequence[Value]:
    duty = shown.in_charge
    leave = roster.absent_ids.get(duty.worker_id) if duty else None
    others = [
        f"{each.worker} ({translate(ROSTER_ROLE_LABELS[each.role], language)})"
        for each in shown.people
        if not each.in_charge
    ]
    return (
        shown.grid.code,
        shown.grid.name,
        duty.worker if duty else None,
        duty.office_phone if duty else None,
        leave.substitute if leave else None,
        SEPARATOR.join(others) or None,
    )


def _person_row(worker: WorkerRow, roster: Roster, line_names: Mapping[str, str]) -> Sequence[Value]:
    duties = [each for each in roster.others if each.worker_id == worker.id]
    lines = [line_names.get(each.line_of_work, each.line_of_work) for each in duties if each.line_of_work]
    places = [name for each in duties if (name := each.building or each.resident_group)]
    hours = "full" if worker.full_time else "part"
    named = SEPARATOR.join(lines) or None, SEPARATOR.join(places) or None
    return worker.name, worker.office_phone, hours, worker.first, worker.last, *named
