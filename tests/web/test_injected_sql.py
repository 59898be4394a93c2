"""SQL injected into a page: it acts as nobody but the caller, and learns nothing of others.

A route made for these tests executes whatever it is sent, with the session of the request.
"""

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from gridmap.services.accounts import sign_in
from gridmap.store.access import functions
from gridmap.web import context
from gridmap.web.access import login_required
from tests.fixtures.subdistricts import PASSWORD, SubdistrictIds, token_of
from tests.fixtures.web_app import OpenClient, app, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]

Inject = Callable[[str], tuple[str, list[list[object]]]]
INSUFFICIENT_PRIVILEGE, UNDEFINED_FUNCTION = "42501", "42883"
ARGUMENTS_BY_FUNCTION = {
    "account_name_exists": "'west-worker'",
    "begin_sign_in": "'west-worker', NULL, NULL",
    "can_grant_scope": "1, NULL, NULL",
    "can_manage_account": "1",
    "close_session": r"'\x00', NULL",
    "create_account": "'eve', 'Eve', 'admin', 'x', 1, NULL, NULL, daterange('2020-01-01', NULL), false",
    "end_scope": "1",
    "grant_scope": "1, 1, NULL, NULL, daterange('2020-01-01', NULL), false",
    "link_worker": "1, 1",
    "open_session": r"1, '\x00', NULL, NULL",
    "record_failed_sign_in": "'west-worker', NULL, NULL",
    "set_active": "1, false",
    "set_password": "1, 'x', NULL",
    "update_password_hash": "1, 'x', 'x'",
}
"""Functions of the login for accounts that an attacker would call, with arguments that fit their parameters."""


@pytest.fixture
def inject(app: Flask, open_client: OpenClient) -> Inject:
    """Return a function that injects a statement into a page of the worker of east; it returns error code and rows."""
    if execute_injected.__name__ not in app.view_functions:
        app.add_url_rule("/injected", view_func=login_required(execute_injected), methods=["GET"])
    client = open_client("east-worker")

    def send(statement: str) -> tuple[str, list[list[object]]]:
        answer = client.get("/injected", query_string={"sql": statement}).get_json()
        return answer["code"], answer["rows"]

    return send


def execute_injected() -> Response:
    session = context.session()
    try:
        result = session.connection().execute(text(request.args["sql"].replace(":", r"\:")))
        rows = [[str(value) for value in row] for row in result] if result.returns_rows else []
    except DBAPIError as error:
        session.rollback()
        return jsonify(code=getattr(error.orig, "pgcode", ""), rows=[])
    return jsonify(code="", rows=rows)


def test_the_route_executes_sql(inject: Inject, subdistricts: dict[str, SubdistrictIds]) -> None:
    worker = str(subdistricts["east"].account_ids["worker"])
    assert inject("SELECT my_account(), session_user") == ("", [[worker, "gridmap_app"]])


@pytest.mark.parametrize("setting", ["gridmap.account", "gridmap.session_token"])
def test_a_setting_makes_nobody_another_account(
    inject: Inject, subdistricts: dict[str, SubdistrictIds], setting: str
) -> None:
    foreign = subdistricts["west"].account_ids["station"]
    for value in (str(foreign), "", "anything"):
        _, rows = inject(f"SELECT set_config('{setting}', '{value}', true); SELECT my_account()")
        assert rows != [[str(foreign)]]


def test_no_setting_changes_the_date_of_permissions(inject: Inject) -> None:
    _, [[today]] = inject("SELECT today()")
    for setting in ("SET LOCAL gridmap.today = '2001-01-01'", "SET LOCAL timezone = 'Pacific/Kiritimati'"):
        assert inject(f"{setting}; SELECT today()") == ("", [[today]])


@pytest.mark.parametrize("table", ["web_session", "credential", "sign_in_throttle", "installation", "pg_authid"])
def test_no_session_or_hash_is_read(inject: Inject, table: str) -> None:
    assert inject(f"SELECT * FROM {table}") == (INSUFFICIENT_PRIVILEGE, [])


@pytest.mark.parametrize("name", sorted(ARGUMENTS_BY_FUNCTION))
def test_no_function_for_accounts_is_called(inject: Inject, name: str) -> None:
    assert inject(f"SELECT * FROM {name}({ARGUMENTS_BY_FUNCTION[name]})") == (INSUFFICIENT_PRIVILEGE, [])


def test_every_function_for_accounts_belongs_to_the_other_login(inject: Inject) -> None:
    names = ", ".join(f"'{name}'" for name in functions.account_function_names())
    callable_ones = (
        f"SELECT proname FROM pg_proc WHERE proname IN ({names}) AND prosecdef"
        " AND has_function_privilege('gridmap_app', oid, 'execute')"
    )
    assert inject(callable_ones) == ("", [])


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE gridmap_auth",
        "SET ROLE gridmap_reader",
        "SET SESSION AUTHORIZATION gridmap_auth",
        "SET track_activities = on",
        "SET log_min_messages = debug5",
        "CREATE TEMP TABLE account (id bigint)",
        "CREATE FUNCTION my_account() RETURNS bigint LANGUAGE sql AS 'SELECT 1'",
        "ALTER ROLE gridmap_auth PASSWORD 'x'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_no_role_setting_or_object_is_taken(inject: Inject, statement: str) -> None:
    assert inject(statement) == (INSUFFICIENT_PRIVILEGE, [])


def test_no_person_of_another_subdistrict_is_read(inject: Inject, subdistricts: dict[str, SubdistrictIds]) -> None:
    west = subdistricts["west"].subdistrict_id
    for table in ("resident", "household", "worker", "duty", "incident", "account_scope", "audit"):
        assert inject(f"SELECT id FROM {table} WHERE subdistrict_id = {west}") == ("", [])


@pytest.fixture
def busy_sign_ins(app: Flask, subdistricts: dict[str, SubdistrictIds]) -> Iterator[None]:
    """Sign in to another account, again and again, and read as the accounts of other people."""
    stop, database = threading.Event(), app.extensions[context.ACCOUNT_DATABASE_EXTENSION]
    pages = app.extensions[context.DATABASE_EXTENSION]

    def work() -> None:
        while not stop.is_set():
            sign_in.sign_in(database, "west-station", PASSWORD)
            with pages.transaction(token_of(subdistricts["west"].account_ids["leader"])) as session:
                session.execute(text("SELECT pg_sleep(0.05), 'a secret of west'"))

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.usefixtures("busy_sign_ins")
def test_no_statement_of_others_is_seen_while_they_sign_in(inject: Inject) -> None:
    for _ in range(20):
        code, rows = inject("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query <> ''")
        shown = str(rows)
        assert code == ""
        assert not any(word in shown for word in ("west", "session of", "argon2", "sign_in", "act_as"))


def test_the_logins_keep_their_settings(inject: Inject) -> None:
    names = "'track_activities', 'log_min_messages', 'log_min_error_statement', 'log_error_verbosity'"
    _, rows = inject(f"SELECT name, setting FROM pg_settings WHERE name IN ({names}) ORDER BY name")
    assert {str(name): value for name, value in rows} == {
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_min_messages": "fatal",
        "track_activities": "off",
    }


def test_a_token_from_the_database_opens_nothing(open_client: OpenClient) -> None:
    client: FlaskClient = open_client()
    with client.session_transaction() as cookie:
        cookie["token"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert client.get("/account").status_code == 303
