"""Standard names for tables, columns, constraints, functions, triggers and policies.

Data stay as they are. Old functions, triggers and policies are dropped, whatever replaces them: under their old names
they would stay executable, and an old policy would grant access beside the new one. The upgrade then writes the new
ones, as always.
"""

from collections.abc import Iterable

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

RENAMED_TABLE = ("sign_in_brake", "sign_in_throttle")
RENAMED_COLUMNS = (
    ("sign_in_throttle", "mark", "fingerprint"),
    ("sign_in_throttle", "tried_at", "last_attempt_at"),
    ("account", "made_at", "created_at"),
    ("credential", "password", "password_hash"),
    ("web_session", "token", "token_hash"),
    ("web_session", "opened_at", "created_at"),
    ("web_session", "seen_at", "last_seen_at"),
    ("web_session", "address", "ip_address"),
    ("audit", "address", "ip_address"),
    ("land", "made_at", "created_at"),
    ("cell", "dedicated_id", "dedicated_land_id"),
    ("resident", "id_number_sealed", "id_number_encrypted"),
    ("resident", "id_number_mark", "id_number_index"),
    ("resident", "phone_sealed", "phone_encrypted"),
    ("resident", "phone_mark", "phone_index"),
    ("duty", "line", "kind"),
    ("duty", "subject", "line_of_work"),
    ("plan", "made_at", "created_at"),
    ("plan", "made_by", "created_by"),
    ("revision", "made_at", "created_at"),
    ("revision", "made_by", "created_by"),
    ("incident", "submission", "idempotency_key"),
)
RENAMED_CONSTRAINTS = (
    ("sign_in_throttle", "pk_sign_in_brake", "pk_sign_in_throttle"),
    ("incident", "uq_incident_reported_by_submission", "uq_incident_reported_by_idempotency_key"),
    ("cell", "fk_cell_dedicated_id_subdistrict_id", "fk_cell_dedicated_land_id_subdistrict_id"),
    ("plan", "fk_plan_made_by", "fk_plan_created_by"),
    ("revision", "fk_revision_made_by", "fk_revision_created_by"),
    ("resident", "ck_resident_id_number_marked", "ck_resident_id_number_indexed"),
    ("resident", "ck_resident_phone_marked", "ck_resident_phone_indexed"),
    ("duty", "ck_duty_line_known", "ck_duty_kind_known"),
    ("duty", "ex_duty_worker_id_line_grid_id_subject_valid", "ex_duty_worker_id_kind_grid_id_line_of_work_valid"),
)
"""Table, old and new name; indexes of constraints are renamed with them."""
RENAMED_INDEXES = (
    ("ix_resident_id_number_mark", "ix_resident_id_number_index"),
    ("ix_resident_phone_mark", "ix_resident_phone_index"),
)
PROTECTED_TABLES = (
    *("account", "account_scope", "adoption", "assignment", "audit", "barrier", "building", "building_cell", "cell"),
    *("community", "courtyard", "data_version", "dedicated_land", "duty", "dwelling", "estate", "facility", "grid"),
    *("household", "household_count", "incident", "land", "micro_grid", "organisation", "plan", "resident"),
    *("resident_group", "revision", "revision_grid", "shop", "street", "subdistrict", "unit", "worker"),
)
OLD_POLICIES = ("reads", "sees", "adds", "changes", "notes", "keeps")
NEW_POLICIES = ("reader_select", "app_select", "app_insert", "app_update", "reader_insert", "reader_all")
IMMUTABLE_TABLES = ("audit", "revision", "revision_grid", "assignment")
DRAWN_TABLES = ("building", "building_cell", "adoption", "grid")
OLD_FUNCTIONS = (
    "acts_as_owner()",
    "governs(bigint)",
    "refuse_unless(boolean)",
    "give_scope(bigint, bigint, bigint, bigint, daterange)",
    "make_account(text, text, text, text, bigint, bigint, bigint, daterange)",
    "end_scope(bigint)",
    "set_password(bigint, text, inet)",
    "set_password(bigint, text)",
    "set_active(bigint, boolean)",
    "set_language(text)",
    "note(text, bigint, text, bigint, text, jsonb, inet)",
    "name_taken(text)",
    "note_account(text, bigint, bigint, jsonb, inet)",
    "brake_wait(integer, integer)",
    "name_mark(text)",
    "address_mark(inet)",
    "begin_sign_in(text, inet)",
    "note_failed_sign_in(text, inet)",
    "open_session(bigint, bytea, inet)",
    "find_session(bytea)",
    "close_session(bytea, inet)",
    "renew_hash(bigint, text, text)",
    "told(bigint, boolean)",
    "sees_persons_of(bigint, bigint)",
    "residents_by_grid(bigint, date)",
    "next_incident_number(bigint)",
    "planned_by(bigint)",
    "public_offices()",
    "public_grids(text)",
    "public_workers(text, text)",
    "note_drawn_change()",
    "tile_state(date)",
    "building_tile(integer, integer, integer, date, integer)",
    "grid_tile(integer, integer, integer, date, integer)",
    "refuse_change()",
)
"""Functions with an old name or with old parameter names; PostgreSQL does not rename parameters."""
NEW_FUNCTIONS = (
    "is_owner()",
    "can_manage_account(bigint)",
    "require_permission(boolean)",
    "grant_scope(bigint, bigint, bigint, bigint, daterange)",
    "create_account(text, text, text, text, bigint, bigint, bigint, daterange)",
    "end_scope(bigint)",
    "set_password(bigint, text, inet)",
    "set_active(bigint, boolean)",
    "set_language(text)",
    "record_audit(text, bigint, text, bigint, text, jsonb, inet)",
    "account_name_exists(text)",
    "record_account_audit(text, bigint, bigint, jsonb, inet)",
    "sign_in_delay(integer, integer)",
    "name_fingerprint(text)",
    "ip_fingerprint(inet)",
    "begin_sign_in(text, inet)",
    "record_failed_sign_in(text, inet)",
    "open_session(bigint, bytea, inet)",
    "find_session(bytea)",
    "close_session(bytea, inet)",
    "update_password_hash(bigint, text, text)",
    "disclose_count(bigint, boolean)",
    "can_see_persons(bigint, bigint)",
    "residents_by_grid(bigint, date)",
    "next_incident_number(bigint)",
    "plan_authors(bigint)",
    "public_subdistricts()",
    "public_grids(text)",
    "public_workers(text, text)",
    "change_data_version()",
    "tile_cache_key(date)",
    "building_tile(integer, integer, integer, date, integer)",
    "grid_tile(integer, integer, integer, date, integer)",
    "reject_change()",
)
COMMENTS: tuple[tuple[str, str | None, str, str], ...] = (
    ("account", "created_at", "When it was made", "When it was created"),
    ("adoption", "revision_id", "Revision that holds", "Revision in force"),
    ("adoption", "adopted_by", "Who approved it; empty for a command", "Account that approved it; empty for a command"),
    ("assignment", None, "Which grid each cell belongs to in a revision", "Grid of each cell in a revision"),
    ("audit", "at", "When", "When it happened"),
    ("audit", "account_id", "Who; empty before sign-in", "Account that acted; empty before sign-in"),
    ("audit", "subject", "Table of what it was done to", "Table of the row concerned"),
    ("audit", "subject_id", "Row of what it was done to", "Key of the row concerned"),
    ("audit", "details", "What else is needed; never personal data", "Further details; never personal data"),
    ("audit", "ip_address", "Address it came from", "IP address of the request"),
    (
        "building_cell",
        None,
        "The cell a building stands on in one making of the land",
        "Cell that a building stands on, in one land",
    ),
    ("building_cell", "land_id", "Making of the land", "Land"),
    ("cell", "land_id", "Making it belongs to", "Land it belongs to"),
    ("cell", "number", "Place in the coverage, from 0", "Index in the coverage, from 0"),
    (
        "community",
        None,
        "Community 社区: the territory that is divided into grids",
        "Community 社区: the territory that is partitioned into grids",
    ),
    (
        "credential",
        "must_change",
        "Set by somebody else: to be changed at the next sign-in",
        "Set by another account: to be changed at the next sign-in",
    ),
    (
        "data_version",
        None,
        "The state of what is drawn of a subdistrict; triggers write it",
        "Version of a subdistrict's data on map tiles; triggers write it",
    ),
    (
        "data_version",
        "version",
        "Another one after every change; random, so that no state before a restore is taken for one after it",
        "Changes with the data; random, so that no version repeats after a restore",
    ),
    (
        "dedicated_land",
        None,
        "Park, school, market or the like that gets a dedicated grid 专属网格",
        "Park, school, market or similar land that gets a dedicated grid 专属网格",
    ),
    (
        "duty",
        None,
        "Roster: who answers for which grid (B岗) or line of work (A岗), and when",
        "Roster: duties of workers for a grid (B岗) or a line of work (A岗), with their periods",
    ),
    ("duty", "grid_id", "Grid of a B line", "Grid of a B岗 duty"),
    ("duty", "line_of_work", "Line of work of an A line", "Line of work of an A岗 duty"),
    ("duty", "in_charge", "网格长: one a grid", "Grid leader 网格长"),
    (
        "facility",
        None,
        "Facility 设施: what serves people, from a health station to a street lamp",
        "Facility 设施, from a health station to a street lamp",
    ),
    (
        "grid",
        None,
        "Grid 网格: what keeps its code and its worker while revisions change its extent",
        "Grid 网格: keeps its code and its worker while revisions change its extent",
    ),
    ("household_count", "estimated", "Nobody counted them", "Estimated, not counted"),
    ("household_count", "as_of", "Day the count speaks of", "Date of the count"),
    (
        "incident",
        None,
        "Incident 事件: what happened; its grid on any date follows from its cell",
        "Incident 事件; its grid on any date follows from its cell",
    ),
    ("incident", "title", "What happened, in a line, without names", "Short description, without names"),
    ("incident", "reported_at", "When it was taken in", "When it was reported"),
    ("incident", "reported_by", "Who took it in; empty for a file", "Account that reported it; empty for a file"),
    (
        "incident",
        "idempotency_key",
        "Made of the form that was sent: the same one sent again is the same incident",
        "Hash of the submitted form: a repeated submission is the same incident",
    ),
    ("incident", "urgent", "突发事件", "Urgent 突发事件"),
    (
        "incident",
        "geometry",
        "Place; never shown to those not entitled to it (WGS 84)",
        "Location; shown to entitled accounts only (WGS 84)",
    ),
    (
        "land",
        None,
        "One making of the cells of a community, from its streets and buildings as they then were",
        "Cells of a community, built from its streets and buildings at one time",
    ),
    (
        "land",
        "crs",
        "Metric CRS the cells were made in: authority and code, or WKT",
        "Metric CRS the cells were built in: authority and code, or WKT",
    ),
    ("land", "created_at", "When it was made", "When the cells were built"),
    (
        "organisation",
        None,
        "Organisation 驻区单位, 群团组织 or 志愿者组织 that has its seat here",
        "Organisation 驻区单位, 群团组织 or 志愿者组织 with its seat here",
    ),
    (
        "plan",
        None,
        "Plan 方案: a way to divide a community, kept through its revisions",
        "Plan 方案: a partition of a community into grids, with its revisions",
    ),
    ("plan", "community_id", "Community that is divided", "Community that is partitioned"),
    ("plan", "created_at", "When it was begun", "When it was created"),
    ("plan", "created_by", "Who began it; empty for a command", "Account that created it; empty for a command"),
    (
        "resident",
        None,
        "Resident 居民: the least that is needed; numbers are sealed with a key outside the database",
        "Resident 居民: minimal data; numbers are encrypted with a key outside the database",
    ),
    ("revision", "community_id", "Community that is divided", "Community that is partitioned"),
    ("revision", "land_id", "Making of the land whose cells it assigns", "Land whose cells it assigns"),
    ("revision", "minimum", "Fewest households of a grid asked for", "Minimum households of a grid"),
    ("revision", "maximum", "Most households of a grid asked for", "Maximum households of a grid"),
    ("revision", "created_by", "Who saved it; empty for a command", "Account that saved it; empty for a command"),
    (
        "revision_grid",
        None,
        "A grid as one revision has it: extent, name and figures",
        "Grid in one revision: extent, name and figures",
    ),
    (
        "sign_in_throttle",
        None,
        "Failed sign-ins that are not forgotten yet, by name (of an account or not) and by address",
        "Failed sign-ins of the last day, by name (of an account or not) and by IP address",
    ),
    (
        "sign_in_throttle",
        "fingerprint",
        "SHA-256 of what was tried: a name, or an address",
        "SHA-256 of the name or of the IP address",
    ),
    (
        "sign_in_throttle",
        "last_attempt_at",
        "Last attempt; a day later all is forgotten",
        "Last attempt; the row is deleted a day later",
    ),
    ("sign_in_throttle", "locked_until", "No attempt is heard before", "Attempts before this time are refused"),
    ("street", "geometry", "Middle line (WGS 84)", "Centre line (WGS 84)"),
    (
        "subdistrict",
        "geometry",
        "Outline; of its communities where nobody gave one (WGS 84)",
        "Outline; the union of its communities where the source has none (WGS 84)",
    ),
    (
        "web_session",
        None,
        "A signed-in browser; the cookie's token is kept as a hash",
        "Signed-in browser; only a hash of the cookie's token is stored",
    ),
    ("web_session", "created_at", "When it was opened", "When the session was opened"),
    ("web_session", "expires_at", "End, whatever the use", "When the session ends, even if it is in use"),
    ("web_session", "ip_address", "Address it was opened from", "IP address the session was opened from"),
)
"""Table, column (None for the table itself), old and new comment."""


