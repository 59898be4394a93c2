"""Conformance of the API with its OpenAPI document, for valid and invalid requests."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from gridmap.core.vocabulary import Role
from tests.access_sweep.openapi import order_dates
from tests.fixtures.subdistricts import SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
CHECKS: list[Any] = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
FEW_EXAMPLES = settings(
    max_examples=3,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
PathIds = dict[str, int]
MODES = {
    GenerationMode.POSITIVE: (*CHECKS, positive_data_acceptance),
    GenerationMode.NEGATIVE: (*CHECKS, negative_data_rejection),
}


@pytest.fixture
def path_ids(subdistricts: dict[str, SubdistrictIds]) -> PathIds:
    """Return the keys of existing rows."""
    east = subdistricts["east"]
    return {"subdistrict_id": east.subdistrict_id, "community_id": east.community_id, "grid_id": east.grid_ids[0]}


@pytest.mark.parametrize("role", Role)
def test_valid_requests_get_the_documented_responses(
    app: Flask, open_client: OpenClient, path_ids: PathIds, role: Role
) -> None:
    statuses = call_operations(app, open_client(f"east-{role}"), GenerationMode.POSITIVE, path_ids)
    assert statuses <= {200, 403, 404}
    assert 200 in statuses


@pytest.mark.parametrize(
    "role", [Role.PLANNER, *(pytest.param(each, marks=pytest.mark.full) for each in Role if each != Role.PLANNER)]
)
def test_invalid_requests_are_refused(app: Flask, open_client: OpenClient, role: Role) -> None:
    statuses = call_operations(app, open_client(f"east-{role}"), GenerationMode.NEGATIVE, {})
    assert 422 in statuses


def test_requests_without_an_account_get_401(app: Flask, open_client: OpenClient, path_ids: PathIds) -> None:
    assert call_operations(app, open_client(), GenerationMode.POSITIVE, path_ids) == {401}


def call_operations(app: Flask, client: FlaskClient, mode: GenerationMode, path_ids: PathIds) -> set[int]:
    """Call every operation a few times, with the keys of existing rows, and return the statuses."""
    cookie = client.get_cookie("gridmap")
    cookies = {"gridmap": cookie.value} if cookie else {}
    statuses: set[int] = set()

    def call(case: Any) -> None:
        case.path_parameters = {
            **case.path_parameters,
            **{key: path_ids[key] for key in case.path_parameters if key in path_ids},
        }
        case.cookies = cookies
        if mode == GenerationMode.POSITIVE:
            order_dates(case)
        answer = case.call(headers={"Accept-Encoding": "identity"})  # nothing here unpacks a body
        case.validate_response(answer, checks=list(MODES[mode]))
        statuses.add(answer.status_code)

    operations: Any = schemathesis.openapi.from_wsgi("/api/openapi.json", app).get_all_operations()
    for operation in operations:
        FEW_EXAMPLES(given(case=operation.ok().as_strategy(generation_mode=mode))(call))()
    return statuses
