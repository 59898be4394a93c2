#!/usr/bin/env python
"""PostGIS and web processes killed at random moments while people sign in: how soon it is back, and what got lost.

Run with the development environment: .venv/bin/python tests/chaos/kill_service_parts.py [--hang] [--quick] [--json] [--seed N]
The service is the real one with its demo, on a home of its own. Every account of the demo signs in without pause; a
sign-in that was answered is a row that must still be there in the end: its cookie has to open a page. With --hang they
are not killed but stopped in their tracks (SIGSTOP), which takes longer to notice: a machine may merely be busy.
"""

import argparse
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

import requests

from gridmap.postgres.server import Cluster
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service

KILL_COUNT, QUICK_KILL_COUNT = 30, 4
MAX_RECOVERY_S, RETRY_DELAY_S = {signal.SIGKILL: 15.0, signal.SIGSTOP: 30.0}, 0.5
SIGN_IN_PATH, SESSION_PATH = "/sign-in", "/account/password"
CSRF_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
ACCOUNT_LINE = re.compile(r": (\S+)\s+password: (\S+)")


@dataclass
class SignInVisitor:
    """Somebody who signs in again and again, and keeps every cookie that was given."""

    address: str
    name: str
    password: str
    cookies: list[dict[str, str]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def run(self, stop: threading.Event) -> None:
        """Sign in until it is over."""
        while not stop.is_set():
            try:
                answer = str(self.sign_in())
            except requests.RequestException as error:
                answer = type(error).__name__
            self.answers[answer] += 1
            time.sleep(0.0 if answer == "303" else RETRY_DELAY_S)

    def sign_in(self) -> int:
        """Sign in once, as a browser does; the status of the answer."""
        with requests.Session() as browser:
            page = browser.get(self.address + SIGN_IN_PATH, timeout=30)
            found = CSRF_TOKEN.search(page.text)
            if not found:
                return page.status_code
            typed = {"csrf_token": found[1], "name": self.name, "password": self.password}
            answer = browser.post(self.address + SIGN_IN_PATH, typed, timeout=30, allow_redirects=False)
            if answer.status_code == 303:
                self.cookies.append(browser.cookies.get_dict())
            return answer.status_code

    def count_lost_sessions(self) -> int:
        """How many sign-ins were answered and are nowhere."""
        return sum(not self._is_session_valid(cookies) for cookies in self.cookies)

    def _is_session_valid(self, cookies: dict[str, str]) -> bool:
        answer = requests.get(self.address + SESSION_PATH, cookies=cookies, timeout=30, allow_redirects=False)
        return answer.status_code == 200


def demo_visitors(service: RunningService) -> list[SignInVisitor]:
    """The accounts that the service told about when it had made them."""
    return [
        SignInVisitor(service.url, *found.groups())
        for line in service.startup_lines
        if (found := ACCOUNT_LINE.search(line))
    ]


def kill_and_wait(
    service: RunningService, victim_kind: str, signal_number: signal.Signals, random_generator: random.Random
) -> float:
    """Kill or stop one part; seconds until another one works in its place and the database answers."""
    cluster = Cluster(service.home)
    victim, woken = (
        (
            cluster.postmaster_pid()
            if victim_kind == "postmaster"
            else random_generator.choice(service.web_process_ids())
        ),
        count_ready_web_processes(service),
    )
    os.kill(victim or 0, signal_number)
    begun = time.monotonic()
    while time.monotonic() - begun < 4 * MAX_RECOVERY_S[signal_number]:
        time.sleep(0.05)
        replaced = (
            count_ready_web_processes(service) > woken
            if victim_kind == "web"
            else cluster.postmaster_pid() not in (None, victim)
        )
        if replaced and is_ready(service):
            break
    return time.monotonic() - begun


def count_ready_web_processes(service: RunningService) -> int:
    """How many web processes have come to answer so far."""
    return (service.home / "log" / "serve.log").read_text("utf-8").count("is ready after")


def is_ready(service: RunningService) -> bool:
    """Whether a new visitor finds the database ready."""
    try:
        return requests.get(service.url + "/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def run_kills(
    service: RunningService, kills: int, signal_number: signal.Signals, random_generator: random.Random
) -> Iterator[Row]:
    """Kill so many times, each at a random moment and under load."""
    for number in range(kills):
        time.sleep(random_generator.uniform(0.5, 3.0))
        what = ("postmaster", "web")[number % 2]
        yield {"killed": what, "back_s": kill_and_wait(service, what, signal_number, random_generator)}


def summarise(rows: list[Row], visitors: list[SignInVisitor]) -> Iterator[Row]:
    """One row for each kind of victim and one for the sign-ins."""
    for what in ("postmaster", "web"):
        times = [row["back_s"] for row in rows if row["killed"] == what]
        yield {"killed": what, "times": len(times), "median_s": median(times), "longest_s": max(times)}
    answers = sum((person.answers for person in visitors), Counter[str]())
    kept = sum(len(person.cookies) for person in visitors)
    yield {
        "answers": dict(answers),
        "acknowledged": kept,
        "lost": sum(person.count_lost_sessions() for person in visitors),
    }


def main() -> None:
    """Read the command line, kill, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_KILL_COUNT} times instead of {KILL_COUNT}")
    parser.add_argument("--hang", action="store_true", help="stop them in their tracks instead of killing them")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    how = signal.SIGSTOP if asked.hang else signal.SIGKILL
    with temporary_service("--demo") as service:
        persons, over = demo_visitors(service), threading.Event()
        threads = [threading.Thread(target=person.run, args=[over]) for person in persons]
        for thread in threads:
            thread.start()
        chance = random.Random(asked.seed)  # noqa: S311 - nobody is to be kept from guessing it
        rows = list(run_kills(service, QUICK_KILL_COUNT if asked.quick else KILL_COUNT, how, chance))
        over.set()
        for thread in threads:
            thread.join()
        told = list(summarise(rows, persons))
    print_report("fault_kill", told, list(check_targets(rows, told[-1], MAX_RECOVERY_S[how])), as_json=asked.json)


def check_targets(rows: list[Row], sign_in_row: Row, max_recovery_s: float) -> Iterator[Row]:
    """What must hold."""
    longest = max(row["back_s"] for row in rows)
    yield check_target(f"back by itself within {max_recovery_s:g} s, every time", longest, longest <= max_recovery_s)
    yield check_target("sign-ins acknowledged", sign_in_row["acknowledged"], sign_in_row["acknowledged"] > len(rows))
    yield check_target("nothing acknowledged is lost", sign_in_row["lost"], sign_in_row["lost"] == 0)
    wrong = sum(
        number for answer, number in sign_in_row["answers"].items() if answer.startswith("5") and answer != "503"
    )
    yield check_target("no answer of the kind 5xx but 503", wrong, wrong == 0)


if __name__ == "__main__":
    main()
