"""Town imports and database upgrades during page traffic; both lock rows that the other reads and writes.

Run with the development environment: .venv/bin/python -m tests.chaos.load_during_traffic [--quick] [--json]
The real service runs with its demo in its own home. Planner, leader and station open pages without pause, and the
worker reports incidents. Meanwhile `gridmap load` imports one invented town after another, and `gridmap db upgrade`,
which locks every table, runs after each. Every command must finish, every town must be complete, no page may fail, and
every acknowledged incident must exist.
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
from tests.benchmarks.harness.demo_visitors import CSRF_TOKEN, demo_visitors
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service

LOAD_COUNT, QUICK_LOAD_COUNT = 8, 2
PATHS_BY_ROLE = {
    "planner": ("/", "/grids/1", "/planner/communities/1"),
    "leader": ("/", "/heat"),
    "station": ("/", "/grids/1", "/residents"),
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
    """A signed-in account that opens pages or reports incidents until stopped."""

    address: str
    role: str
    browser: requests.Session
    answers: Counter[str] = field(default_factory=Counter)

    def run(self, stop: threading.Event) -> None:
        """Send requests without pause."""
        while not stop.is_set():
            for path in PATHS_BY_ROLE.get(self.role, (REPORT_PATH,)):
                try:
                    status = self.report_incident() if path == REPORT_PATH else self.open(path).status_code
                    self.answers[str(status)] += 1
                except requests.RequestException as error:
                    self.answers[type(error).__name__] += 1

    def open(self, path: str) -> requests.Response:
        """Open a page."""
        return self.browser.get(self.address + path, timeout=60)

    def report_incident(self) -> int:
        """Report an incident in the first building of the worker's grid; return the status of the answer."""
        page = self.open(REPORT_PATH)
        token, form = CSRF_TOKEN.search(page.text), FORM_TOKEN.search(page.text)
        select = BUILDING_SELECT.search(page.text)
        building = OPTION_VALUE.search(select[0] if select else "")
        if not (token and form and building):
            return page.status_code
        fields = {
            "csrf_token": token[1],
            "form": form[1],
            "building": building[1],
            "category": "parking",
            "title": INCIDENT_TITLE,
        }
        return self.browser.post(self.address + REPORT_PATH, fields, timeout=60, allow_redirects=False).status_code


def sign_in_visitors(service: RunningService) -> Iterator[SignedInVisitor]:
    """Sign in the demo accounts that take part."""
    for account in demo_visitors(service):
        if account.name in (*PATHS_BY_ROLE, "worker"):
            account.sign_in()
            browser = requests.Session()
            for name, value in account.cookies[0].items():
                browser.cookies.set(name, value, domain="127.0.0.1")
            yield SignedInVisitor(service.url, account.name, browser)


def run_command(service: RunningService, *arguments: str) -> Row:
    """Run a command on the home of the service; return its exit code and duration."""
    environment = {**os.environ, "GRIDMAP_HOME": str(service.home)}
    program, start = str(Path(sys.executable).with_name("gridmap")), time.monotonic()
    run = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    return {
        "command": " ".join(arguments[:2]),
        "exit_code": run.returncode,
        "seconds": time.monotonic() - start,
        "error": "" if not run.returncode else (run.stderr.strip().splitlines() or [""])[-1][:120],
    }


def load_and_upgrade(service: RunningService, times: int) -> Iterator[Row]:
    """Import a town and upgrade the database, several times."""
    town = service.home / "town.gpkg"
    run_command(service, "demo-town", "--households", "1500", "-o", str(town))
    for number in range(times):
        yield run_command(service, "load", str(town), "--code", f"import-{number}")
        yield run_command(service, "db", "upgrade")


def summarise(rows: list[Row], visitors: list[SignedInVisitor]) -> Iterator[Row]:
    """Return a row for each command and each visitor."""
    for name in ("load", "db upgrade"):
        runs = [row for row in rows if row["command"].startswith(name)]
        exit_codes = dict(Counter(str(row["exit_code"]) for row in runs))
        yield {"source": name, "results": exit_codes, "longest_s": max(row["seconds"] for row in runs)}
    yield from ({"source": visitor.role, "results": dict(visitor.answers)} for visitor in visitors)


def main() -> None:
    """Read the command line, import during traffic, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_LOAD_COUNT} towns instead of {LOAD_COUNT}")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    with temporary_service("--demo") as service:
        visitors, stop = list(sign_in_visitors(service)), threading.Event()
        threads = [threading.Thread(target=visitor.run, args=[stop]) for visitor in visitors]
        for thread in threads:
            thread.start()
        rows = list(load_and_upgrade(service, QUICK_LOAD_COUNT if options.quick else LOAD_COUNT))
        stop.set()
        for thread in threads:
            thread.join()
        url = Cluster(service.home).database_url()
        towns = fetch_rows(url, COMPLETE_TOWNS)
        [(stored,)] = fetch_rows(url, "SELECT count(*) FROM incident WHERE title = %s", INCIDENT_TITLE)
    for row in rows:
        if row["error"]:
            print(row["command"], row["error"])
    targets = list(check_targets(rows, visitors, towns, stored))
    print_report("load_during_traffic", list(summarise(rows, visitors)), targets, as_json=options.json)


def check_targets(
    rows: list[Row], visitors: list[SignedInVisitor], towns: list[tuple[str, bool]], stored_incidents: int
) -> Iterator[Row]:
    """Check the commands, the towns, the answers and the incidents."""
    failed = sum(row["exit_code"] not in (0, 3) for row in rows)  # 3: a grid had to stay out of range
    yield check_target("commands that failed", failed, failed == 0)
    complete, count = sum(is_complete for _, is_complete in towns), len(rows) // 2
    yield check_target(f"complete towns, of {count}", complete, complete == len(towns) == count)
    answers = sum((visitor.answers for visitor in visitors), Counter[str]())
    right = sum(answers[status] for status in ("200", "303", "503"))
    yield check_target("wrong answers", answers.total() - right, 0 < right == answers.total())
    late = answers["503"] / answers.total()
    yield check_target("answered by 503 while the schema was locked: 1 % at most", late, late <= 0.01)
    acknowledged = sum(visitor.answers["303"] for visitor in visitors)
    yield check_target(
        f"incidents lost of {acknowledged}", acknowledged - stored_incidents, 0 < acknowledged <= stored_incidents
    )


if __name__ == "__main__":
    main()
