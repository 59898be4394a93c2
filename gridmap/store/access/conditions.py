"""Conditions of row-level security: which rows an account sees, and which it writes.

Each condition is SQL about one row. Functions without arguments stand in parentheses with SELECT, so that a query calls
them once and not once for each row.
"""

from gridmap.core.vocabulary import AccessClass
from gridmap.store.schema import Base

IN_SUBDISTRICTS = "{column} = ANY ((SELECT my_subdistricts())::bigint[])"
IN_WHOLE_SUBDISTRICTS = "{column} = ANY ((SELECT my_whole_subdistricts())::bigint[])"
IN_COMMUNITIES = "community_id = ANY ((SELECT my_communities())::bigint[])"
IN_SCOPE = f"({IN_WHOLE_SUBDISTRICTS.format(column='subdistrict_id')} OR {IN_COMMUNITIES})"
IN_APPROVAL_COMMUNITIES = "community_id = ANY ((SELECT my_approval_communities())::bigint[])"
IN_OWN_REVISIONS = "revision_id IN (SELECT id FROM revision)"
COMMUNITY_OF_REVISION = "(SELECT community_id FROM revision WHERE revision.id = revision_id)"
GRID_IN_COMMUNITY_OF_REVISION = f"(SELECT community_id FROM grid WHERE grid.id = grid_id) = {COMMUNITY_OF_REVISION}"
"""A grid of a revision belongs to the community of the revision."""
IN_OWN_BUILDINGS = (
    "(CASE (SELECT my_role()) WHEN 'station' THEN EXISTS (SELECT FROM building b"
    " WHERE b.id = building_id AND b.community_id = ANY ((SELECT my_communities())::bigint[]))"
    " ELSE building_id IN (SELECT my_buildings()) END)"
)
"""The buildings of `my_buildings`; those of a station are many, so each is looked up by its community."""
SEES_EVERY_CLASS = "(SELECT my_role()) IN ('worker', 'station')"
"""Planners and leaders see ordinary incidents only, but for the lines of a leader."""
OF_OWN_LINES = (
    "((subdistrict_id, category, access_class) IN (SELECT w.subdistrict_id, w.category, w.access_class"
    " FROM my_line_categories() w WHERE w.community_id IS NULL)"
    " OR ((SELECT x.community_id FROM cell x WHERE x.id = cell_id), category, access_class) IN"
    " (SELECT p.community_id, p.category, p.access_class FROM my_line_categories() p"
    " WHERE p.community_id IS NOT NULL))"
)
"""Incidents of a leader's service lines, where a purpose is chosen; without lines, no cell is looked up."""
IN_WHOLE_TERRITORY = (
    "((SELECT my_role()) IN ('planner', 'leader', 'station')"
    f" AND {IN_WHOLE_SUBDISTRICTS.format(column='subdistrict_id')})"
)
"""Incidents of subdistricts that a scope covers; before the cells, which are not listed if this holds for all rows."""
IN_COUNTED_BUILDINGS = (
    "((SELECT my_role()) IN ('planner', 'station') AND building_id IN (SELECT id FROM building"
    f" WHERE {IN_COMMUNITIES}))"
)
"""Counts of persons by building: for the roles that enter or check them. All others get sums of larger places."""
OF_SEEN_INCIDENTS = "EXISTS (SELECT FROM incident i WHERE i.id = incident_id)"
"""Rows of incidents that the account sees; their steps and photos are for those who handle or supervise them."""
OF_ACCOUNT = "account_id = (SELECT my_account())"
IS_ADMIN = "(SELECT my_role()) = 'admin'"
OF_OWN_IMPORTS = (
    "(account_id = (SELECT my_account())"
    f" OR (role = (SELECT my_role()) AND {IN_WHOLE_SUBDISTRICTS.format(column='subdistrict_id')}))"
)
"""Imports of the account, and those of its role where a scope covers the whole subdistrict."""

HIDDEN_TABLES = (
    "case_query_code",
    "case_query_throttle",
    "credential",
    "known_device",
    "sign_in_throttle",
    "second_factor",
    "recovery_code",
    "pending_sign_in",
    "web_session",
    "line_viewing",
    "installation",
    "installation_secret",
    "periodic_task",
    "statistical_area",
    "statistical_area_building",
    "statistical_area_count",
    "published_group_count",
    "change_set",
    "record_change",
)
"""Tables that the application reaches through functions only."""

