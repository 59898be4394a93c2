"""Accounts of the demo that sign in at the running service."""

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import requests

from tests.benchmarks.harness.run_service import RunningService

RETRY_DELAY_S, REQUEST_TIMEOUT_S = 0.5, 30.0
SIGN_IN_PATH, SESSION_PATH = "/sign-in", "/account/password"
CSRF_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
ACCOUNT_LINE = re.compile(r": (\S+)\s+password: (\S+)")


@dataclass
class SignInVisitor:
    """An account that signs in again and again, with every cookie that it received."""

    address: str
    name: str
    password: str
    cookies: list[dict[str, str]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def run(self, stop: threading.Event) -> None:
        """Sign in until stopped."""
        while not stop.is_set():
            try:
                answer = str(self.sign_in())
            except requests.RequestException as error:
                answer = type(error).__name__
            self.answers[answer] += 1
            time.sleep(0.0 if answer == "303" else RETRY_DELAY_S)

    def sign_in(self) -> int:
        """Sign in once, as a browser does, and return the status of the answer."""
        with requests.Session() as browser:
            page = browser.get(self.address + SIGN_IN_PATH, timeout=REQUEST_TIMEOUT_S)
            token = CSRF_TOKEN.search(page.text)
            if not token:
                return page.status_code
            fields = {"csrf_token": token[1], "name": self.name, "password": self.password}
            answer = browser.post(self.address + SIGN_IN_PATH, fields, timeout=REQUEST_TIMEOUT_S, allow_redirects=False)
            if answer.status_code == 303:
                self.cookies.append({cookie.name: cookie.value or "" for cookie in browser.cookies})
            return answer.status_code

    def count_lost_sessions(self) -> int:
        """Return the number of acknowledged sign-ins whose session does not exist."""
        return sum(not self._is_session_valid(cookies) for cookies in self.cookies)

    def _is_session_valid(self, cookies: dict[str, str]) -> bool:
        url = self.address + SESSION_PATH
        answer = requests.get(url, cookies=cookies, timeout=REQUEST_TIMEOUT_S, allow_redirects=False)
        return answer.status_code == 200


def demo_passwords(service: RunningService) -> dict[str, str]:
    """Return the password of each demo account, as printed when the service started."""
    return dict(ACCOUNT_LINE.findall("".join(service.startup_lines)))


def demo_visitors(service: RunningService) -> list[SignInVisitor]:
    """Return a visitor for each demo account."""
    return [SignInVisitor(service.url, name, password) for name, password in demo_passwords(service).items()]


def submit_form(browser: requests.Session, url: str, **fields: str) -> requests.Response:
    """Send the form of a page with its CSRF token."""
    token = CSRF_TOKEN.search(browser.get(url, timeout=REQUEST_TIMEOUT_S).text)
    data = {"csrf_token": token[1] if token else "", **fields}
    return browser.post(url, data=data, timeout=REQUEST_TIMEOUT_S, allow_redirects=False)
