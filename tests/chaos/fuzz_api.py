"""Fuzzing of the real service's API by schemathesis as every role: no 5xx, and answers that match the schema.

Run with the development environment: .venv/bin/python -m tests.chaos.fuzz_api [--quick] [--json]
The service runs in its own home with the demo subdistrict; each role signs in through the page.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi import checks

from tests.access_sweep.openapi import order_dates
from tests.benchmarks.harness.demo_visitors import submit_form
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service

REQUEST_TIMEOUT_S = 10.0
NEW_PASSWORD = "four lamps over the wide river"
CHECKS: tuple[Any, ...] = (
    not_a_server_error,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.status_code_conformance,
    checks.unsupported_method,
)
MODES: dict[GenerationMode, tuple[Any, ...]] = {
    GenerationMode.POSITIVE: (*CHECKS, checks.positive_data_acceptance),
    GenerationMode.NEGATIVE: (*CHECKS, checks.negative_data_rejection),
}


def load_demo_accounts(service: RunningService) -> dict[str, str]:
    """Load the demo and return the one-time password of each account."""
    command = [str(Path(sys.executable).with_name("gridmap")), "demo", "--json"]
    environment = {**os.environ, "GRIDMAP_HOME": str(service.home)}
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    accounts = json.loads(output.splitlines()[-1])["accounts"]
    return {account["name"]: account["password"] for account in accounts}


def sign_in(service: RunningService, name: str, password: str) -> str:
    """Sign in, change the one-time password, and return the cookie."""
    browser = requests.Session()
    submit_form(browser, f"{service.url}/sign-in", name=name, password=password)
    submit_form(
        browser,
        f"{service.url}/account/password",
        current_password=password,
        password=NEW_PASSWORD,
        repeat_password=NEW_PASSWORD,
    )
    answer = browser.get(f"{service.url}/api/v1/me", timeout=REQUEST_TIMEOUT_S)
    if answer.status_code != 200:
        raise SystemExit(f"{name} could not sign in: {answer.status_code}")
    return str(browser.cookies["gridmap"])


def path_values(service: RunningService, cookie: str) -> Row:
    """Return ids of rows that the account may see, so that half of the requests find something."""
    browser = requests.Session()
    browser.cookies["gridmap"] = cookie
    url = f"{service.url}/api/v1/subdistricts"
    subdistrict = browser.get(url, timeout=REQUEST_TIMEOUT_S).json()["items"][0]["id"]

    def first_feature(layer: str) -> int:
        answer = browser.get(f"{url}/{subdistrict}/{layer}", timeout=REQUEST_TIMEOUT_S)
        return int(answer.json()["features"][0]["id"])

    return {"subdistrict": subdistrict, "community": first_feature("communities"), "grid": first_feature("grids")}


class ApiFuzzer:
    """Requests of one account, with the statuses and failures of the answers.

    Parameters
    ----------
    service : RunningService
        The service under test.
    cookie : str
        Session cookie of the account; empty for an anonymous visitor.
    examples : int
        Requests to each operation in each mode.
    """

    def __init__(self, service: RunningService, cookie: str, examples: int) -> None:
        self.cookies = {"gridmap": cookie} if cookie else {}
        self.path_values = path_values(service, cookie) if cookie else {}
        self.hypothesis_settings = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        schema: Any = schemathesis.openapi.from_url(f"{service.url}/api/openapi.json")
        self.operations = [operation.ok() for operation in schema.get_all_operations()]
        self.statuses: Counter[int] = Counter()
        self.failures: Counter[str] = Counter()

    def run(self) -> None:
        """Call every operation with valid values, with ids of existing rows, and with invalid values."""
        for operation in self.operations:
            for mode, values in (
                (GenerationMode.POSITIVE, {}),
                (GenerationMode.POSITIVE, self.path_values),
                (GenerationMode.NEGATIVE, {}),
            ):
                self.run_operation(operation, mode, values)

    def run_operation(self, operation: Any, mode: GenerationMode, path_values: Row) -> None:
        """Call one operation in one mode."""

        def call_operation(case: Any) -> None:
            existing = {name: path_values[name] for name in case.path_parameters if name in path_values}
            case.path_parameters, case.cookies = {**case.path_parameters, **existing}, self.cookies
            if mode == GenerationMode.POSITIVE:
                order_dates(case)
            answer = case.call(timeout=REQUEST_TIMEOUT_S)
            self.statuses[answer.status_code] += 1
            self.check_response(case, answer, mode)

        self.hypothesis_settings(given(case=operation.as_strategy(generation_mode=mode))(call_operation))()

    def check_response(self, case: Any, response: Any, mode: GenerationMode) -> None:
        """Count deviations of a response from the schema."""
        try:
            case.validate_response(response, checks=list(MODES[mode]))
        except FailureGroup as group:
            for failure in group.exceptions:
                title = failure.title if isinstance(failure, Failure) else type(failure).__name__
                self.failures[f"{case.operation.label}: {title}"] += 1


def fuzz_as(service: RunningService, name: str, cookie: str, examples: int) -> Row:
    """Call every operation as one account and return the row of the report."""
    fuzzer = ApiFuzzer(service, cookie, examples)
    fuzzer.run()
    statuses = {str(status): fuzzer.statuses[status] for status in sorted(fuzzer.statuses)}
    requests_sent = fuzzer.statuses.total()
    return {"account": name, "requests": requests_sent, "statuses": statuses, "failures": dict(fuzzer.failures)}


def check_targets(rows: list[Row]) -> Iterator[Row]:
    """Check the statuses and the failures."""
    errors = sum(count for row in rows for status, count in row["statuses"].items() if status >= "500")
    yield check_target("no answer above 499", errors, errors == 0)
    failures = sum(sum(row["failures"].values()) for row in rows)
    yield check_target("every answer matches the schema", failures, failures == 0)
    anonymous = set(rows[-1]["statuses"])
    yield check_target("anonymous visitors get only 401", ", ".join(anonymous), anonymous == {"401"})
    for row in rows[:-1]:
        successes = row["statuses"].get("200", 0)
        yield check_target(f"{row['account']} found something", successes, successes > 0)


def main() -> None:
    """Read the command line, fuzz the service, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer requests")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    examples = 5 if options.quick else 60
    with temporary_service() as service:
        cookies = {name: sign_in(service, name, password) for name, password in load_demo_accounts(service).items()}
        rows = [fuzz_as(service, name, cookie, examples) for name, cookie in cookies.items()]
        rows.append(fuzz_as(service, "anonymous", "", examples))
    print_report("fuzz_api", rows, list(check_targets(rows)), as_json=options.json)


if __name__ == "__main__":
    main()
