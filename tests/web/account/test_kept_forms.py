"""Forms sent after the session has ended: the password is required, and the form is sent unchanged."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.web.account.kept_forms import KeptForm, unseal
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
NEW_PASSWORD = "a boat under seven bridges"
PASSWORD_FIELDS = {"current_password": PASSWORD, "password": NEW_PASSWORD, "repeat_password": NEW_PASSWORD}


def token_of(page: str) -> str:
    return str(re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page)[0])


def kept_of(page: str) -> str:
    found = re.search(r'name="kept_form"[^>]* value="([^"]*)"', page)
    return found[1] if found else ""


def send_expired(client: FlaskClient, database: FilledDatabase, **fields: str) -> str:
    """Open the form of the password, end all sessions, send the form and return the page that answers."""
    csrf_token = token_of(client.get("/account/password").text)
    execute_sql(database, "UPDATE web_session SET expires_at = now()")
    answer = client.post("/account/password", data={"csrf_token": csrf_token, **PASSWORD_FIELDS, **fields})
    assert answer.status_code == 401
    return answer.text


def sign_in_again(client: FlaskClient, page: str, name: str = "east-worker", password: str = PASSWORD) -> str:
    fields = {"csrf_token": token_of(page), "kept_form": kept_of(page), "name": name, "password": password}
    return client.post("/sign-in", data=fields, follow_redirects=True).text


def send_kept(client: FlaskClient, page: str) -> int:
    """Send the form of the page that repeats it, as a person without scripts does, and return the status."""
    form = page.split("data-send-now")[1].split("</form>", maxsplit=1)[0]
    fields = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form)}
    path = re.findall(r'action="([^"]+)" data-send-now', page)[0]
    return client.post(path, data=fields).status_code


def test_a_form_is_sent_after_the_password_is_given(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    client = open_client("east-worker")
    page = send_expired(client, filled_database)
    assert "Your session has ended" in page
    assert send_kept(client, sign_in_again(client, page)) == 303
    assert open_client("east-worker", NEW_PASSWORD)


def test_a_wrong_password_keeps_the_form(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    client = open_client("east-worker")
    page = sign_in_again(client, send_expired(client, filled_database), password="not this one")
    assert "do not belong together" in page
    assert send_kept(client, sign_in_again(client, page)) == 303


def test_the_page_shows_nothing_of_what_was_entered(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    page = send_expired(open_client("east-worker"), filled_database)
    assert PASSWORD not in page
    assert NEW_PASSWORD not in page


def test_a_form_is_not_sent_for_another_account(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    client = open_client("east-worker")
    page = sign_in_again(client, send_expired(client, filled_database), "east-leader")
    assert "belongs to another account" in page
    assert "data-send-now" not in page


def test_a_changed_form_is_not_sent(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    client = open_client("east-worker")
    page = send_expired(client, filled_database)
    sealed = kept_of(page)
    page = page.replace(sealed, sealed[:-6] + "AAAA==")
    assert "could not be sent" in sign_in_again(client, page)


@pytest.mark.parametrize(("letters", "kept"), [(65_000, True), (66_000, False)])
def test_a_form_is_kept_up_to_its_limit(
    open_client: OpenClient, filled_database: FilledDatabase, letters: int, kept: bool
) -> None:
    page = send_expired(open_client("east-worker"), filled_database, note="x" * letters)
    assert bool(kept_of(page)) is kept
    assert ("too long to be kept" in page) is not kept


def test_a_form_of_another_site_is_not_kept(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    client = open_client("east-worker")
    execute_sql(filled_database, "UPDATE web_session SET expires_at = now()")
    answer = client.post("/account/password", data={"csrf_token": "forged", **PASSWORD_FIELDS})
    assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_a_form_after_signing_out_is_not_kept(open_client: OpenClient) -> None:
    client = open_client("east-worker")
    csrf_token = token_of(client.get("/account/password").text)
    submit_form(client, "/account", "/sign-out")
    answer = client.post("/account/password", data={"csrf_token": csrf_token, **PASSWORD_FIELDS})
    assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_a_one_time_password_has_to_be_changed_before_anything_is_sent(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    page = send_expired(client, filled_database)
    execute_sql(filled_database, "UPDATE credential SET must_change = true")
    assert "data-send-now" not in sign_in_again(client, page)


def test_a_sealed_form_needs_the_secret_of_its_service(app: Flask) -> None:
    with app.app_context():
        sealed = KeptForm(7, "/account/password?a=1", [("name", "值"), ("name", "<b>")]).seal()
        assert unseal(sealed) == KeptForm(7, "/account/password?a=1", [("name", "值"), ("name", "<b>")])
        app.secret_key = "another secret of a service"
        assert unseal(sealed) is None
