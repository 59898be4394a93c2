"""Pages of the second factor, of the own sessions, and of the password that is required again."""

import re
import time

import pyotp
import pytest
from flask.testing import FlaskClient

from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
SET_UP_PAGE = "/account/second-factor"


def set_up(client: FlaskClient) -> tuple[str, list[str]]:
    """Set up a second factor; return its secret and recovery codes."""
    key = re.search(r'class="code setup-key">([A-Z2-7 ]{39})<', client.get(SET_UP_PAGE).text)
    assert key
    secret = key[1].replace(" ", "")
    page = submit_form(client, SET_UP_PAGE, code=pyotp.TOTP(secret).now())
    assert page.status_code == 200
    return secret, re.findall(r">((?:[a-z2-9]{6}-){3}[a-z2-9]{6})<", page.text)


def later_code(secret: str) -> str:
    return pyotp.TOTP(secret).at(time.time(), counter_offset=1)


def enter_password(client: FlaskClient, name: str = "east-station", path: str = "/sign-in") -> str:
    """Take the first step of a sign-in; return the address of the second."""
    answer = submit_form(client, path, name=name, password=PASSWORD)
    assert answer.status_code == 303
    return str(answer.location)


def age_password(database: FilledDatabase, age: str = "301 seconds") -> None:
    execute_sql(database, f"UPDATE web_session SET password_confirmed_at = clock_timestamp() - interval '{age}'")


@pytest.fixture
def station_codes(open_client: OpenClient) -> tuple[str, list[str]]:
    return set_up(open_client("east-station"))


@pytest.fixture
def need_second_factor(filled_database: FilledDatabase) -> object:
    execute_sql(filled_database, "UPDATE installation SET second_factor_roles = '{admin,station}'")
    yield
    execute_sql(filled_database, "UPDATE installation SET second_factor_roles = '{}'")


def test_a_sign_in_takes_password_and_code(open_client: OpenClient, station_codes: tuple[str, list[str]]) -> None:
    client = open_client()
    code_page = enter_password(client, path="/sign-in?next=/residents")
    assert code_page == "/sign-in/code?next=/residents"
    answer = submit_form(client, code_page, code=later_code(station_codes[0]))
    assert (answer.status_code, answer.location) == (303, "/residents")
    assert client.get("/residents").status_code == 200


def test_between_the_steps_every_page_asks_to_sign_in(
    open_client: OpenClient, station_codes: tuple[str, list[str]]
) -> None:
    client = open_client()
    enter_password(client)
    pages = ("/", "/residents", "/account", SET_UP_PAGE, "/account/password")
    assert [client.get(page).location.partition("?")[0] for page in pages] == ["/sign-in"] * len(pages)
    assert client.get("/api/v1/grids").status_code in (401, 404)


def test_a_wrong_code_keeps_the_page_and_says_what_to_do(
    open_client: OpenClient, station_codes: tuple[str, list[str]]
) -> None:
    client = open_client()
    answer = submit_form(client, enter_password(client), code="12345")
    assert answer.status_code == 422
    assert "wait for the next one" in answer.text


def test_too_many_codes_have_to_wait(open_client: OpenClient, station_codes: tuple[str, list[str]]) -> None:
    client = open_client()
    code_page = enter_password(client)
    answers = [submit_form(client, code_page, code="000-000") for _ in range(5)]
    assert [each.status_code for each in answers] == [422] * 4 + [429]
    assert 30 < int(answers[-1].headers["Retry-After"]) <= 60


def test_a_second_step_that_is_over_starts_again(
    open_client: OpenClient, station_codes: tuple[str, list[str]], filled_database: FilledDatabase
) -> None:
    client = open_client()
    code_page = enter_password(client, path="/sign-in?next=/residents")
    form = client.get(code_page).text
    execute_sql(filled_database, "UPDATE pending_sign_in SET expires_at = now()")
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', form)[0]
    answer = client.post(code_page, data={"csrf_token": token, "code": later_code(station_codes[0])})
    assert answer.location == "/sign-in?next=/residents&over="
    assert "longer than 5 minutes" in client.get(answer.location).text


def test_the_code_page_without_a_password_is_the_sign_in(open_client: OpenClient) -> None:
    assert open_client().get("/sign-in/code").location == "/sign-in"


def test_a_recovery_code_signs_in(open_client: OpenClient, station_codes: tuple[str, list[str]]) -> None:
    client = open_client()
    assert len(station_codes[1]) == 10
    assert submit_form(client, enter_password(client), code=station_codes[1][0]).status_code == 303
    assert "Recovery codes left: 9" in client.get("/account").text


