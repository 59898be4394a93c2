"""Signing in and out in a browser without scripts, and what the cookie holds."""

import pytest

from tests.fixtures.subdistricts import PASSWORD, FilledDatabase
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
NEW_PASSWORD = "a boat under seven bridges"


def test_the_sign_in_leads_to_where_one_wanted_to_go(open_client: OpenClient) -> None:
    client = open_client()
    asked = client.get("/residents")
    assert asked.status_code == 303
    answer = submit_form(client, asked.location, name="east-worker", password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/residents")


def test_nobody_is_led_to_a_foreign_site(open_client: OpenClient) -> None:
    answer = submit_form(open_client(), "/sign-in?next=https://evil.example", name="east-worker", password=PASSWORD)
    assert answer.location == "/"


def test_a_wrong_password_and_an_unknown_name_have_one_answer(open_client: OpenClient) -> None:
    def answer(name: str) -> tuple[int, str]:
        page = submit_form(open_client(), "/sign-in", name=name, password="not this one")
        return page.status_code, page.text.split("<main")[1].split("csrf_token")[0]

    assert answer("nobody") == answer("east-worker")
    assert answer("nobody")[0] == 422


def test_after_five_failures_one_waits(open_client: OpenClient) -> None:
    for _ in range(5):
        submit_form(open_client(), "/sign-in", name="east-worker", password="not this one")
    answer = submit_form(open_client(), "/sign-in", name="east-worker", password=PASSWORD)
    assert answer.status_code == 429
    assert 30 < int(answer.headers["Retry-After"]) <= 60
    assert "Wait 1 min" in answer.text


def test_the_cookie_changes_at_the_sign_in_and_keeps_nothing_from_before(open_client: OpenClient) -> None:
    client = open_client()
    with client.session_transaction() as before:
        before["planted"] = "by somebody"
        before["token"] = "planted too"
    submit_form(client, "/sign-in", name="east-worker", password=PASSWORD)
    with client.session_transaction() as after:
        assert set(after) == {"token"}
        assert after["token"] != "planted too"


def test_signing_out_ends_the_session_on_the_server(open_client: OpenClient) -> None:
    client = open_client("east-worker")
    with client.session_transaction() as cookie:
        token = cookie["token"]
    assert submit_form(client, "/account", "/sign-out").status_code == 303
    with client.session_transaction() as cookie:
        cookie["token"] = token
    assert client.get("/account").status_code == 303


def test_signing_out_needs_a_form_of_ours(open_client: OpenClient) -> None:
    client = open_client("east-worker")
    assert client.post("/sign-out").status_code == 400
    assert client.get("/sign-out").status_code == 405
    assert client.get("/account").status_code == 200


def test_a_one_time_password_is_changed_before_anything_else(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    execute_sql(filled_database, "UPDATE credential SET must_change = true")
    client = open_client("east-worker")
    assert [client.get(page).location for page in ("/account", "/residents")] == ["/account/password"] * 2
    assert (
        submit_form(
            client, "/account/password", current_password=PASSWORD, password=NEW_PASSWORD, repeat_password=NEW_PASSWORD
        ).status_code
        == 303
    )
    assert client.get("/residents").status_code == 200


def test_a_changed_password_signs_out_the_other_browser(open_client: OpenClient) -> None:
    here, there = open_client("east-leader"), open_client("east-leader")
    submit_form(
        here, "/account/password", current_password=PASSWORD, password=NEW_PASSWORD, repeat_password=NEW_PASSWORD
    )
    assert (here.get("/account").status_code, there.get("/account").status_code) == (200, 303)


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("a guess", NEW_PASSWORD, NEW_PASSWORD, "this is not the current password"),
        (PASSWORD, "short", "short", "at least 10 characters"),
        (PASSWORD, NEW_PASSWORD, NEW_PASSWORD + "!", "The two passwords differ"),
        (PASSWORD, "", "", "This field is required"),
    ],
)
def test_what_is_wrong_with_a_new_password_is_said(
    open_client: OpenClient, old: str, new: str, again: str, said: str
) -> None:
    answer = submit_form(
        open_client("east-planner"), "/account/password", current_password=old, password=new, repeat_password=again
    )
    assert answer.status_code == 422
    assert said in answer.text


def test_the_language_one_chooses_comes_along_to_other_browsers(open_client: OpenClient) -> None:
    open_client("east-worker").get("/account?language=zh-CN")
    assert 'lang="zh-CN"' in open_client("east-worker").get("/account").text


def test_the_account_page_says_where_one_works(open_client: OpenClient) -> None:
    page = open_client("east-worker").get("/account").text
    assert "east subdistrict · east community · east11" in page


def test_a_session_over_leads_to_the_sign_in(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    client = open_client("east-worker")
    execute_sql(filled_database, "UPDATE web_session SET expires_at = now()")
    assert client.get("/account").location == "/sign-in?next=%2Faccount"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_pages_without_an_account_speak_both_languages(open_client: OpenClient, language: str) -> None:
    assert f'lang="{language}"' in open_client().get(f"/sign-in?language={language}").text


def test_letters_that_no_database_keeps_do_no_harm(open_client: OpenClient) -> None:
    assert submit_form(open_client(), "/sign-in", name="east\0-worker", password=f"{PASSWORD}\0").status_code == 303


def test_an_address_that_is_none_does_no_harm(open_client: OpenClient) -> None:
    client = open_client()
    client.environ_base["REMOTE_ADDR"] = "unknown"
    assert submit_form(client, "/sign-in", name="east-worker", password=PASSWORD).status_code == 303