READ_ONLY_TABLES = (
    "account",
    "account_scope",
    "account_scope_line",
    "building_cell",
    "case_notice",
    "case_step",
    "category_class_change",
    "data_version",
    "incident_case",
    "incident_category",
    "incident_month",
    "incident_month_change",
    "incident_photo",
    "job",
    "leave",
    "person_export",
    "published_count",
    "reveal_budget",
    "service_group",
    "service_line",
    "special_task",
    "special_task_account",
    "stored_file",
    "stored_file_chunk",
    "withdrawn_report",
)
"""Tables that the application reads, and changes through functions or triggers only."""

BUILDING_CONDITIONS = {
    "household": IN_OWN_BUILDINGS,
    "resident": "EXISTS (SELECT FROM household h WHERE h.id = household_id)",
    "dwelling": IN_OWN_BUILDINGS,
}
"""Conditions of tables about persons and dwellings, in addition to that of the subdistrict."""

IN_OWN_GROUPS = (
    "EXISTS (SELECT FROM service_group g WHERE g.id = service_group_id AND g.in_use"
    " AND (g.access_class <> 'sensitive' OR (SELECT my_role()) = 'station'))"
    " AND EXISTS (SELECT FROM resident r WHERE r.id = resident_id)"
)
"""Members of service groups that are in use, where the account sees the resident; of sensitive ones stations only."""

IN_COUNTED_GROUPS = (
    "(SELECT my_role()) = 'station' AND EXISTS (SELECT FROM service_group g WHERE g.id = service_group_id AND g.in_use)"
    f" AND building_id IN (SELECT id FROM building WHERE {IN_COMMUNITIES})"
)
"""Counts of members by building: of groups in use, for the stations that enter them."""

IN_OWN_FIRST_DAY = f"(SELECT my_role()) = 'planner' AND {IN_WHOLE_SUBDISTRICTS.format(column='subdistrict_id')}"
"""Pictures and drafts of the first day: planners of the whole subdistrict."""
IN_UNBUILT_SUBDISTRICTS = "subdistrict_id = ANY ((SELECT my_unbuilt_subdistricts())::bigint[])"
"""Whole subdistricts of a planner without land from before this transaction."""
IN_REBUILT_COMMUNITIES = "community_id = ANY ((SELECT my_rebuilt_communities())::bigint[])"
"""The community whose land the job of the transaction builds anew for a planner; none for a session of a browser."""
ON_REBUILT_LAND = f"land_id IN (SELECT l.id FROM land l WHERE l.created_at = now() AND l.{IN_REBUILT_COMMUNITIES})"
IN_REBUILT_BUILDINGS = f"building_id IN (SELECT b.id FROM building b WHERE b.{IN_REBUILT_COMMUNITIES})"
FIRST_DAY_TABLES = ("estate", "courtyard", "street", "barrier", "dedicated_land", "land", "cell", "building_cell")
"""Tables that a planner of the whole subdistrict fills, once, on its first day; its boundaries a function draws."""

PLACE_TABLES = ("shop", "organisation", "facility")
"""Places that a station keeps by sheets and by hand."""
PLACES_IN_COMMUNITIES = (
    f"(CASE WHEN building_id IS NOT NULL THEN building_id IN (SELECT id FROM building WHERE {IN_COMMUNITIES})"
    f" WHEN cell_id IS NOT NULL THEN cell_id IN (SELECT id FROM cell WHERE {IN_COMMUNITIES}) ELSE true END)"
)
"""Places in buildings, or on cells, of the account's communities; and those on no land, which any of them mends."""

