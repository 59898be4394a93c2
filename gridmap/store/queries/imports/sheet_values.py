"""Stored rows of a sheet, with a value for each field of its kind: for the owner's commands only."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session


class Selection(NamedTuple):
    """Rows of a kind: the table, an expression for each field, joins, and the condition of the rows of today.

    `source` takes the place of the table where its rows are put together from several.
    """

    table: str
    columns: str
    joins: str
    condition: str = "true"
    source: str = ""


TEMPLATES: Mapping[str, str] = {
    "@place@": """s.name AS subdistrict, c.name AS community, b.code AS building_code, e.name AS estate,
        b.name AS building, CASE WHEN b.name IS NULL THEN b.address ELSE concat(e.name, b.name) END""",
    "@door_text@": " || concat(u.name, d.number, CASE WHEN d.number ~ '^[0-9]+$' THEN '室' END) AS address",
    "@point@": """round(ST_X(t.geometry)::numeric, 7)::float8 AS longitude,
        round(ST_Y(t.geometry)::numeric, 7)::float8 AS latitude""",
    "@office@": "JOIN subdistrict s ON s.id = t.subdistrict_id JOIN community c ON c.id = t.community_id",
    "@of_building@": """JOIN subdistrict s ON s.id = t.subdistrict_id LEFT JOIN building b ON b.id = @building@
        LEFT JOIN estate e ON e.id = b.estate_id LEFT JOIN community c ON c.id = b.community_id""",
    "@present@": "t.valid @> today()",
}
COUNTS_OF_BUILDINGS = """(SELECT id, subdistrict_id, building_id, households, kind, as_of FROM household_count
    UNION ALL SELECT -p.id, p.subdistrict_id, p.building_id, h.households, h.kind, p.as_of FROM population_count p
        LEFT JOIN household_count h ON h.building_id = p.building_id AND h.as_of = p.as_of AND h.kind = 'resident')"""
"""Counts of households by their keys, and counts of persons by their negative ones, with the households of the day."""
PERSONS = """CASE WHEN t.kind IS NULL OR t.kind = 'resident' OR NOT EXISTS (SELECT FROM household_count o
    WHERE o.building_id = t.building_id AND o.as_of = t.as_of AND o.kind = 'resident') THEN (SELECT p.persons
    FROM population_count p WHERE p.building_id = t.building_id AND p.as_of = t.as_of AND p.kind = '@kind@') END"""
"""Persons of a building and day: in the row of its resident households, if there is one."""
SELECTIONS: Mapping[str, Selection] = {
    "resident-groups": Selection("resident_group", "s.name AS subdistrict, c.name AS community, t.name", "@office@"),
    "workers": Selection(
        "worker",
        """s.name AS subdistrict, c.name AS community, t.name, t.office_phone, t.full_time, g.code AS grid,
        d.in_charge""",
        """@office@ LEFT JOIN duty d ON d.worker_id = t.id AND d.kind = 'own_grid' AND d.valid @> today()
        LEFT JOIN grid g ON g.id = d.grid_id""",
        "@present@",
    ),
    "buildings": Selection(
        "building",
        """s.name AS subdistrict, c.name AS community, t.code AS building_code, e.name AS estate, t.name AS building,
        t.address, t.use, t.levels""",
        "@office@ LEFT JOIN estate e ON e.id = t.estate_id",
        "@present@",
    ),
    "dwellings": Selection(
        "dwelling",
        "@place@@door_text@, u.name AS unit, t.number AS door, t.floor, h.kind AS household_kind",
        """@of_building@ LEFT JOIN unit u ON u.id = t.unit_id JOIN dwelling d ON d.id = t.id
        LEFT JOIN household h ON h.dwelling_id = t.id AND h.valid @> today()""",
    ),
    "residents": Selection(
        "resident",
        """@place@@door_text@, u.name AS unit, d.number AS door, t.name, t.birth_year,
        t.id_number_encrypted AS id_number, t.phone_encrypted AS phone, h.kind AS household_kind,
        (SELECT count(*) FROM resident o WHERE o.household_id = h.id AND o.valid @> today()) AS household_size,
        (SELECT string_agg(g.name_zh, '、' ORDER BY g.id) FROM service_group_member m
            JOIN service_group g ON g.id = m.service_group_id AND g.in_use
            WHERE m.resident_id = t.id AND m.valid @> today()) AS service_groups""",
        """JOIN household h ON h.id = t.household_id @of_building@ LEFT JOIN dwelling d ON d.id = h.dwelling_id
        LEFT JOIN unit u ON u.id = d.unit_id""",
        "@present@",
    ),
    "shops": Selection(
        "shop", "@place@ AS building_text, t.address, t.name, t.weight, @point@", "@of_building@", "@present@"
    ),
    "organisations": Selection(
        "organisation", "@place@ AS address, t.name, t.kind, @point@", "@of_building@", "@present@"
    ),
    "facilities": Selection(
        "facility", "@place@ AS address, t.kind, t.name, t.area_m2, t.tenure, @point@", "@of_building@", "@present@"
    ),
    "household-counts": Selection(
        "household_count",
        "@place@ AS address, t.households, t.kind AS count_kind, t.as_of AS counted_on,"
        f" {PERSONS.replace('@kind@', 'residents')} AS residents,"
        f" {PERSONS.replace('@kind@', 'residents_60')} AS residents_60",
        "@of_building@",
        source=COUNTS_OF_BUILDINGS,
    ),
    "service-group-counts": Selection(
        "service_group_count",
        """@place@ AS address, t.as_of AS counted_on, (SELECT jsonb_object_agg(g.key, o.persons)
            FROM service_group_count o JOIN service_group g ON g.id = o.service_group_id AND g.in_use
            WHERE o.building_id = t.building_id AND o.as_of = t.as_of) AS group_counts""",
        "@of_building@",
    ),
    "incident-categories": Selection(
        "incident_category",
        """t.main_category, t.name_zh AS name, t.key, t.name_en, t.access_class, t.purpose, t.legal_basis,
        l.name_zh AS line_of_work, t.standard_code""",
        "LEFT JOIN service_line l ON l.subdistrict_id = t.subdistrict_id AND l.key = t.line_of_work",
    ),
    "incidents": Selection(
        "incident",
        """@place@ AS address, t.number, i.name_zh AS category, t.access_class, t.title, t.status, t.channel, t.urgent,
        t.occurred_at AT TIME ZONE current_setting('TimeZone') AS occurred_at,
        t.closed_at AT TIME ZONE current_setting('TimeZone') AS closed_at, @point@""",
        "@of_building@ JOIN incident_category i ON i.subdistrict_id = t.subdistrict_id AND i.key = t.category",
    ),
}
BUILDING_OF = {"residents": "h.building_id"}
LINKED_CHANGES: Mapping[str, tuple[str, str]] = {
    "workers": ("duty", "worker_id"),
    "dwellings": ("household", "dwelling_id"),
    "residents": ("service_group_member", "resident_id"),
}
"""Tables whose changes count as those of the row that they refer to, and the column that refers to it."""
OWN_CHANGES = {"@joins@": "", "@row@": "t"}
OTHER_COUNTS: Mapping[str, tuple[str, str]] = {
    "household-counts": (COUNTS_OF_BUILDINGS, "population_count"),
    "service-group-counts": ("service_group_count", "service_group_count"),
}
"""Counts whose changes count as those of the row of their building and day: source of the rows, and changed table."""
ROWS = """
    SELECT @columns@ FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS r(id, n) JOIN @source@ t ON t.id = r.id
    @joins@ WHERE @condition@ ORDER BY r.n
