"""Whatever is asked of the API within its description or beside it: the answer is one that the description knows."""

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

from gridmap.core.names import Role
from tests.offices import Office
from tests.sweep.described import in_order
from tests.web.offices import Browser, app, browser, places

__all__ = ["app", "browser", "places"]
CHECKS: list[Any] = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
QUICK = settings(
    max_examples=3,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
Keys = dict[str, int]
MODES = {
    GenerationMode.POSITIVE: (*CHECKS, positive_data_acceptance),
    GenerationMode.NEGATIVE: (*CHECKS, negative_data_rejection),
}


@pytest.fixture
def east(places: dict[str, Office]) -> Keys:
    """Rows that there are."""
    office = places["east"]
    return {"subdistrict": office.id, "community": office.community, "grid": office.grids[0]}


@pytest.mark.parametrize("role", Role)
def test_what_is_described_is_answered_as_described(app: Flask, browser: Browser, east: Keys, role: Role) -> None:
    statuses = visited(app, browser(f"east-{role}"), GenerationMode.POSITIVE, east)
    assert statuses <= {200, 403, 404}
    assert 200 in statuses


@pytest.mark.parametrize("role", Role)
def test_what_is_not_described_is_refused(app: Flask, browser: Browser, role: Role) -> None:
    statuses = visited(app, browser(f"east-{role}"), GenerationMode.NEGATIVE, {})
    assert 422 in statuses


def test_who_is_not_signed_in_is_told_so(app: Flask, browser: Browser, east: Keys) -> None:
    assert visited(app, browser(), GenerationMode.POSITIVE, east) == {401}


def visited(app: Flask, client: FlaskClient, mode: GenerationMode, keys: Keys) -> set[int]:
    """Ask every operation a few times, of the rows with these keys where it names one; what came back."""
    kept = client.get_cookie("gridmap")
    cookies = {"gridmap": kept.value} if kept else {}
    statuses: set[int] = set()

    def asked(case: Any) -> None:
        case.path_parameters = {
            **case.path_parameters,
            **{key: keys[key] for key in case.path_parameters if key in keys},
        }
        case.cookies = cookies
        if mode == GenerationMode.POSITIVE:
            in_order(case)
        answer = case.call()
        case.validate_response(answer, checks=list(MODES[mode]))
        statuses.add(answer.status_code)

    operations: Any = schemathesis.openapi.from_wsgi("/api/openapi.json", app).get_all_operations()
    for operation in operations:
        QUICK(given(case=operation.ok().as_strategy(generation_mode=mode))(asked))()
    return statuses