ROW_CONDITIONS = {
    **BUILDING_CONDITIONS,
    "population_count": IN_COUNTED_BUILDINGS,
    "service_group_count": IN_COUNTED_GROUPS,
    "picture": IN_OWN_FIRST_DAY,
    "tracing": IN_OWN_FIRST_DAY,
    "service_group_member": IN_OWN_GROUPS,
    "plan": IN_COMMUNITIES,
    "revision": IN_COMMUNITIES,
    "revision_grid": IN_OWN_REVISIONS,
    "revision_street": IN_OWN_REVISIONS,
    "micro_grid": IN_OWN_REVISIONS,
    "assignment": IN_OWN_REVISIONS,
    "adoption": IN_COMMUNITIES,
    "worker": f"({IN_COMMUNITIES} OR account_id = (SELECT my_account()))",
    "duty": "worker_id IN (SELECT id FROM worker)",
    "leave": "worker_id IN (SELECT id FROM worker)",
    "incident": f"((({SEES_EVERY_CLASS} OR access_class = 'ordinary')"
    f" AND ({IN_WHOLE_TERRITORY} OR cell_id IN (SELECT my_cells())))"
    f" OR ({SEES_EVERY_CLASS} AND reported_by = (SELECT my_account()))"
    " OR ((SELECT my_role()) = 'worker' AND id IN (SELECT my_street_incidents()))"
    " OR ((SELECT my_role()) = 'worker' AND id IN (SELECT my_handled_cases()))"
    f" OR {OF_OWN_LINES})",
    **dict.fromkeys(("incident_former_cell", "incident_case"), OF_SEEN_INCIDENTS),
    **dict.fromkeys(
        ("case_step", "incident_photo"),
        f"(SELECT my_role()) IN ('worker', 'station', 'leader') AND {OF_SEEN_INCIDENTS}",
    ),
    **dict.fromkeys(("case_notice", "withdrawn_report"), OF_ACCOUNT),
    "incident_month": IN_WHOLE_TERRITORY,
    "incident_month_change": IN_WHOLE_TERRITORY,
    "published_count": f"(SELECT my_role()) IN ('planner', 'leader', 'station') AND {IN_SCOPE}",
    "category_class_change": f"{IS_ADMIN} AND {IN_WHOLE_SUBDISTRICTS.format(column='subdistrict_id')}",
    "audit": f"{IS_ADMIN} AND {IN_SCOPE}",
    "job": OF_ACCOUNT,
    "stored_file": OF_ACCOUNT,
    "stored_file_chunk": "stored_file_id IN (SELECT id FROM stored_file)",
    "data_source": "(SELECT my_role()) IN ('planner', 'station', 'admin')",
    "import_draft": OF_ACCOUNT,
    "import_run": OF_OWN_IMPORTS,
    "account_scope": f"(account_id = (SELECT my_account()) OR ({IS_ADMIN} AND {IN_SCOPE}))",
    "account_scope_line": "account_scope_id IN (SELECT id FROM account_scope)",
    "person_export": f"(requested_by = (SELECT my_account()) OR ({IS_ADMIN} AND {IN_SCOPE}))",
    "special_task": "(can_manage_special_task(id)"
    " OR id IN (SELECT special_task_id FROM special_task_account WHERE account_id = (SELECT my_account())))",
    "special_task_account": "(account_id = (SELECT my_account()) OR can_manage_special_task(special_task_id))",
}
"""Further conditions of the rows that an account sees, in addition to that of the subdistrict."""

WITHIN_SUBDISTRICTS = (
    *BUILDING_CONDITIONS,
    "plan",
    "revision",
    "revision_grid",
    "revision_street",
    "micro_grid",
    "assignment",
    "adoption",
)
"""Tables whose condition holds within the account's subdistricts only: that of the subdistrict would cost a call more.

A community, revision or building belongs to the subdistrict of the row by a foreign key.
"""

