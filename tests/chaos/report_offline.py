"""Reports from a phone whose network, tab, browser and session fail at random: all arrive once, with their own times.

Run with the development environment:
.venv/bin/python -m tests.chaos.report_offline [--quick] [--json] [--seed N]
The real service runs with its demo in its own home. Between it and a real Chromium is a network that is cut, hangs, is
slow or loses answers for some seconds at a time. The worker sends one report after the other; between reports, the tab
or the browser is killed, or the session ends. At the end, the network is good until the phone has nothing to send.
"""

import argparse
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright
from sqlalchemy import NullPool, create_engine, text

from gridmap.config import office_time_zone
from gridmap.postgres.server import Cluster
from tests.benchmarks.harness.demo_visitors import demo_passwords
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service
from tests.chaos.phone_reports.bad_network import BadNetwork, NetworkState
from tests.chaos.phone_reports.phone import Phone

REPORTS, QUICK_REPORTS = 200, 12
MAX_SENDING_S = 180.0
DISTURBANCES = {"none": 70, "tab killed": 16, "browser killed": 8, "session ended": 6}
"""What happens after a report, in percent."""
STATES = {
    NetworkState.GOOD: 40,
    NetworkState.CUT: 20,
    NetworkState.HANGING: 15,
    NetworkState.SLOW: 15,
    NetworkState.LOSING_ANSWERS: 10,
}
STORED = (
    f"SELECT title, to_char(occurred_at AT TIME ZONE '{office_time_zone()}', 'YYYY-MM-DD HH24:MI')"
    " FROM incident WHERE title LIKE 'report %' ORDER BY reported_at"
)
"""In the order of receipt: keys of incidents about persons follow another order."""
END_SESSIONS = "UPDATE web_session SET expires_at = now()"
LOCAL_TIME = f"SELECT date_trunc('minute', now()) AT TIME ZONE '{office_time_zone()}'"


def draw(generator: random.Random, weights: dict[Any, int]) -> Any:
    """Return one of the keys at random, by weight."""
    return generator.choices(list(weights), list(weights.values()))[0]


@contextmanager
def failing(network: BadNetwork, seed: int) -> Iterator[Counter[str]]:
    """Change the state of the network at random until the end, and count the states."""
    generator, stop, counts = random.Random(seed), threading.Event(), Counter[str]()

    def change() -> None:
        while not stop.is_set():
            network.state = draw(generator, STATES)
            counts[network.state] += 1
            stop.wait(generator.uniform(0.5, 6.0))
        network.state = NetworkState.GOOD

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield counts
    finally:
        stop.set()
        thread.join()


class Database:
    """Database of the running service, as its owner sees it."""

    def __init__(self, service: RunningService) -> None:
        self.engine = create_engine(Cluster(service.home).database_url(), poolclass=NullPool)

    def execute(self, statement: str) -> list[Any]:
        """Execute a statement and return its rows."""
        with self.engine.begin() as connection:
            result = connection.execute(text(statement))
            return list(result.all()) if result.returns_rows else []


def send_reports(phone: Phone, database: Database, reports: int, generator: random.Random) -> Row:
    """Send reports under failures; return how often what happened, and the times that were entered."""
    first = database.execute(LOCAL_TIME)[0][0] - timedelta(minutes=reports)
    counts, entered = Counter[str](), dict[str, datetime]()
    for index in range(reports):
        moment = first + timedelta(minutes=index)
        phone.report(index, moment)
        entered[f"report {index:03}"] = moment
        disturbance = draw(generator, DISTURBANCES)
        counts[disturbance] += 1
        time.sleep(generator.uniform(0, 0.5))
        disturb(phone, database, disturbance)
    return {"counts": counts, "entered": entered}


def disturb(phone: Phone, database: Database, disturbance: str) -> None:
    """Kill the tab or the browser, or end the session."""
    if disturbance == "tab killed":
        phone.kill_tab()
    elif disturbance == "browser killed":
        phone.kill_browser()
    elif disturbance == "session ended":
        database.execute(END_SESSIONS)


def wait_until_sent(phone: Phone) -> float:
    """Wait with a good network until the phone has nothing to send; return the seconds."""
    start = time.monotonic()
    while phone.count_waiting() and time.monotonic() - start < MAX_SENDING_S:
        time.sleep(1)
    return time.monotonic() - start


def run(service: RunningService, reports: int, seed: int) -> tuple[list[Row], list[Row]]:
    """Send the reports of a worker; return the rows of the report and the targets."""
    database, generator = Database(service), random.Random(seed)
    port = urlsplit(service.url).port or 80
    with (
        tempfile.TemporaryDirectory(prefix="phone-") as profile,
        BadNetwork(port) as network,
        sync_playwright() as driver,
        closing(Phone(driver, Path(profile), network.url, demo_passwords(service)["worker"])) as phone,
    ):
        phone.open_form().evaluate("() => navigator.serviceWorker.ready.then(() => null)")
        start = time.monotonic()
        with failing(network, seed) as states:
            sent = send_reports(phone, database, reports, generator)
        sending_s, last_s = time.monotonic() - start, wait_until_sent(phone)
    stored = database.execute(STORED)
    rows = [{"reports": reports, "seconds": sending_s, "last_sent_s": last_s, **sent["counts"], **states}]
    rows.append({"asked again": len(phone.refusals), **Counter(phone.refusals)})
    return rows, list(check_targets(sent["entered"], stored))


def check_targets(entered: dict[str, datetime], stored: list[Any]) -> Iterator[Row]:
    """Check that every report is stored once, in order, with its own time."""
    titles = [title for title, _ in stored]
    lost, repeated = len(set(entered) - set(titles)), len(titles) - len(set(titles))
    yield check_target("reports lost", lost, lost == 0)
    yield check_target("reports stored twice", repeated, repeated == 0)
    late = [title for title, before in zip(titles[1:], titles, strict=False) if title < before]
    yield check_target("reports stored after a later one", ", ".join(late) or 0, not late)
    wrong = sum(f"{entered[title]:%Y-%m-%d %H:%M}" != moment for title, moment in stored)
    yield check_target("reports with another time", wrong, wrong == 0)


def main() -> None:
    """Read the command line, send, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_REPORTS} reports instead of {REPORTS}")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with temporary_service("--demo") as service:
        rows, targets = run(service, QUICK_REPORTS if options.quick else REPORTS, options.seed)
    print_report("report_offline", rows, targets, as_json=options.json)


if __name__ == "__main__":
    main()
