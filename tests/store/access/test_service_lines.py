"""Service lines by plain SQL: which incidents a leader sees by a line, and when it ends."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, bindparam, create_engine, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from gridmap.store.access import row_filter
from gridmap.store.schema import Cell, Incident
from tests.fixtures.callers import caller_of
from tests.fixtures.second_community import TwoCommunities, create_second_community
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, token_of
from tests.fixtures.web_app import execute_sql
from tests.store.access.test_incident_classes import INSERT_INCIDENTS, classes_seen
from tests.store.access.test_row_security import assert_refused, count_rows
from tests.store.conftest import ConnectAs

LINES = """
INSERT INTO service_line (subdistrict_id, key, name_zh, name_en)
    SELECT id, key, key, key FROM subdistrict, unnest(ARRAY['order', 'special', 'idle']) AS key
"""
GRANT = """
INSERT INTO account_scope_line (subdistrict_id, account_scope_id, service_line_id, valid, legal_basis)
    SELECT s.subdistrict_id, s.id, l.id, {valid}, {basis}
    FROM account_scope s JOIN service_line l ON l.subdistrict_id = s.subdistrict_id AND l.key = '{line}'
    WHERE s.account_id = {account}
"""
SINCE_YESTERDAY = "daterange(today() - 1, NULL)"
A_YEAR = "daterange(today(), today() + 366)"
Look = Callable[..., Connection]
PURPOSE = """
INSERT INTO line_viewing (token_hash, purpose, opened_at)
    VALUES (token_fingerprint('{token}'), 'analysis', now() - interval '{age}')
"""
CATEGORIES = """
UPDATE incident_category SET line_of_work = CASE key WHEN 'theft' THEN 'order' WHEN 'mental_health' THEN 'special' END,
    access_class = CASE key WHEN 'theft' THEN 'personal' WHEN 'mental_health' THEN 'sensitive' ELSE 'ordinary' END