WRITE_CONDITIONS = {
    **BUILDING_CONDITIONS,
    "service_group_member": IN_OWN_GROUPS,
    "service_group_count": IN_COUNTED_GROUPS,
    "unit": IN_OWN_BUILDINGS,
    "building": IN_COMMUNITIES,
    **dict.fromkeys(
        ("household_count", "population_count"), f"building_id IN (SELECT id FROM building WHERE {IN_COMMUNITIES})"
    ),
    **dict.fromkeys(PLACE_TABLES, PLACES_IN_COMMUNITIES),
    "plan": IN_COMMUNITIES,
    "revision": f"{IN_COMMUNITIES} AND community_id = (SELECT p.community_id FROM plan p WHERE p.id = plan_id)"
    " AND community_id = (SELECT l.community_id FROM land l WHERE l.id = land_id)",
    "grid": IN_COMMUNITIES,
    "revision_grid": GRID_IN_COMMUNITY_OF_REVISION,
    "revision_street": f"{GRID_IN_COMMUNITY_OF_REVISION} AND EXISTS (SELECT FROM street s WHERE s.id = street_id)"
    " AND NOT EXISTS (SELECT FROM adoption a WHERE a.revision_id = revision_street.revision_id)",
    "micro_grid": GRID_IN_COMMUNITY_OF_REVISION,
    "assignment": f"{GRID_IN_COMMUNITY_OF_REVISION}"
    f" AND (SELECT community_id FROM cell WHERE cell.id = cell_id) = {COMMUNITY_OF_REVISION}",
    "adoption": f"{IN_APPROVAL_COMMUNITIES} AND community_id = {COMMUNITY_OF_REVISION}",
    "worker": IN_COMMUNITIES,
    "resident_group": IN_COMMUNITIES,
    "duty": " AND ".join(
        (
            f"worker_id IN (SELECT id FROM worker WHERE {IN_COMMUNITIES})",
            *(
                f"({place}_id IS NULL OR {place}_id IN (SELECT id FROM {place} WHERE {IN_COMMUNITIES}))"
                for place in ("grid", "building", "resident_group")
            ),
        )
    ),
    "community": "id = ANY ((SELECT my_communities())::bigint[])",
    "norm": f"(CASE WHEN community_id IS NULL THEN {IN_WHOLE_SUBDISTRICTS.format(column='subdistrict_id')}"
    f" ELSE {IN_COMMUNITIES} END)",
    "subdistrict": IN_WHOLE_SUBDISTRICTS.format(column="id"),
    **dict.fromkeys(("picture", "tracing"), IN_OWN_FIRST_DAY),
    **dict.fromkeys(FIRST_DAY_TABLES, IN_UNBUILT_SUBDISTRICTS),
    "land": f"({IN_UNBUILT_SUBDISTRICTS} AND holds_from IS NULL"
    f" OR {IN_REBUILT_COMMUNITIES} AND holds_from = (SELECT today()))",
    "cell": f"({IN_UNBUILT_SUBDISTRICTS} OR {IN_REBUILT_COMMUNITIES} AND {ON_REBUILT_LAND})",
    "building_cell": f"({IN_UNBUILT_SUBDISTRICTS} OR {ON_REBUILT_LAND} AND {IN_REBUILT_BUILDINGS})",
}
"""Further conditions of the rows that an account writes, in addition to those of subdistrict and role."""

INSERT_CONDITIONS = {
    "incident": "reported_by = (SELECT my_account())",
    "import_draft": OF_ACCOUNT,
    "import_run": "account_id = (SELECT my_account()) AND role = (SELECT my_role())",
    "land": "created_at = now() AND created_by = (SELECT my_account())",
    "norm": "created_by = (SELECT my_account()) AND withdrawn_at IS NULL",
}
"""Conditions of new rows only: a report is made, a sheet imported, a norm entered and land built in one's own name."""