"""
CHANGES = """
    SELECT DISTINCT t.@key@ FROM @table@ t @joins@ JOIN record_change c ON c.table_name = '@changed@'
            AND c.row_id = @row@.id
        JOIN change_set s ON s.id = c.change_set_id
    WHERE t.@key@ = ANY (CAST(:ids AS bigint[])) AND s.id > :since AND s.undoes IS NULL
        AND NOT EXISTS (SELECT FROM change_set u WHERE u.undoes = s.id)
"""


def list_sheet_values(session: Session, kind: str, row_ids: Sequence[int]) -> list[dict[str, object]]:
    """Return the values by field of the rows that hold today, in the order of their keys in a list.

    Parameters
    ----------
    session : Session
        Of the owner.
    kind : str
        Kind of sheets.
    row_ids : sequence of int
        Each once. A worker with several grids, or a dwelling with households of both kinds, gives several rows.
    """
    selection = SELECTIONS[kind]
    selection = selection._replace(source=selection.source or selection.table)
    statement = _fill(ROWS, {f"@{name}@": value for name, value in selection._asdict().items()})
    statement = _fill(_fill(statement, TEMPLATES), {"@building@": BUILDING_OF.get(kind, "t.building_id")})
    return [dict(row) for row in session.execute(text(statement), {"ids": list(row_ids)}).mappings()]


def list_changed_ids(session: Session, kind: str, row_ids: Sequence[int], since: int) -> set[int]:
    """Return the keys of the rows that a change set after another one has changed, and that still stands.

    Parameters
    ----------
    session : Session
        Of the owner: the journal is hidden from pages.
    kind : str
    row_ids : sequence of int
    since : int
        Key of the change set.
    """
    tables = [(SELECTIONS[kind].table, "id")]
    if kind in LINKED_CHANGES:
        tables.append(LINKED_CHANGES[kind])
    values = {"ids": list(row_ids), "since": since}
    filled = [
        _fill(CHANGES, {"@table@": table, "@key@": key, **OWN_CHANGES, "@changed@": table}) for table, key in tables
    ]
    if kind in OTHER_COUNTS:
        source, changed = OTHER_COUNTS[kind]
        joins = f"JOIN {changed} p ON p.building_id = t.building_id AND p.as_of = t.as_of"
        parts = {"@table@": source, "@key@": "id", "@joins@": joins, "@row@": "p", "@changed@": changed}
        filled.append(_fill(CHANGES, parts))
    statements = map(text, filled)
    return {int(row_id) for statement in statements for row_id in session.execute(statement, values).scalars()}


def _fill(statement: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        statement = statement.replace(name, value)
    return statement
