"""A worker's phone: a browser with a profile of its own, which may be killed, and the pages that the worker uses."""

import os
import signal
import time
from datetime import datetime
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Page, Playwright

from tests.chromium import find_chromium

FORM = "#report:not([hidden])"
REFUSAL = "[data-refusal]:not([hidden])"
TIMEOUT_MS = 20_000
SHORT_MS = 500
KEPT_WITHIN_S, POLL_S = 30.0, 0.05
CHOOSE_CATEGORY = """([list, index]) => {
  list.selectedIndex = 1 + index % (list.options.length - 1);
  list.dispatchEvent(new Event("change", { bubbles: true }));
}"""


class Phone:
    """A phone with its browser, of a worker who signs in again where that is asked for.

    Parameters
    ----------
    driver : Playwright
    profile : Path
        Folder of the browser's profile, which outlives the browser.
    url : str
    password : str

    Attributes
    ----------
    refusals : list of str
        Texts of the form that asked to send a report again.
    """

    def __init__(self, driver: Playwright, profile: Path, url: str, password: str) -> None:
        self.driver, self.profile, self.url, self.password = driver, profile, url, password
        self.browser: BrowserContext | None = None
        self.tab: Page | None = None
        self.refusals: list[str] = []

    def open_form(self) -> Page:
        """Return a tab with the form of a report, from the service or from the phone; try until there is one."""
        while True:
            try:
                tab = self._open_tab()
                tab.goto(f"{self.url}/my-grid/report", wait_until="domcontentloaded")
                if "/sign-in" in tab.url:
                    self._sign_in(tab)
                    tab.goto(f"{self.url}/my-grid/report", wait_until="domcontentloaded")
                tab.wait_for_selector(FORM, timeout=3000)
                return tab
            except Error:
                time.sleep(0.5)

    def report(self, index: int, time_of_event: datetime) -> None:
        """Enter a report and send it; return once the phone says that it has it."""
        tab = self.open_form() if self.tab is None or not self._has_form() else self.tab
        lists = tab.locator("#category").element_handle(), tab.locator("#building").element_handle()
        for each in lists:
            tab.evaluate(CHOOSE_CATEGORY, [each, index])
        tab.locator("#occurred_at").fill(time_of_event.isoformat(timespec="minutes"))
        tab.locator("#title").fill(f"report {index:03}")
        address = tab.url
        tab.locator(".sticky-action button").click()
        self._wait_until_kept(tab, address)

    def _wait_until_kept(self, tab: Page, address: str) -> None:
        """Wait until the phone has the report: the form is empty, or gone; what may be known already is a new one."""
        end = time.monotonic() + KEPT_WITHIN_S
        while time.monotonic() < end:
            if tab.locator("#known-reports[open]").count():
                tab.locator("#known-reports button[value=new]").click()
            if tab.locator(REFUSAL).count():
                self.refusals.append(tab.locator(REFUSAL).inner_text())
                tab.locator(".sticky-action button").click()
            if not self._read_title(tab, address):
                return
            time.sleep(POLL_S)
        raise TimeoutError(f"the phone does not say that it has the report: {tab.url} {self.refusals[-3:]}")

    def _read_title(self, tab: Page, address: str) -> str:
        """Return the words in the form at an address; empty where the page has gone on to that of a stored report."""
        try:
            is_stored = tab.url != address and "incident_number=" in tab.url
            if is_stored or tab.locator("[data-page=my-grid]").count():
                return ""  # the service has it, even where the page that says so does not load
            return tab.locator("#title").input_value(timeout=SHORT_MS) if tab.locator("#title").count() else "unknown"
        except Error:
            return "unknown"

    def kill_tab(self) -> None:
        """Close the tab, whatever it is doing."""
        if self.tab:
            self.tab.close()
        self.tab = None

    def kill_browser(self) -> None:
        """Kill the browser with all its processes."""
        for pid in self._list_processes():
            os.kill(pid, signal.SIGKILL)
        self.close()

    def close(self) -> None:
        """Close the browser, if it runs."""
        try:
            if self.browser:
                self.browser.close()
        except Error:
            pass
        self.browser = self.tab = None

    def count_waiting(self) -> int:
        """Return the number of reports that the phone still has to send, from its own page."""
        tab = self.open_form()
        time.sleep(1)
        return int(tab.locator("#queue").get_attribute("data-waiting") or 0)

    def _has_form(self) -> bool:
        try:
            return self.tab is not None and self.tab.locator(FORM).count() > 0
        except Error:
            return False

    def _open_tab(self) -> Page:
        if self.browser is None:
            program = find_chromium(full=True)
            flags = ["--no-sandbox", "--disable-gpu", "--disable-session-crashed-bubble"]
            self.browser = self.driver.chromium.launch_persistent_context(
                str(self.profile), executable_path=program, args=flags, viewport={"width": 360, "height": 780}
            )
        if self.tab is None or self.tab.is_closed():
            self.tab = self.browser.new_page()
            self.tab.set_default_timeout(TIMEOUT_MS)
        return self.tab

    def _sign_in(self, tab: Page) -> None:
        tab.locator("#name").fill("worker")
        tab.locator("#password").fill(self.password)
        tab.locator("#password").press("Enter")
        tab.wait_for_url(lambda address: "/sign-in" not in address, wait_until="commit")

    def _list_processes(self) -> list[int]:
        """Return the processes of the browser: those that were started with its profile, and their children."""
        option = f"--user-data-dir={self.profile}".encode()
        return [
            int(folder.name)
            for folder in Path("/proc").iterdir()
            if folder.name.isdigit() and option in _read_command(folder)
        ]


def _read_command(folder: Path) -> bytes:
    try:
        return (folder / "cmdline").read_bytes()
    except OSError:
        return b""
