"""Access to views by role; a view without a declaration is closed to everybody."""

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
    """Add a view with each kind of access."""
    app.add_url_rule("/everybody", "everybody", public(lambda: "content"))
    app.add_url_rule(
        "/plans", "plans", roles_required(Role.PLANNER, "leader")(lambda: "content"), methods=["GET", "POST"]
    )
    app.add_url_rule("/own", "own", any_role(lambda: "content"))
    app.add_url_rule("/undeclared", "undeclared", lambda: "content")
    app.add_url_rule("/api/plans", "api_plans", roles_required("planner")(lambda: "content"))


def test_every_view_of_the_service_declares_its_roles(app: Flask) -> None:
    undeclared = [
        rule.endpoint for rule in app.url_map.iter_rules() if required_roles(app, rule.endpoint) == frozenset()
    ]
    assert undeclared == ["undeclared"]


def required_roles(app: Flask, endpoint: str) -> frozenset[Role] | None:
    with app.app_context():
        return allowed_roles(endpoint)


@pytest.mark.parametrize("role", Role)
def test_a_view_without_a_declaration_is_refused_to_every_role(signed_in: SignInAs, role: Role) -> None:
    assert signed_in(role).get("/undeclared").status_code == 403


def test_a_view_without_a_declaration_is_refused_without_an_account(client: FlaskClient) -> None:
    assert client.get("/undeclared").status_code == 403


def test_a_public_view_opens_without_an_account(client: FlaskClient) -> None:
    assert client.get("/everybody").text == "content"


def test_a_role_opens_its_views_and_no_others(signed_in: SignInAs) -> None:
    roles = [role for role in Role if signed_in(role).get("/plans").status_code == 200]
    assert roles == [Role.PLANNER, Role.LEADER]


@pytest.mark.parametrize("role", Role)
def test_a_view_for_signed_in_users_opens_for_every_role(signed_in: SignInAs, role: Role) -> None:
    assert signed_in(role).get("/own").status_code == 200


def test_the_redirect_to_the_sign_in_page_carries_the_requested_address(client: FlaskClient) -> None:
    answer = client.get("/plans?page=2&name=凤凰")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=%2Fplans%3Fpage%3D2%26name%3D%25E5%2587%25A4%25E5%2587%25B0"


def test_a_form_submitted_without_an_account_is_not_submitted_again(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/plans").headers["Location"] == "/sign-in"


def test_an_api_client_without_an_account_gets_401(client: FlaskClient) -> None:
    answer = client.get("/api/plans")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert "WWW-Authenticate" in answer.headers


def test_an_unknown_role_raises_a_value_error() -> None:
    with pytest.raises(ValueError, match="zoner"):
        roles_required("zoner")


@pytest.mark.parametrize("target", HOSTILE_TARGETS)
def test_sign_in_never_redirects_to_another_site(target: str | None) -> None:
    assert safe_redirect_path(target) == "/"


def test_an_address_of_the_service_is_a_safe_redirect() -> None:
    assert safe_redirect_path("/plans?page=2") == "/plans?page=2"