def test_few_recovery_codes_are_told(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    client = open_client("east-station")
    set_up(client)
    for left, warned in ((4, False), (3, True)):
        execute_sql(filled_database, "UPDATE recovery_code SET used_at = NULL")
        used = f"SELECT code_hash FROM recovery_code LIMIT {10 - left}"
        execute_sql(filled_database, f"UPDATE recovery_code SET used_at = now() WHERE code_hash IN ({used})")
        assert ("Few recovery codes" in client.get("/account").text) is warned


@pytest.mark.usefixtures("need_second_factor")
def test_a_role_that_needs_it_opens_nothing_before_the_set_up(open_client: OpenClient) -> None:
    client = open_client("east-station")
    assert [client.get(page).location for page in ("/", "/residents", "/account")] == [SET_UP_PAGE] * 3
    set_up(client)
    assert client.get("/residents").status_code == 200


@pytest.mark.usefixtures("need_second_factor")
def test_other_roles_work_without_it(open_client: OpenClient) -> None:
    assert open_client("east-worker").get("/residents").status_code == 200


def test_the_key_stays_the_same_when_the_page_is_loaded_again(open_client: OpenClient) -> None:
    client = open_client("east-station")
    keys = [re.findall(r'class="code setup-key">([A-Z2-7 ]{39})<', client.get(SET_UP_PAGE).text) for _ in range(2)]
    assert keys[0] == keys[1]


def test_recovery_codes_are_shown_once(open_client: OpenClient) -> None:
    client = open_client("east-station")
    _, codes = set_up(client)
    assert client.get(SET_UP_PAGE).location == "/account"
    assert codes[0] not in client.get("/account").text


def test_an_admin_resets_a_second_factor(
    open_client: OpenClient, station_codes: tuple[str, list[str]], subdistricts: dict[str, SubdistrictIds]
) -> None:
    admin, page = open_client("east-admin"), f"/admin/accounts/{subdistricts['east'].account_ids['station']}"
    assert submit_form(admin, page, f"{page}/second-factor").status_code == 303
    assert "second factor reset" in admin.get("/admin/audit").text
    assert open_client("east-station").get("/residents").status_code == 200


def test_other_browsers_are_listed_and_signed_out(open_client: OpenClient) -> None:
    own, other = open_client("east-leader"), open_client("east-leader")
    page = own.get("/account").text
    handles = re.findall(r"/account/sessions/([0-9a-f]{16})/end", page)
    assert "this browser" in page
    for handle in handles:
        submit_form(own, "/account", f"/account/sessions/{handle}/end")
    assert (own.get("/account").status_code, other.get("/account").status_code) == (200, 303)


def test_all_other_browsers_are_signed_out_at_once(open_client: OpenClient) -> None:
    own, *others = (open_client("east-leader") for _ in range(3))
    assert submit_form(own, "/account", "/account/sessions/end").status_code == 303
    assert [each.get("/account").status_code for each in (own, *others)] == [200, 303, 303]


def test_a_form_is_kept_while_the_password_is_asked_again(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    admin = open_client("east-admin")
    age_password(filled_database)
    fields = {"name": "zhao.liu", "display_name": '赵六 "<b>', "role": "worker", "subdistrict": "east", "community": ""}
    answer = submit_form(admin, "/admin/accounts/new", **fields)
    assert "more than 5 minutes ago" in answer.text.replace("\n", " ").replace("  ", " ").replace("  ", " ")
    assert "zhao.liu" not in admin.get("/admin/accounts").text
    carried = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    assert carried["display_name"] == "赵六 &#34;&lt;b&gt;"
    wrong = submit_form(admin, "/admin/accounts/new", **fields, own_password="not this one")
    assert (wrong.status_code, "zhao.liu" in wrong.text) == (422, True)
    made = submit_form(admin, "/admin/accounts/new", **fields, own_password=PASSWORD)
    assert (made.status_code, "One-time password" in made.text) == (200, True)
    assert PASSWORD not in wrong.text + made.text


def test_a_recent_password_is_not_asked_again(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    admin, page = open_client("east-admin"), f"/admin/accounts/{subdistricts['east'].account_ids['worker']}"
    age_password(filled_database, "4 minutes 30 seconds")
    assert submit_form(admin, page, f"{page}/active", active="no").status_code == 303
    assert submit_form(admin, page, f"{page}/active", active="yes").status_code == 303


@pytest.mark.parametrize("action", ["password", "active", "second-factor", "worker", "scopes"])
def test_the_password_is_asked_again_before_another_account_changes(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds], action: str
) -> None:
    admin, page = open_client("east-admin"), f"/admin/accounts/{subdistricts['east'].account_ids['worker']}"
    age_password(filled_database)
    answer = submit_form(admin, page, f"{page}/{action}")
    assert 'name="own_password"' in answer.text


def test_wrong_passwords_asked_again_have_to_wait(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    admin, page = open_client("east-admin"), f"/admin/accounts/{subdistricts['east'].account_ids['worker']}"
    age_password(filled_database)
    answers = [submit_form(admin, page, f"{page}/password", own_password="a guess") for _ in range(6)]
    assert [each.status_code for each in answers] == [422] * 5 + [429]


def test_a_form_is_kept_over_both_steps_of_a_sign_in(
    open_client: OpenClient, station_codes: tuple[str, list[str]], filled_database: FilledDatabase
) -> None:
    client = open_client()
    submit_form(client, enter_password(client), code=station_codes[1][0])
    csrf_token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/account").text)[0]
    execute_sql(filled_database, "UPDATE web_session SET expires_at = now()")
    fields = {"name": "east-station", "password": PASSWORD, "code": station_codes[1][1]}
    page = client.post("/residents", data={"csrf_token": csrf_token, "number": "13800138000"}).text
    for address in ("/sign-in", "/sign-in/code"):
        hidden = dict(re.findall(r'name="(csrf_token|kept_form)"[^>]* value="([^"]+)"', page.split("<main")[1]))
        page = client.post(address, data={**fields, **hidden}).text
    assert '<input type="hidden" name="number" value="13800138000">' in page
    assert 'action="/residents" data-send-now' in page
