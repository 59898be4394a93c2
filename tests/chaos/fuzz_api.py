#!/usr/bin/env python
"""The API of the real service, asked by schemathesis in the name of every role: no 500, and answers as described.

Run with the development environment: .venv/bin/python tests/chaos/fuzz_api.py [--quick] [--json]
The service runs on a home of its own with the demo subdistrict loaded; each role signs in as people do.
"""

import argparse
import json
import os
import re
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

from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # what descriptions leave out is shared with the tests

from tests.access_sweep.openapi import order_dates

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
CSRF_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def load_demo_accounts(service: RunningService) -> dict[str, str]:
    """Load the demo; the one-time password of each of its accounts."""
    command = [str(Path(sys.executable).with_name("gridmap")), "demo", "--json"]
    home = {**os.environ, "GRIDMAP_HOME": str(service.home)}
    told = subprocess.run(command, env=home, capture_output=True, text=True, check=True).stdout
    accounts = json.loads(told.splitlines()[-1])["accounts"]
    return {account["name"]: account["password"] for account in accounts}


def sign_in(service: RunningService, name: str, password: str) -> str:
    """The cookie of an account, after its one-time password has been changed."""
    browser = requests.Session()
    submit_form(browser, f"{service.url}/sign-in", name=name, password=password)
    submit_form(browser, f"{service.url}/account/password", old=password, password=NEW_PASSWORD, again=NEW_PASSWORD)
    told = browser.get(f"{service.url}/api/v1/me", timeout=REQUEST_TIMEOUT_S)
    if told.status_code != 200:
        raise SystemExit(f"{name} could not sign in: {told.status_code}")
    return str(browser.cookies["gridmap"])


def submit_form(browser: requests.Session, address: str, **fields: str) -> None:
    """Send a form as its page has it."""
    found = CSRF_TOKEN.search(browser.get(address, timeout=REQUEST_TIMEOUT_S).text)
    browser.post(address, data={"csrf_token": found[1] if found else "", **fields}, timeout=REQUEST_TIMEOUT_S)


def path_values(service: RunningService, cookie: str) -> Row:
    """Keys of rows that the account may see, so that half of what is asked finds something."""
    browser = requests.Session()
    browser.cookies["gridmap"] = cookie
    home = browser.get(f"{service.url}/api/v1/subdistricts", timeout=REQUEST_TIMEOUT_S).json()["items"][0]["id"]
    place = f"{service.url}/api/v1/subdistricts/{home}"
    parts = ("communities", "grids")
    found = {
        part: browser.get(f"{place}/{part}", timeout=REQUEST_TIMEOUT_S).json()["features"][0]["id"] for part in parts
    }
    return {"subdistrict": home, "community": found["communities"], "grid": found["grids"]}


class ApiFuzzer:
    """Everything that is asked in the name of one account.

    Parameters
    ----------
    service : RunningService
    cookie : str
        Of the account; empty for nobody.
    examples : int
        Questions to each operation in each way.
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
        described: Any = schemathesis.openapi.from_url(f"{service.url}/api/openapi.json")
        self.operations = [operation.ok() for operation in described.get_all_operations()]
        self.statuses: Counter[int] = Counter()
        self.failures: Counter[str] = Counter()

    def run(self) -> None:
        """Ask every operation as described, with keys of what there is, and otherwise."""
        for operation in self.operations:
            for mode, keys in (
                (GenerationMode.POSITIVE, {}),
                (GenerationMode.POSITIVE, self.path_values),
                (GenerationMode.NEGATIVE, {}),
            ):
                self.run_operation(operation, mode, keys)

    def run_operation(self, operation: Any, mode: GenerationMode, path_values: Row) -> None:
        """Ask one operation in one way."""

        def asked(case: Any) -> None:
            own = {name: path_values[name] for name in case.path_parameters if name in path_values}
            case.path_parameters, case.cookies = {**case.path_parameters, **own}, self.cookies
            if mode == GenerationMode.POSITIVE:
                order_dates(case)
            answer = case.call(timeout=REQUEST_TIMEOUT_S)
            self.statuses[answer.status_code] += 1
            self.check_response(case, answer, mode)

        self.hypothesis_settings(given(case=operation.as_strategy(generation_mode=mode))(asked))()

    def check_response(self, case: Any, response: Any, mode: GenerationMode) -> None:
        """Note what is not as described."""
        try:
            case.validate_response(response, checks=list(MODES[mode]))
        except FailureGroup as group:
            for failure in group.exceptions:
                told = failure.title if isinstance(failure, Failure) else type(failure).__name__
                self.failures[f"{case.operation.label}: {told}"] += 1


def fuzz_as(service: RunningService, name: str, cookie: str, examples: int) -> Row:
    """How an account's questions were answered."""
    attack = ApiFuzzer(service, cookie, examples)
    attack.run()
    statuses = {str(status): attack.statuses[status] for status in sorted(attack.statuses)}
    return {"who": name, "asked": attack.statuses.total(), "statuses": statuses, "failures": dict(attack.failures)}


def check_targets(rows: list[Row]) -> Iterator[Row]:
    """What must hold."""
    broken = sum(number for row in rows for status, number in row["statuses"].items() if status >= "500")
    yield check_target("no answer above 499", broken, broken == 0)
    failures = sum(sum(row["failures"].values()) for row in rows)
    yield check_target("every answer as described", failures, failures == 0)
    refused = set(rows[-1]["statuses"])
    yield check_target("nobody gets anything", ", ".join(refused), refused == {"401"})
    for row in rows[:-1]:
        yield check_target(
            f"{row['who']} found something", row["statuses"].get("200"), row["statuses"].get("200", 0) > 0
        )


def main() -> None:
    """Read the command line, serve, ask, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer questions")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args()
    examples = 5 if asked.quick else 60
    with temporary_service() as service:
        cookies = {name: sign_in(service, name, password) for name, password in load_demo_accounts(service).items()}
        rows = [fuzz_as(service, name, cookie, examples) for name, cookie in cookies.items()]
        rows.append(fuzz_as(service, "nobody", "", examples))
    print_report("fault_api", rows, list(check_targets(rows)), as_json=asked.json)


if __name__ == "__main__":
    main()
