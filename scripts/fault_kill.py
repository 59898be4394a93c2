#!/usr/bin/env python
"""PostGIS and web processes killed at random moments while people sign in: how soon it is back, and what got lost.

Run with the development environment: .venv/bin/python scripts/fault_kill.py [--hang] [--quick] [--json] [--seed N]
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
from measured import Row, target, tell
from served import Served, served

from gridmap.store.cluster.server import Cluster

KILLS, QUICK_KILLS = 30, 4
BACK_S, PATIENCE_S = {signal.SIGKILL: 15.0, signal.SIGSTOP: 30.0}, 0.5
SIGN_IN, PROOF = "/sign-in", "/account/password"
FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
ACCOUNT = re.compile(r": (\S+)\s+password: (\S+)")


@dataclass
class Person:
    """Somebody who signs in again and again, and keeps every cookie that was given."""

    address: str
    name: str
    password: str
    cookies: list[dict[str, str]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def work(self, over: threading.Event) -> None:
        """Sign in until it is over."""
        while not over.is_set():
            try:
                answer = str(self.sign_in())
            except requests.RequestException as error:
                answer = type(error).__name__
            self.answers[answer] += 1
            time.sleep(0.0 if answer == "303" else PATIENCE_S)

    def sign_in(self) -> int:
        """Sign in once, as a browser does; the status of the answer."""
        with requests.Session() as browser:
            page = browser.get(self.address + SIGN_IN, timeout=30)
            found = FIELD.search(page.text)
            if not found:
                return page.status_code
            typed = {"csrf_token": found[1], "name": self.name, "password": self.password}
            answer = browser.post(self.address + SIGN_IN, typed, timeout=30, allow_redirects=False)
            if answer.status_code == 303:
                self.cookies.append(browser.cookies.get_dict())
            return answer.status_code

    def lost(self) -> int:
        """How many sign-ins were answered and are nowhere."""
        return sum(not self._known(cookies) for cookies in self.cookies)

    def _known(self, cookies: dict[str, str]) -> bool:
        answer = requests.get(self.address + PROOF, cookies=cookies, timeout=30, allow_redirects=False)
        return answer.status_code == 200


def people(service: Served) -> list[Person]:
    """The accounts that the service told about when it had made them."""
    return [Person(service.address, *found.groups()) for line in service.words if (found := ACCOUNT.search(line))]


def kill(service: Served, what: str, how: signal.Signals, chance: random.Random) -> float:
    """Kill or stop one part; seconds until another one works in its place and the database answers."""
    cluster = Cluster(service.home)
    victim, woken = (cluster.postmaster() if what == "postmaster" else chance.choice(service.web())), wakings(service)
    os.kill(victim or 0, how)
    begun = time.monotonic()
    while time.monotonic() - begun < 4 * BACK_S[how]:
        time.sleep(0.05)
        replaced = wakings(service) > woken if what == "web" else cluster.postmaster() not in (None, victim)
        if replaced and answers(service):
            break
    return time.monotonic() - begun


def wakings(service: Served) -> int:
    """How many web processes have come to answer so far."""
    return (service.home / "log" / "serve.log").read_text("utf-8").count("is ready after")


def answers(service: Served) -> bool:
    """Whether a new visitor finds the database ready."""
    try:
        return requests.get(service.address + "/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def killed(service: Served, kills: int, how: signal.Signals, chance: random.Random) -> Iterator[Row]:
    """Kill so many times, each at a random moment and under load."""
    for number in range(kills):
        time.sleep(chance.uniform(0.5, 3.0))
        what = ("postmaster", "web")[number % 2]
        yield {"killed": what, "back_s": kill(service, what, how, chance)}


def tally(rows: list[Row], persons: list[Person]) -> Iterator[Row]:
    """One row for each kind of victim and one for the sign-ins."""
    for what in ("postmaster", "web"):
        times = [row["back_s"] for row in rows if row["killed"] == what]
        yield {"killed": what, "times": len(times), "median_s": median(times), "longest_s": max(times)}
    answers = sum((person.answers for person in persons), Counter[str]())
    kept = sum(len(person.cookies) for person in persons)
    yield {"answers": dict(answers), "acknowledged": kept, "lost": sum(person.lost() for person in persons)}


def main() -> None:
    """Read the command line, kill, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_KILLS} times instead of {KILLS}")
    parser.add_argument("--hang", action="store_true", help="stop them in their tracks instead of killing them")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    how = signal.SIGSTOP if asked.hang else signal.SIGKILL
    with served("--demo") as service:
        persons, over = people(service), threading.Event()
        threads = [threading.Thread(target=person.work, args=[over]) for person in persons]
        for thread in threads:
            thread.start()
        chance = random.Random(asked.seed)  # noqa: S311 - nobody is to be kept from guessing it
        rows = list(killed(service, QUICK_KILLS if asked.quick else KILLS, how, chance))
        over.set()
        for thread in threads:
            thread.join()
        told = list(tally(rows, persons))
    tell("fault_kill", told, list(targets(rows, told[-1], BACK_S[how])), as_json=asked.json)


def targets(rows: list[Row], signed: Row, back_s: float) -> Iterator[Row]:
    """What must hold."""
    longest = max(row["back_s"] for row in rows)
    yield target(f"back by itself within {back_s:g} s, every time", longest, longest <= back_s)
    yield target("sign-ins acknowledged", signed["acknowledged"], signed["acknowledged"] > len(rows))
    yield target("nothing acknowledged is lost", signed["lost"], signed["lost"] == 0)
    wrong = sum(number for answer, number in signed["answers"].items() if answer.startswith("5") and answer != "503")
    yield target("no answer of the kind 5xx but 503", wrong, wrong == 0)


if __name__ == "__main__":
    main()