def upgrade() -> None:
    """Make the change."""
    _drop_rights(OLD_POLICIES, ("never_changed", "drawn"), OLD_FUNCTIONS)
    op.rename_table(*RENAMED_TABLE)
    for table, old, new in RENAMED_COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    for table, old, new in RENAMED_CONSTRAINTS:
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")
    for old, new in RENAMED_INDEXES:
        op.execute(f"ALTER INDEX {old} RENAME TO {new}")
    for table, column, _, comment in COMMENTS:
        _set_comment(table, column, comment)


def downgrade() -> None:
    """Take the change back."""
    _drop_rights(NEW_POLICIES, ("reject_change", "data_version"), NEW_FUNCTIONS)
    for table, column, comment, _ in COMMENTS:
        _set_comment(table, column, comment)
    for old, new in RENAMED_INDEXES:
        op.execute(f"ALTER INDEX {new} RENAME TO {old}")
    for table, old, new in RENAMED_CONSTRAINTS:
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {new} TO {old}")
    for table, old, new in RENAMED_COLUMNS:
        op.alter_column(table, new, new_column_name=old)
    op.rename_table(*reversed(RENAMED_TABLE))


def _drop_rights(policies: Iterable[str], triggers: tuple[str, str], functions: Iterable[str]) -> None:
    """Drop policies, triggers and functions; a database that was migrated without them has none."""
    for policy in policies:
        for table in PROTECTED_TABLES:
            op.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
    immutable, drawn = triggers
    for table in IMMUTABLE_TABLES:
        op.execute(f"DROP TRIGGER IF EXISTS {immutable} ON {table}")
    for table in DRAWN_TABLES:
        for change in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS {drawn}_{change} ON {table}")
    for function in functions:
        op.execute(f"DROP FUNCTION IF EXISTS {function}")


def _set_comment(table: str, column: str | None, comment: str) -> None:
    target = f"COLUMN {table}.{column}" if column else f"TABLE {table}"
    literal = comment.replace("'", "''").replace(":", r"\:")
    op.execute(f"COMMENT ON {target} IS '{literal}'")
