"""Nobody opens what is not theirs, and a view that says nothing is nobody's."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.core.vocabulary import Role
from gridmap.web.access import allowed_roles, public, roles_required, safe_redirect_path
from gridmap.web.access import login_required as any_role

SignInAs = Callable[[Role], FlaskClient]
HOSTILE_TARGETS = [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\n/evil",
    "plans",
    "",
    None,
]


@pytest.fixture(autouse=True)
def example_views(app: Flask) -> None:
    """A view of each kind."""
    app.add_url_rule("/everybody", "everybody", public(lambda: "seen"))
    app.add_url_rule("/plans", "plans", roles_required(Role.PLANNER, "leader")(lambda: "seen"), methods=["GET", "POST"])
    app.add_url_rule("/own", "own", any_role(lambda: "seen"))
    app.add_url_rule("/silent", "silent", lambda: "seen")
    app.add_url_rule("/api/plans", "api_plans", roles_required("planner")(lambda: "seen"))


def test_every_view_of_the_service_says_who_may_open_it(app: Flask) -> None:
    silent = [rule.endpoint for rule in app.url_map.iter_rules() if required_roles(app, rule.endpoint) == frozenset()]
    assert silent == ["silent"]


def required_roles(app: Flask, endpoint: str) -> frozenset[Role] | None:
    with app.app_context():
        return allowed_roles(endpoint)


@pytest.mark.parametrize("role", Role)
def test_a_view_that_says_nothing_is_refused_to_everybody(signed_in: SignInAs, role: Role) -> None:
    assert signed_in(role).get("/silent").status_code == 403


def test_a_view_that_says_nothing_is_refused_without_an_account_too(client: FlaskClient) -> None:
    assert client.get("/silent").status_code == 403


def test_what_is_public_opens_without_an_account(client: FlaskClient) -> None:
    assert client.get("/everybody").text == "seen"


def test_a_role_opens_its_views_and_no_others(signed_in: SignInAs) -> None:
    opened = [role for role in Role if signed_in(role).get("/plans").status_code == 200]
    assert opened == [Role.PLANNER, Role.LEADER]


@pytest.mark.parametrize("role", Role)
def test_what_is_for_all_who_are_signed_in_opens_for_every_role(signed_in: SignInAs, role: Role) -> None:
    assert signed_in(role).get("/own").status_code == 200


def test_who_is_not_signed_in_is_sent_there_and_comes_back(client: FlaskClient) -> None:
    answer = client.get("/plans?page=2&name=凤凰")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=%2Fplans%3Fpage%3D2%26name%3D%25E5%2587%25A4%25E5%2587%25B0"


def test_a_form_that_was_sent_without_signing_in_is_not_sent_again_by_itself(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/plans").headers["Location"] == "/sign-in"


def test_a_program_that_is_not_signed_in_is_told_so(client: FlaskClient) -> None:
    answer = client.get("/api/plans")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert "WWW-Authenticate" in answer.headers


def test_a_role_that_does_not_exist_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="zoner"):
        roles_required("zoner")


@pytest.mark.parametrize("target", HOSTILE_TARGETS)
def test_nobody_is_led_elsewhere_after_signing_in(target: str | None) -> None:
    assert safe_redirect_path(target) == "/"


def test_an_address_of_ours_is_kept() -> None:
    assert safe_redirect_path("/plans?page=2") == "/plans?page=2"
