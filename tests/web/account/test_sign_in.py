"""Sign-in and sign-out without scripts, and the content of the cookie."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fixtures.subdistricts import PASSWORD, FilledDatabase
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
NEW_PASSWORD = "a boat under seven bridges"


def test_sign_in_redirects_to_the_requested_page(open_client: OpenClient) -> None:
    client = open_client()
    redirect = client.get("/residents")
    assert redirect.status_code == 303
    answer = submit_form(client, redirect.location, name="east-worker", password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/residents")


def test_sign_in_never_redirects_to_another_site(open_client: OpenClient) -> None:
    answer = submit_form(open_client(), "/sign-in?next=https://evil.example", name="east-planner", password=PASSWORD)
    assert answer.location == "/"


def test_a_wrong_password_and_an_unknown_name_give_the_same_response(open_client: OpenClient) -> None:
    def refusal(name: str) -> tuple[int, str]:
        page = submit_form(open_client(), "/sign-in", name=name, password="not this one")
        return page.status_code, page.text.split("<main")[1].split("csrf_token")[0]

    assert refusal("nobody") == refusal("east-worker")
    assert refusal("nobody")[0] == 422


def test_five_failures_lock_the_sign_in_for_a_minute(open_client: OpenClient) -> None:
    for _ in range(5):
        submit_form(open_client(), "/sign-in", name="east-worker", password="not this one")
    answer = submit_form(open_client(), "/sign-in", name="east-worker", password=PASSWORD)
    assert answer.status_code == 429
    assert 30 < int(answer.headers["Retry-After"]) <= 60
    assert "Wait 1 min" in answer.text


def test_sign_in_replaces_the_content_of_the_cookie(open_client: OpenClient) -> None:
    client = open_client()
    with client.session_transaction() as before:
        before["planted"] = "by somebody"
        before["token"] = "planted too"
    submit_form(client, "/sign-in", name="east-worker", password=PASSWORD)
    with client.session_transaction() as after:
        assert set(after) == {"token", "account"}
        assert after["token"] != "planted too"


def test_sign_out_ends_the_session_on_the_server(open_client: OpenClient) -> None:
    client = open_client("east-worker")
    with client.session_transaction() as cookie:
        token = cookie["token"]
    assert submit_form(client, "/account", "/sign-out").status_code == 303
    with client.session_transaction() as cookie:
        cookie["token"] = token
    assert client.get("/account").status_code == 303


def test_sign_out_requires_a_form_with_its_csrf_token(open_client: OpenClient) -> None:
    client = open_client("east-worker")
    assert client.post("/sign-out").status_code == 400
    assert client.get("/sign-out").status_code == 405
    assert client.get("/account").status_code == 200


def test_a_one_time_password_must_be_changed_first(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    execute_sql(filled_database, "UPDATE credential SET must_change = true")
    client = open_client("east-worker")
    assert [client.get(page).location for page in ("/account", "/residents")] == ["/account/password"] * 2
    answer = submit_form(
        client, "/account/password", current_password=PASSWORD, password=NEW_PASSWORD, repeat_password=NEW_PASSWORD
    )
    assert (answer.status_code, answer.location) == (303, "/my-grid")
    assert client.get("/residents").status_code == 200


def test_a_password_change_ends_the_other_sessions(open_client: OpenClient) -> None:
    first_client, second_client = open_client("east-leader"), open_client("east-leader")
    submit_form(
        first_client,
        "/account/password",
        current_password=PASSWORD,
        password=NEW_PASSWORD,
        repeat_password=NEW_PASSWORD,
    )
    assert (first_client.get("/account").status_code, second_client.get("/account").status_code) == (200, 303)


@pytest.mark.parametrize(
    ("current", "new", "repeated", "message"),
    [
        ("a guess", NEW_PASSWORD, NEW_PASSWORD, "this is not the current password"),
        (PASSWORD, "short", "short", "at least 10 characters"),
        (PASSWORD, NEW_PASSWORD, NEW_PASSWORD + "!", "The two passwords differ"),
        (PASSWORD, "", "", "This field is required"),
    ],
)
def test_the_fault_of_a_new_password_is_shown(
    open_client: OpenClient, current: str, new: str, repeated: str, message: str
) -> None:
    answer = submit_form(
        open_client("east-planner"),
        "/account/password",
        current_password=current,
        password=new,
        repeat_password=repeated,
    )
    assert answer.status_code == 422
    assert message in answer.text


def choose_language(client: FlaskClient, **fields: str) -> Any:
    return submit_form(client, "/account", "/account/language", **fields)


def test_a_chosen_language_applies_to_other_browsers_of_the_account(open_client: OpenClient) -> None:
    answer = choose_language(open_client("east-worker"), language="zh-CN", next="/account?page=2")
    assert (answer.status_code, answer.location) == (303, "/account?page=2")
    assert 'html lang="zh-CN"' in open_client("east-worker").get("/account").text


def test_a_language_in_a_link_changes_its_page_only(open_client: OpenClient) -> None:
    client = open_client("east-worker")
    answer = client.get("/account?language=zh-CN")
    assert 'html lang="zh-CN"' in answer.text
    assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("gridmap_language=")]
    for browser in (client, open_client("east-worker")):
        assert 'html lang="en"' in browser.get("/account").text


@pytest.mark.parametrize(("language", "status"), [("xx", 422), ("", 422), ("en", 303)])
def test_only_a_language_of_the_service_can_be_chosen(open_client: OpenClient, language: str, status: int) -> None:
    assert choose_language(open_client("east-worker"), language=language).status_code == status


def test_the_choice_of_a_language_leads_back_to_the_page_and_to_no_other_site(open_client: OpenClient) -> None:
    client = open_client("east-worker")
    assert 'name="next" value="/account?a=1&amp;b=2"' in client.get("/account?a=1&language=en&b=2").text
    assert choose_language(client, language="en", next="//evil.example").location == "/"


def test_a_browser_forgets_cached_answers_and_stored_data_at_sign_out(open_client: OpenClient) -> None:
    answer = submit_form(open_client("east-worker"), "/account", "/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_the_account_page_shows_the_scope_of_the_account(open_client: OpenClient) -> None:
    page = open_client("east-worker").get("/account").text
    assert "east subdistrict · east community · east11" in page


def test_an_expired_session_redirects_to_the_sign_in_page(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    execute_sql(filled_database, "UPDATE web_session SET expires_at = now()")
    assert client.get("/account").location == "/sign-in?next=%2Faccount"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_pages_without_an_account_exist_in_both_languages(open_client: OpenClient, language: str) -> None:
    assert f'lang="{language}"' in open_client().get(f"/sign-in?language={language}").text


def test_null_characters_in_a_form_are_ignored(open_client: OpenClient) -> None:
    assert submit_form(open_client(), "/sign-in", name="east\0-worker", password=f"{PASSWORD}\0").status_code == 303


def test_an_unknown_client_address_does_not_prevent_sign_in(open_client: OpenClient) -> None:
    client = open_client()
    client.environ_base["REMOTE_ADDR"] = "unknown"
    assert submit_form(client, "/sign-in", name="east-worker", password=PASSWORD).status_code == 303


def test_a_browser_that_has_signed_in_is_not_shut_out_by_strangers(open_client: OpenClient) -> None:
    client, stranger = open_client("east-worker"), open_client()
    submit_form(client, "/account", "/sign-out")
    for _ in range(5):
        submit_form(stranger, "/sign-in", name="east-worker", password="not this one")
    assert submit_form(stranger, "/sign-in", name="east-worker", password=PASSWORD).status_code == 429
    assert submit_form(client, "/sign-in", name="east-worker", password=PASSWORD).status_code == 303


def test_scripts_and_other_sites_cannot_use_the_device_cookie(open_client: OpenClient) -> None:
    client = open_client()
    answer = submit_form(client, "/sign-in", name="east-worker", password=PASSWORD)
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("gridmap-device=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=15552000" in cookie


def test_a_refused_sign_in_sets_no_device_cookie(open_client: OpenClient) -> None:
    answer = submit_form(open_client(), "/sign-in", name="east-worker", password="not this one")
    assert "gridmap-device" not in str(answer.headers)


def test_a_device_cookie_of_another_form_is_replaced(open_client: OpenClient) -> None:
    client = open_client()
    client.set_cookie("gridmap-device", "planted")
    submit_form(client, "/sign-in", name="east-worker", password=PASSWORD)
    cookie = client.get_cookie("gridmap-device")
    assert cookie is not None
    assert len(cookie.value) == 43


def test_requests_of_a_signed_in_browser_count_for_its_account(open_client: OpenClient, app: Flask) -> None:
    def owner(name: str) -> str | None:
        cookie = open_client(name).get_cookie("gridmap")
        found: str | None = app.extensions["gridmap.request_owner"](f"a=b; gridmap={cookie and cookie.value}")
        return found

    assert owner("east-worker") == owner("east-worker") != owner("east-leader")
    assert owner("east-leader")


@pytest.mark.parametrize("cookies", ["", "gridmap=", "gridmap=eyJhY2NvdW50IjoxfQ.aSmZTA.forged", "gridmap=%ff", "a=b"])
def test_a_forged_cookie_counts_for_no_account(app: Flask, cookies: str) -> None:
    assert app.extensions["gridmap.request_owner"](cookies) is None


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("east-worker", "/sign-in", "/my-grid"),
        ("east-worker", "/sign-in?next=/", "/my-grid"),
        ("east-worker", "/sign-in?next=/account", "/account"),
        ("east-planner", "/sign-in", "/"),
    ],
)
def test_a_worker_starts_at_the_own_grid_unless_a_page_was_asked_for(
    open_client: OpenClient, name: str, path: str, expected: str
) -> None:
    client = open_client()
    assert submit_form(client, path, path, name=name, password=PASSWORD).location == expected
    assert client.get(path).location == expected
