"""Functions of the database, in files of SQL that every upgrade applies, and the rights to call them."""

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from gridmap.core.cases.machine import ACTORS, TEXT_ACTIONS, TRANSITIONS
from gridmap.core.land.community_of_building import MAX_OUTSIDE_M as MAX_BUILDING_OUTSIDE_M
from gridmap.core.land.zones import BORDER_ZONE_M, MAX_OUTSIDE_M, SAME_DISTANCE_M, STREET_ZONE_M
from gridmap.core.privacy.scope_levels import LINE_ROLES, SCOPE_LEVELS
from gridmap.core.privacy.statistical_areas import MIN_HOUSEHOLDS
from gridmap.core.vocabulary import LinePurpose
from gridmap.store.access.roles import RoleNames, quote
from gridmap.store.schema.journal import JOURNALED_TABLES

SQL_FOLDER = files("gridmap.store").joinpath("sql")
ACCOUNT_FOLDER = SQL_FOLDER.joinpath("accounts")
"""Files of the functions that only the login for accounts may call."""
QUEUE_FOLDER = SQL_FOLDER.joinpath("jobs")
"""Files of the functions that only the login of the runner may call."""
PLACEHOLDER = re.compile(r"@[a-z_]+@")
FUNCTION_NAME = re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)", re.MULTILINE)


def function_statements(names: RoleNames) -> Iterator[str]:
    """Yield the statements that replace all functions and grant the rights to call them.

    Functions that run as the reader are granted one by one: those of pages to the logins of the web, those of the queue
    to the runner, and the others to the login for accounts. A new function is of no use to pages until its file says
    that it is for them.
    """
    yield f"GRANT USAGE, CREATE ON SCHEMA public TO {quote(names.reader)}"
    yield "SET LOCAL check_function_bodies = off"  # functions call one another across files
    for source in _sql_files(SQL_FOLDER, ACCOUNT_FOLDER, QUEUE_FOLDER):
        yield _fill_placeholders(source.read_text("utf-8"), names)
    yield _for_each_security_definer(f"ALTER FUNCTION %s OWNER TO {quote(names.reader)}")
    logins = ", ".join(map(quote, names.logins))
    yield _for_each_security_definer(f"REVOKE ALL ON FUNCTION %s FROM PUBLIC, {logins}")
    for login, function_names in (
        (names.app, page_function_names()),
        (names.auth, [*page_function_names(), *account_function_names()]),
        (names.jobs, queue_function_names()),
    ):
        listed = ", ".join(f"'{name}'" for name in function_names)
        yield _for_each_security_definer(
            f"GRANT EXECUTE ON FUNCTION %s TO {quote(login)}", f"AND proname IN ({listed})"
        )
    yield f"REVOKE CREATE ON SCHEMA public FROM {quote(names.reader)}, PUBLIC"


def page_function_names() -> list[str]:
    """Return the names of the functions that pages may call."""
    return _function_names(SQL_FOLDER)


def account_function_names() -> list[str]:
    """Return the names of the functions that only the login for accounts may call."""
    return _function_names(ACCOUNT_FOLDER)


def queue_function_names() -> list[str]:
    """Return the names of the functions that only the runner of jobs may call."""
    return _function_names(QUEUE_FOLDER)


def _function_names(folder: Traversable) -> list[str]:
    sources = _sql_files(folder)
    return sorted({name for source in sources for name in FUNCTION_NAME.findall(source.read_text("utf-8"))})


def _sql_files(*folders: Traversable) -> Iterator[Traversable]:
    for folder in folders:
        yield from sorted((path for path in folder.iterdir() if path.name.endswith(".sql")), key=lambda path: path.name)


def _fill_placeholders(source: str, names: RoleNames) -> str:
    values = {
        "@reader@": names.reader.replace("'", "''"),
        "@scope_levels@": _rows((role, level) for role, levels in SCOPE_LEVELS.items() for level in levels),
        "@line_purposes@": ", ".join(f"'{purpose}'" for purpose in LinePurpose),
        "@line_roles@": ", ".join(f"'{role}'" for role in LINE_ROLES),
        "@min_area_households@": str(MIN_HOUSEHOLDS),
        "@border_zone_m@": f"{BORDER_ZONE_M:g}",
        "@street_zone_m@": f"{STREET_ZONE_M:g}",
        "@same_distance_m@": f"{SAME_DISTANCE_M:g}",
        "@max_outside_m@": f"{MAX_OUTSIDE_M:g}",
        "@max_building_outside_m@": f"{MAX_BUILDING_OUTSIDE_M:g}",
        "@case_transitions@": _rows(TRANSITIONS),
        "@case_actors@": _rows((action, actor) for action, actors in ACTORS.items() for actor in actors),
        "@case_text_actions@": ", ".join(f"'{action}'" for action in sorted(TEXT_ACTIONS)),
        "@journaled_tables@": ", ".join(f"'{table}'" for table in JOURNALED_TABLES),
    }
    return PLACEHOLDER.sub(lambda match: values[match[0]], source)


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    """Return rows of words as those of VALUES."""
    return ", ".join("('" + "', '".join(row) + "')" for row in rows)


def _for_each_security_definer(statement: str, condition: str = "") -> str:
    """Return a block that runs a statement for every function that runs with its owner's rights."""
    quoted = statement.replace("'", "''")
    return (
        "DO $$ DECLARE function regprocedure; BEGIN FOR function IN SELECT oid FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')"
        f" {condition} LOOP EXECUTE format('{quoted}', function); END LOOP; END $$"
    )
