#!/usr/bin/env python
"""The API of the real service, asked by schemathesis in the name of every role: no 500, and answers as described.

Run with the development environment: .venv/bin/python scripts/fault_api.py [--quick] [--json]
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
from measured import Row, target, tell
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi import checks
from served import Served, served

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # what descriptions leave out is shared with the tests

from tests.sweep.described import in_order

SLOW_S = 10.0
NEW = "four lamps over the wide river"
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
WORD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def passwords(service: Served) -> dict[str, str]:
    """Load the demo; the one-time password of each of its accounts."""
    command = [str(Path(sys.executable).with_name("gridmap")), "demo", "--json"]
    home = {**os.environ, "GRIDMAP_HOME": str(service.home)}
    told = subprocess.run(command, env=home, capture_output=True, text=True, check=True).stdout
    accounts = json.loads(told.splitlines()[-1])["accounts"]
    return {account["name"]: account["password"] for account in accounts}


def signed_in(service: Served, name: str, password: str) -> str:
    """The cookie of an account, after its one-time password has been changed."""
    browser = requests.Session()
    send(browser, f"{service.address}/sign-in", name=name, password=password)
    send(browser, f"{service.address}/account/password", old=password, password=NEW, again=NEW)
    told = browser.get(f"{service.address}/api/v1/me", timeout=SLOW_S)
    if told.status_code != 200:
        raise SystemExit(f"{name} could not sign in: {told.status_code}")
    return str(browser.cookies["gridmap"])


def send(browser: requests.Session, address: str, **fields: str) -> None:
    """Send a form as its page has it."""
    found = WORD.search(browser.get(address, timeout=SLOW_S).text)
    browser.post(address, data={"csrf_token": found[1] if found else "", **fields}, timeout=SLOW_S)


def known(service: Served, cookie: str) -> Row:
    """Keys of rows that the account may see, so that half of what is asked finds something."""
    browser = requests.Session()
    browser.cookies["gridmap"] = cookie
    home = browser.get(f"{service.address}/api/v1/subdistricts", timeout=SLOW_S).json()["items"][0]["id"]
    place = f"{service.address}/api/v1/subdistricts/{home}"
    parts = ("communities", "grids")
    found = {part: browser.get(f"{place}/{part}", timeout=SLOW_S).json()["features"][0]["id"] for part in parts}
    return {"subdistrict": home, "community": found["communities"], "grid": found["grids"]}


class Attack:
    """Everything that is asked in the name of one account.

    Parameters
    ----------
    service : Served
    cookie : str
        Of the account; empty for nobody.
    examples : int
        Questions to each operation in each way.
    """

    def __init__(self, service: Served, cookie: str, examples: int) -> None:
        self.cookies = {"gridmap": cookie} if cookie else {}
        self.keys = known(service, cookie) if cookie else {}
        self.asks = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        described: Any = schemathesis.openapi.from_url(f"{service.address}/api/openapi.json")
        self.operations = [operation.ok() for operation in described.get_all_operations()]
        self.statuses: Counter[int] = Counter()
        self.failures: Counter[str] = Counter()

    def run(self) -> None:
        """Ask every operation as described, with keys of what there is, and otherwise."""
        for operation in self.operations:
            for mode, keys in (
                (GenerationMode.POSITIVE, {}),
                (GenerationMode.POSITIVE, self.keys),
                (GenerationMode.NEGATIVE, {}),
            ):
                self.ask(operation, mode, keys)

    def ask(self, operation: Any, mode: GenerationMode, keys: Row) -> None:
        """Ask one operation in one way."""

        def asked(case: Any) -> None:
            own = {name: keys[name] for name in case.path_parameters if name in keys}
            case.path_parameters, case.cookies = {**case.path_parameters, **own}, self.cookies
            if mode == GenerationMode.POSITIVE:
                in_order(case)
            answer = case.call(timeout=SLOW_S)
            self.statuses[answer.status_code] += 1
            self.judge(case, answer, mode)

        self.asks(given(case=operation.as_strategy(generation_mode=mode))(asked))()

    def judge(self, case: Any, answer: Any, mode: GenerationMode) -> None:
        """Note what is not as described."""
        try:
            case.validate_response(answer, checks=list(MODES[mode]))
        except FailureGroup as group:
            for failure in group.exceptions:
                told = failure.title if isinstance(failure, Failure) else type(failure).__name__
                self.failures[f"{case.operation.label}: {told}"] += 1


def attacked(service: Served, name: str, cookie: str, examples: int) -> Row:
    """How an account's questions were answered."""
    attack = Attack(service, cookie, examples)
    attack.run()
    statuses = {str(status): attack.statuses[status] for status in sorted(attack.statuses)}
    return {"who": name, "asked": attack.statuses.total(), "statuses": statuses, "failures": dict(attack.failures)}


def targets(rows: list[Row]) -> Iterator[Row]:
    """What must hold."""
    broken = sum(number for row in rows for status, number in row["statuses"].items() if status >= "500")
    yield target("no answer above 499", broken, broken == 0)
    failures = sum(sum(row["failures"].values()) for row in rows)
    yield target("every answer as described", failures, failures == 0)
    refused = set(rows[-1]["statuses"])
    yield target("nobody gets anything", ", ".join(refused), refused == {"401"})
    for row in rows[:-1]:
        yield target(f"{row['who']} found something", row["statuses"].get("200"), row["statuses"].get("200", 0) > 0)


def main() -> None:
    """Read the command line, serve, ask, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer questions")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args()
    examples = 5 if asked.quick else 60
    with served() as service:
        cookies = {name: signed_in(service, name, password) for name, password in passwords(service).items()}
        rows = [attacked(service, name, cookie, examples) for name, cookie in cookies.items()]
        rows.append(attacked(service, "nobody", "", examples))
    tell("fault_api", rows, list(targets(rows)), as_json=asked.json)


if __name__ == "__main__":
    main()
