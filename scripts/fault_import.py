#!/usr/bin/env python
"""Towns loaded and the database upgraded beside page traffic: both lock what the other reads and writes.

Run with the development environment: .venv/bin/python scripts/fault_import.py [--quick] [--json]
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
from fault_kill import FIELD, people
from measured import Row, target, tell
from served import Served, served

from gridmap.store.cluster.databases import asked
from gridmap.store.cluster.server import Cluster

LOADS, QUICK_LOADS = 8, 2
READ = {
    "planner": ("/", "/grids/1", "/planner/communities/1"),
    "leader": ("/", "/heat"),
    "station": ("/", "/grids/1", "/people"),
}
REPORT, TITLE = "/my-grid/report", "beside a load"
BUILDING = re.compile(r'name="building".*?</select>', re.DOTALL)
CHOICE = re.compile(r'<option value="(\d+)"')
FORM = re.compile(r'name="form"[^>]*value="([^"]+)"')
WHOLE = """
    SELECT s.code, count(DISTINCT a.id) = count(DISTINCT c.id)
    FROM subdistrict s JOIN community c ON c.subdistrict_id = s.id LEFT JOIN plan p ON p.community_id = c.id
    LEFT JOIN revision r ON r.plan_id = p.id LEFT JOIN adoption a ON a.revision_id = r.id
    WHERE s.code LIKE 'import-%' GROUP BY s.code
"""


@dataclass
class Visitor:
    """Somebody signed in who opens pages, or reports incidents, until it is over."""

    address: str
    role: str
    browser: requests.Session
    answers: Counter[str] = field(default_factory=Counter)

    def work(self, over: threading.Event) -> None:
        """Ask without pause."""
        while not over.is_set():
            for path in READ.get(self.role, (REPORT,)):
                try:
                    self.answers[str(self.report() if path == REPORT else self.opened(path).status_code)] += 1
                except requests.RequestException as error:
                    self.answers[type(error).__name__] += 1

    def opened(self, path: str) -> requests.Response:
        """A page."""
        return self.browser.get(self.address + path, timeout=60)

    def report(self) -> int:
        """Report an incident in the first building of one's own grid; the status of the answer."""
        page = self.opened(REPORT)
        word, form = FIELD.search(page.text), FORM.search(page.text)
        chosen = CHOICE.search(found[0] if (found := BUILDING.search(page.text)) else "")
        if not (word and form and chosen):
            return page.status_code
        typed = {"csrf_token": word[1], "form": form[1], "building": chosen[1], "category": "order", "title": TITLE}
        return self.browser.post(self.address + REPORT, typed, timeout=60, allow_redirects=False).status_code


def visitors(service: Served) -> Iterator[Visitor]:
    """Those of the demo's accounts that have something to do here, signed in."""
    for person in people(service):
        if person.name in (*READ, "worker"):
            person.sign_in()
            browser = requests.Session()
            for name, value in person.cookies[0].items():
                browser.cookies.set(name, value, domain="127.0.0.1")
            yield Visitor(service.address, person.name, browser)


def command(service: Served, *words: str) -> Row:
    """A command on the home of the service: how it ended and how long it took."""
    surroundings = {**os.environ, "GRIDMAP_HOME": str(service.home)}
    program, begun = str(Path(sys.executable).with_name("gridmap")), time.monotonic()
    ended = subprocess.run([program, *words], env=surroundings, capture_output=True, text=True, check=False)
    said = "" if not ended.returncode else (ended.stderr.strip().splitlines() or [""])[-1][:120]
    return {
        "command": " ".join(words[:2]),
        "ended": ended.returncode,
        "seconds": time.monotonic() - begun,
        "said": said,
    }


def loaded(service: Served, times: int) -> Iterator[Row]:
    """Load and upgrade so many times."""
    town = service.home / "town.gpkg"
    command(service, "demo-town", "--households", "1500", "-o", str(town))
    for number in range(times):
        yield command(service, "load", str(town), "--code", f"import-{number}")
        yield command(service, "db", "upgrade")


def summed(rows: list[Row], guests: list[Visitor]) -> Iterator[Row]:
    """One row for each command and each visitor."""
    for name in ("load", "db upgrade"):
        mine = [row for row in rows if row["command"].startswith(name)]
        ended = dict(Counter(str(row["ended"]) for row in mine))
        yield {"who": name, "ended": ended, "longest_s": max(row["seconds"] for row in mine)}
    yield from ({"who": guest.role, "ended": dict(guest.answers)} for guest in guests)


def main() -> None:
    """Read the command line, load beside traffic, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_LOADS} towns instead of {LOADS}")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    with served("--demo") as service:
        guests, over = list(visitors(service)), threading.Event()
        threads = [threading.Thread(target=guest.work, args=[over]) for guest in guests]
        for thread in threads:
            thread.start()
        rows = list(loaded(service, QUICK_LOADS if options.quick else LOADS))
        over.set()
        for thread in threads:
            thread.join()
        url = Cluster(service.home).url()
        towns = asked(url, WHOLE)
        [(kept,)] = asked(url, "SELECT count(*) FROM incident WHERE title = %s", TITLE)
    for row in rows:
        if row["said"]:
            print(row["command"], row["said"])
    tell("fault_import", list(summed(rows, guests)), list(targets(rows, guests, towns, kept)), as_json=options.json)


def targets(rows: list[Row], guests: list[Visitor], towns: list[tuple[str, bool]], kept: int) -> Iterator[Row]:
    """What must hold."""
    failed = sum(row["ended"] not in (0, 3) for row in rows)  # 3: a grid had to stay out of range
    yield target("commands that failed", failed, failed == 0)
    whole = sum(sound for _, sound in towns)
    yield target(f"towns there and whole, of {len(rows) // 2}", whole, whole == len(towns) == len(rows) // 2)
    answers = sum((guest.answers for guest in guests), Counter[str]())
    right = sum(answers[status] for status in ("200", "303", "503"))
    yield target("answers that were wrong", answers.total() - right, 0 < right == answers.total())
    late = answers["503"] / answers.total()
    yield target("told to come again while the schema was locked: 1 % at most", late, late <= 0.01)
    acknowledged = sum(guest.answers["303"] for guest in guests)
    yield target(f"incidents lost of {acknowledged}", acknowledged - kept, 0 < acknowledged <= kept)


if __name__ == "__main__":
    main()