"""


@pytest.fixture(scope="module")
def two(filled_database: FilledDatabase) -> TwoCommunities:
    """Add the community east2, two incidents of each class on each cell of both communities, and service lines."""
    communities = create_second_community(filled_database)
    execute_sql(filled_database, f"DELETE FROM incident; {INSERT_INCIDENTS}; {LINES}; {CATEGORIES}")
    return communities


@pytest.fixture(autouse=True)
def no_lines(filled_database: FilledDatabase, two: TwoCommunities) -> Iterator[None]:
    yield
    execute_sql(filled_database, f"DELETE FROM account_scope_line; DELETE FROM line_viewing; {CATEGORIES}")


class Give:
    """Gives lines as the owner; the trigger and the checks of the table hold for the owner, too."""

    def __init__(self, database: FilledDatabase) -> None:
        self.database = database

    def __call__(self, account: int, line: str, valid: str = SINCE_YESTERDAY, basis: str = "NULL") -> None:
        execute_sql(self.database, GRANT.format(account=account, line=line, valid=valid, basis=basis))

    def sensitive(self, account: int, valid: str = A_YEAR) -> None:
        self(account, "special", valid, "'《精神卫生法》第六条'")


@pytest.fixture
def give(filled_database: FilledDatabase) -> Give:
    return Give(filled_database)


@pytest.fixture
def look(connect_as: ConnectAs, filled_database: FilledDatabase) -> Look:
    """Function that connects as an account that has chosen a purpose."""

    def connect(account: int, age: str = "1 minute") -> Connection:
        execute_sql(filled_database, PURPOSE.format(token=token_of(account), age=age))
        return connect_as(account)

    return connect


def test_a_leader_sees_the_incidents_of_a_line_in_the_whole_subdistrict(
    look: Look, east: SubdistrictIds, give: Give
) -> None:
    give(east.account_ids["leader"], "order")
    assert classes_seen(look(east.account_ids["leader"])) == {"ordinary": 6, "personal": 6}


def test_the_leader_of_a_community_sees_those_of_the_community_only(
    look: Look, two: TwoCommunities, give: Give
) -> None:
    give(two.account_ids["leader of east2"], "order")
    assert classes_seen(look(two.account_ids["leader of east2"])) == {"ordinary": 2, "personal": 2}


def test_a_line_of_one_scope_does_not_reach_another_scope_of_the_account(
    look: Look, filled_database: FilledDatabase, two: TwoCommunities, give: Give
) -> None:
    leader = two.account_ids["leader of east2"]
    give(leader, "order")
    second = f"INSERT INTO account_scope (subdistrict_id, account_id, community_id) VALUES ({two.east1.subdistrict_id},"
    execute_sql(filled_database, f"{second} {leader}, {two.east1.community_id})")
    assert classes_seen(look(leader)) == {"ordinary": 6, "personal": 2}
    execute_sql(
        filled_database,
        f"DELETE FROM account_scope WHERE account_id = {leader} AND community_id = {two.east1.community_id}",
    )


def test_nobody_sees_them_without_a_purpose(connect_as: ConnectAs, east: SubdistrictIds, give: Give) -> None:
    give(east.account_ids["leader"], "order")
    assert classes_seen(connect_as(east.account_ids["leader"])) == {"ordinary": 6}


def test_another_session_of_the_same_account_needs_a_purpose_of_its_own(
    look: Look, east: SubdistrictIds, give: Give
) -> None:
    leader = east.account_ids["leader"]
    give(leader, "order")
    connection = look(leader)
    connection.execute(text("SELECT act_as('another browser')"))
    assert count_rows(connection, "incident") == 0


@pytest.mark.parametrize(("age", "personal"), [("7 hours 59 minutes", 6), ("8 hours 1 minute", 0)])
def test_a_purpose_holds_for_8_hours(look: Look, east: SubdistrictIds, give: Give, age: str, personal: int) -> None:
    give(east.account_ids["leader"], "order")
    assert classes_seen(look(east.account_ids["leader"], age)).get("personal", 0) == personal


@pytest.mark.parametrize(
    ("valid", "personal"),
    [("'2020-01-01', today()", 0), ("today(), today() + 1", 6), ("today() + 1, NULL", 0)],
)
def test_a_line_holds_on_its_days_only(look: Look, east: SubdistrictIds, give: Give, valid: str, personal: int) -> None:
    give(east.account_ids["leader"], "order", f"daterange({valid})")
    assert classes_seen(look(east.account_ids["leader"])).get("personal", 0) == personal


def test_a_sensitive_line_shows_sensitive_incidents(look: Look, east: SubdistrictIds, give: Give) -> None:
    give.sensitive(east.account_ids["leader"])
    seen = look(east.account_ids["leader"]).execute(
        text("SELECT DISTINCT category, access_class FROM incident WHERE access_class <> 'ordinary'")
    )
    assert [tuple(row) for row in seen] == [("mental_health", "sensitive")]


@pytest.mark.parametrize(
    ("valid", "basis"),
    [
        (A_YEAR, "NULL"),
        (A_YEAR, "'   '"),
        (A_YEAR, "'法'"),
        (SINCE_YESTERDAY, "'《精神卫生法》第六条'"),
        ("daterange(today(), today() + 367)", "'《精神卫生法》第六条'"),
    ],
)
def test_a_sensitive_line_needs_a_legal_basis_and_an_end_within_a_year(
    east: SubdistrictIds, give: Give, valid: str, basis: str
) -> None:
    with pytest.raises(IntegrityError, match="sensitive_has_grounds"):
        give(east.account_ids["leader"], "special", valid, basis)


@pytest.mark.parametrize("role", ["planner", "station", "worker", "admin"])
def test_only_leaders_have_lines(east: SubdistrictIds, give: Give, role: str) -> None:
    with pytest.raises(IntegrityError, match=f"a {role} has no service line"):
        give(east.account_ids[role], "order")


def test_a_line_is_never_extended_or_moved(filled_database: FilledDatabase, east: SubdistrictIds, give: Give) -> None:
    give(east.account_ids["leader"], "order", A_YEAR)
    for change in ("valid = daterange(lower(valid), NULL)", "sensitive_categories = '{theft}'"):
        with pytest.raises(ProgrammingError, match="given anew"):
            execute_sql(filled_database, f"UPDATE account_scope_line SET {change}")


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ("access_class = 'sensitive' WHERE key = 'theft'", {}),
        ("line_of_work = 'idle' WHERE key = 'theft'", {}),
        ("line_of_work = 'order' WHERE key = 'mental_health'", {"personal": 6}),
    ],
)
def test_a_line_without_legal_basis_never_covers_sensitive_categories(
    look: Look, filled_database: FilledDatabase, east: SubdistrictIds, give: Give, change: str, seen: dict[str, int]
) -> None:
    give(east.account_ids["leader"], "order")
    execute_sql(filled_database, f"UPDATE incident_category SET {change}")
    assert classes_seen(look(east.account_ids["leader"])) == {"ordinary": 6, **seen}


def test_a_sensitive_line_covers_no_sensitive_category_that_comes_to_it(
    look: Look, filled_database: FilledDatabase, east: SubdistrictIds, give: Give
) -> None:
    give.sensitive(east.account_ids["leader"])
    execute_sql(
        filled_database,
        "UPDATE incident_category SET line_of_work = 'special', access_class = 'sensitive' WHERE key = 'theft'",
    )
    assert classes_seen(look(east.account_ids["leader"])) == {"ordinary": 6, "sensitive": 6}


def test_a_sensitive_incident_stays_so_when_its_category_is_personal(
    look: Look, filled_database: FilledDatabase, east: SubdistrictIds, give: Give
) -> None:
    execute_sql(filled_database, "UPDATE incident_category SET access_class = 'personal' WHERE key = 'mental_health'")
    give(east.account_ids["leader"], "special")
    assert classes_seen(look(east.account_ids["leader"])) == {"ordinary": 6}


def test_the_explicit_filter_shows_lines_only_where_the_answer_is_recorded(
    look: Look, east: SubdistrictIds, give: Give
) -> None:
    give(east.account_ids["leader"], "order")
    with Session(look(east.account_ids["leader"])) as session:
        caller = caller_of(session)
        seen = [
            session.query(Incident.id).filter(row_filter.visible(replace(caller, shows_lines=shown), Incident)).count()
            for shown in (False, True)
        ]
    assert seen == [6, 12]


@pytest.mark.parametrize("community", ["east1", "east2"])
def test_the_explicit_filter_alone_keeps_a_line_within_its_community(
    filled_database: FilledDatabase, two: TwoCommunities, give: Give, look: Look, community: str
) -> None:
    """Check the filter in a session of the owner, who sees every row."""
    leader = two.account_ids[f"leader of {community}"]
    give(leader, "order")
    caller = replace(caller_of(Session(look(leader))), shows_lines=True)
    engine = create_engine(filled_database.owner_url)
    with engine.connect() as connection, Session(connection) as session:
        session.execute(select(func.act_as(token_of(leader))))
        rows = session.execute(
            select(Cell.community_id, Incident.access_class)
            .join(Cell, Cell.id == Incident.cell_id)
            .where(row_filter.visible(caller, Incident))
            .distinct()
        )
        seen = {tuple(row) for row in rows}
    engine.dispose()
    own = getattr(two, community).community_id
    assert seen == {(own, "ordinary"), (own, "personal")}


def test_a_purpose_is_opened_with_a_line_only_and_is_in_the_audit(
    connect_as: ConnectAs, owner_connection: Connection, east: SubdistrictIds, give: Give
) -> None:
    connection = connect_as(east.account_ids["leader"])
    opening = text("SELECT open_line_viewing('matter', 'M-7', NULL)")
    with assert_refused(connection, "not allowed"):
        connection.execute(opening)
    give(east.account_ids["leader"], "order")
    with assert_refused(connection, "not allowed"):
        connection.execute(text("SELECT open_line_viewing('matter', ' ', NULL)"))
    connection.execute(opening)
    assert classes_seen(connection) == {"ordinary": 6, "personal": 6}
    connection.execute(text("SELECT end_line_viewing(NULL)"))
    assert classes_seen(connection) == {"ordinary": 6}


@pytest.mark.parametrize("table", ["service_line", "account_scope_line", "line_viewing"])
def test_pages_write_no_line_and_no_purpose(connect_as: ConnectAs, east: SubdistrictIds, table: str) -> None:
    connection = connect_as(east.account_ids["admin"])
    for statement in (f"DELETE FROM {table}", f"INSERT INTO {table} DEFAULT VALUES"):
        with assert_refused(connection, "permission denied"):
            connection.execute(text(statement))


def test_pages_cannot_give_a_line(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    connection = connect_as(east.account_ids["admin"])
    for call in ("grant_line(1, 1, daterange(today(), NULL), NULL)", "end_line(1)"):
        with assert_refused(connection, "permission denied"):
            connection.execute(text(f"SELECT {call}"))


def test_who_has_a_line_is_seen_by_the_leader_and_the_administrator(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds, give: Give
) -> None:
    give(east.account_ids["leader"], "order")
    seen = {
        (side, role): count_rows(connect_as(ids.account_ids[role]), "account_scope_line")
        for side, ids in (("east", east), ("west", west))
        for role in ("leader", "admin", "planner")
    }
    assert {key for key, count in seen.items() if count} == {("east", "leader"), ("east", "admin")}


@pytest.mark.parametrize(("page", "rows"), [({"page": "heat"}, 6), ({"page": "heat", "categories": ["theft"]}, 6)])
def test_a_view_is_recorded_with_line_days_purpose_and_rows(
    look: Look, owner_connection: Connection, east: SubdistrictIds, give: Give, page: dict[str, object], rows: int
) -> None:
    give(east.account_ids["leader"], "order")
    connection = look(east.account_ids["leader"])
    call = text("SELECT record_line_view(:subdistrict, daterange(today() - 29, today() + 1), :page, NULL)")
    call = call.bindparams(bindparam("page", type_=JSONB))
    assert connection.execute(call, {"subdistrict": east.subdistrict_id, "page": page}).scalar_one() is True
    connection.commit()
    row = owner_connection.execute(
        text("SELECT details FROM audit WHERE action = 'line_viewed' ORDER BY id DESC LIMIT 1")
    )
    details = row.scalar_one()
    assert (details["rows"], details["lines"], details["purpose"]) == (rows, ["order"], "analysis")
    assert date.fromisoformat(details["last"]) - date.fromisoformat(details["first"]) == timedelta(days=29)


def test_an_answer_about_other_categories_is_no_view(look: Look, east: SubdistrictIds, give: Give) -> None:
    give(east.account_ids["leader"], "order")
    connection = look(east.account_ids["leader"])
    call = 'SELECT record_line_view({}, daterange(today(), NULL), \'{{"categories": ["lifts"]}}\', NULL)'
    assert connection.exec_driver_sql(call.format(east.subdistrict_id)).scalar_one() is False


def test_without_lines_the_policy_looks_no_cell_up(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    plan = connect_as(east.account_ids["leader"]).execute(
        text("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT count(*) FROM incident")
    )
    lines = [row[0] for row in plan]
    lookups = [line for line in lines if "cell_pkey on cell x" in line or "on cell x" in line]
    assert lookups
    assert all("never executed" in line for line in lookups)