INSERT_ROLES = {
    "building": ("planner", "station"),
    "household_count": ("planner",),
    "population_count": ("planner", "station"),
    "data_source": ("planner", "station", "admin"),
    **dict.fromkeys(("import_draft", "import_run"), ("planner", "station", "admin")),
    **dict.fromkeys(PLACE_TABLES, ("station",)),
    "plan": ("planner",),
    "revision": ("planner",),
    "grid": ("planner",),
    "revision_grid": ("planner",),
    "revision_street": ("planner",),
    "micro_grid": ("planner",),
    "assignment": ("planner",),
    "adoption": ("planner", "leader"),
    "worker": ("station", "admin"),
    "duty": ("station", "admin"),
    "incident": ("worker", "station"),
    "resident_group": ("station", "admin"),
    "unit": ("station",),
    "dwelling": ("station",),
    "household": ("station",),
    "norm": ("planner", "admin"),
    "resident": ("station",),
    **dict.fromkeys(("service_group_member", "service_group_count"), ("station",)),
    **dict.fromkeys(("picture", "tracing", *FIRST_DAY_TABLES), ("planner",)),
}
UPDATE_ROLES = {
    "building": ("planner",),
    "household_count": ("planner",),
    "population_count": ("planner", "station"),
    "data_source": ("planner", "station", "admin"),
    "import_draft": ("planner", "station", "admin"),
    **dict.fromkeys(PLACE_TABLES, ("station",)),
    "plan": ("planner",),
    "adoption": ("planner", "leader"),
    "worker": ("station", "admin"),
    "duty": ("station", "admin"),
    "incident": ("worker", "station"),
    "dwelling": ("station",),
    "household": ("station",),
    "norm": ("planner", "admin"),
    "resident": ("worker", "station"),
    **dict.fromkeys(("service_group_member", "service_group_count"), ("station",)),
    "subdistrict": ("admin",),
    "community": ("station", "admin"),
    **dict.fromkeys(("picture", "tracing"), ("planner",)),
}
UPDATE_COLUMNS = {"community": ("station_phone",)}
"""The only columns of a table that accounts change, where they do not change all of it."""
FUNCTION_DELETES = ("duty", "import_draft")
"""Tables from which functions remove rows: duties that have not begun, and drafts that have had their time."""
FORMER_CELL_TABLES = (
    "incident_former_cell",
    "facility_former_cell",
    "organisation_former_cell",
    "shop_former_cell",
)
"""Former cells of places; an undo deletes them with the place."""
REBUILD_TABLES = ("land", "adoption", "incident", *FORMER_CELL_TABLES)
"""Tables that functions write when land is built anew, in addition to those of the journal."""
FUNCTION_COLUMNS = {"worker": ("account_id",)}
"""Columns that only functions write: a link between a person of the roster and an account opens data of persons."""

UNREADABLE_COLUMNS = {
    "resident": ("name",),
    "incident": ("reported_by", "idempotency_key", "building_id"),
}
"""Columns that the application reads through functions only: they record it, or tell it to some roles only."""
INCIDENT_SEQUENCES = tuple(f"incident_{access_class}_id_seq" for access_class in AccessClass)
"""Sequences of the keys of incidents, one for each class; a trigger takes the keys."""

IMMUTABLE_TABLES = (
    "audit",
    "case_step",
    "revision",
    "revision_grid",
    "revision_street",
    "assignment",
    "published_count",
    "published_group_count",
    "statistical_area_building",
    "statistical_area_count",
)
"""Tables whose rows nobody changes or deletes, not even the owner."""


def protected_tables() -> list[str]:
    """Return the tables under row-level security: all with rows of a subdistrict that the application may read."""
    names = {name for name, table in Base.metadata.tables.items() if "subdistrict_id" in table.c}
    return sorted(names.difference(HIDDEN_TABLES) | {"subdistrict", "account"})


def hidden_subdistrict_tables() -> list[str]:
    """Return the hidden tables with rows of a subdistrict; under row-level security as well, for functions only."""
    return sorted(name for name in HIDDEN_TABLES if "subdistrict_id" in Base.metadata.tables[name].c)


def visible_condition(table: str) -> str:
    """Return the condition of the rows that the application sees: those of the account's subdistricts, or fewer."""
    if table in WITHIN_SUBDISTRICTS:
        return ROW_CONDITIONS[table]
    return " AND ".join(filter(None, (_subdistrict_condition(table), ROW_CONDITIONS.get(table))))


def write_condition(table: str, roles: tuple[str, ...]) -> str:
    """Return the condition of the rows that accounts with one of the roles may write."""
    role_list = ", ".join(f"'{role}'" for role in roles)
    parts = _subdistrict_condition(table), f"(SELECT my_role()) IN ({role_list})", WRITE_CONDITIONS.get(table)
    return " AND ".join(filter(None, parts))


def insert_condition(table: str) -> str:
    """Return the condition of new rows."""
    return " AND ".join(filter(None, (write_condition(table, INSERT_ROLES[table]), INSERT_CONDITIONS.get(table))))


def _subdistrict_condition(table: str) -> str:
    return IN_SUBDISTRICTS.format(column="id" if table == "subdistrict" else "subdistrict_id")
