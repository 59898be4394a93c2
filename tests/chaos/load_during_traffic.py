#!/usr/bin/env python
"""Towns loaded and the database upgraded beside page traffic: both lock what the other reads and writes.

Run with the development environment: .venv/bin/python tests/chaos/load_during_traffic.py [--quick] [--json]
The service is the real one with its demo, on a home of its own. Planner, leader and station open pages without pause,
the worker reports incidents; meanwhile `gridmap load` puts one invented town after another into the database, and
`gridmap db upgrade`, which locks every table, runs after each. Each command must come to its end, each town be there
whole, no page fail, and every incident that was acknowledged be there.
"""

import argparse
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests

from gridmap.postgres.databases import fetch_rows
from gridmap.postgres.server import Cluster
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service
from tests.chaos.kill_service_parts import CSRF_TOKEN, demo_visitors

LOAD_COUNT, QUICK_LOAD_COUNT = 8, 2
PATHS_BY_ROLE = {
    "planner": ("/", "/grids/1", "/planner/communities/1"),
    "leader": ("/", "/heat"),
    "station": ("/", "/grids/1", "/people"),
}
REPORT_PATH, INCIDENT_TITLE = "/my-grid/report", "beside a load"
BUILDING_SELECT = re.compile(r'name="building".*?</select>', re.DOTALL)
OPTION_VALUE = re.compile(r'<option value="(\d+)"')
FORM_TOKEN = re.compile(r'name="form"[^>]*value="([^"]+)"')
COMPLETE_TOWNS = """
    SELECT s.code, count(DISTINCT a.id) = count(DISTINCT c.id)
    FROM subdistrict s JOIN community c ON c.subdistrict_id = s.id LEFT JOIN plan p ON p.community_id = c.id
    LEFT JOIN revision r ON r.plan_id = p.id LEFT JOIN adoption a ON a.revision_id = r.id
    WHERE s.code LIKE 'import-%' GROUP BY s.code
"""


@dataclass
class SignedInVisitor:
    """Somebody signed in who opens pages, or reports incidents, until it is over."""

    address: str
    role: str
    browser: requests.Session
    answers: Counter[str] = field(default_factory=Counter)

    def run(self, stop: threading.Event) -> None:
        """Ask without pause."""
        while not stop.is_set():
            for path in PATHS_BY_ROLE.get(self.role, (REPORT_PATH,)):
                try:
                    self.answers[
                        str(self.report_incident() if path == REPORT_PATH else self.open(path).status_code)
                    ] += 1
                except requests.RequestException as error:
                    self.answers[type(error).__name__] += 1

    def open(self, path: str) -> requests.Response:
        """A page."""
        return self.browser.get(self.address + path, timeout=60)

    def report_incident(self) -> int:
        """Report an incident in the first building of one's own grid; the status of the answer."""
        page = self.open(REPORT_PATH)
        word, form = CSRF_TOKEN.search(page.text), FORM_TOKEN.search(page.text)
        chosen = OPTION_VALUE.search(found[0] if (found := BUILDING_SELECT.search(page.text)) else "")
        if not (word and form and chosen):
            return page.status_code
        typed = {
            "csrf_token": word[1],
            "form": form[1],
            "building": chosen[1],
            "category": "order",
            "title": INCIDENT_TITLE,
        }
        return self.browser.post(self.address + REPORT_PATH, typed, timeout=60, allow_redirects=False).status_code


def sign_in_visitors(service: RunningService) -> Iterator[SignedInVisitor]:
    """Those of the demo's accounts that have something to do here, signed in."""
    for person in demo_visitors(service):
        if person.name in (*PATHS_BY_ROLE, "worker"):
            person.sign_in()
            browser = requests.Session()
            for name, value in person.cookies[0].items():
                browser.cookies.set(name, value, domain="127.0.0.1")
            yield SignedInVisitor(service.url, person.name, browser)


def run_command(service: RunningService, *arguments: str) -> Row:
    """A command on the home of the service: how it ended and how long it took."""
    surroundings = {**os.environ, "GRIDMAP_HOME": str(service.home)}
    program, begun = str(Path(sys.executable).with_name("gridmap")), time.monotonic()
    ended = subprocess.run([program, *arguments], env=surroundings, capture_output=True, text=True, check=False)
    said = "" if not ended.returncode else (ended.stderr.strip().splitlines() or [""])[-1][:120]
    return {
        "command": " ".join(arguments[:2]),
        "ended": ended.returncode,
        "seconds": time.monotonic() - begun,
        "said": said,
    }


def load_and_upgrade(service: RunningService, times: int) -> Iterator[Row]:
    """Load and upgrade so many times."""
    town = service.home / "town.gpkg"
    run_command(service, "demo-town", "--households", "1500", "-o", str(town))
    for number in range(times):
        yield run_command(service, "load", str(town), "--code", f"import-{number}")
        yield run_command(service, "db", "upgrade")


def summarise(rows: list[Row], visitors: list[SignedInVisitor]) -> Iterator[Row]:
    """One row for each command and each visitor."""
    for name in ("load", "db upgrade"):
        mine = [row for row in rows if row["command"].startswith(name)]
        ended = dict(Counter(str(row["ended"]) for row in mine))
        yield {"who": name, "ended": ended, "longest_s": max(row["seconds"] for row in mine)}
    yield from ({"who": guest.role, "ended": dict(guest.answers)} for guest in visitors)


def main() -> None:
    """Read the command line, load beside traffic, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_LOAD_COUNT} towns instead of {LOAD_COUNT}")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    with temporary_service("--demo") as service:
        guests, over = list(sign_in_visitors(service)), threading.Event()
        threads = [threading.Thread(target=guest.run, args=[over]) for guest in guests]
        for thread in threads:
            thread.start()
        rows = list(load_and_upgrade(service, QUICK_LOAD_COUNT if options.quick else LOAD_COUNT))
        over.set()
        for thread in threads:
            thread.join()
        url = Cluster(service.home).database_url()
        towns = fetch_rows(url, COMPLETE_TOWNS)
        [(kept,)] = fetch_rows(url, "SELECT count(*) FROM incident WHERE title = %s", INCIDENT_TITLE)
    for row in rows:
        if row["said"]:
            print(row["command"], row["said"])
    print_report(
        "fault_import",
        list(summarise(rows, guests)),
        list(check_targets(rows, guests, towns, kept)),
        as_json=options.json,
    )


def check_targets(
    rows: list[Row], visitors: list[SignedInVisitor], towns: list[tuple[str, bool]], stored_incidents: int
) -> Iterator[Row]:
    """What must hold."""
    failed = sum(row["ended"] not in (0, 3) for row in rows)  # 3: a grid had to stay out of range
    yield check_target("commands that failed", failed, failed == 0)
    whole = sum(sound for _, sound in towns)
    yield check_target(f"towns there and whole, of {len(rows) // 2}", whole, whole == len(towns) == len(rows) // 2)
    answers = sum((guest.answers for guest in visitors), Counter[str]())
    right = sum(answers[status] for status in ("200", "303", "503"))
    yield check_target("answers that were wrong", answers.total() - right, 0 < right == answers.total())
    late = answers["503"] / answers.total()
    yield check_target("told to come again while the schema was locked: 1 % at most", late, late <= 0.01)
    acknowledged = sum(guest.answers["303"] for guest in visitors)
    yield check_target(
        f"incidents lost of {acknowledged}", acknowledged - stored_incidents, 0 < acknowledged <= stored_incidents
    )


if __name__ == "__main__":
    main()
