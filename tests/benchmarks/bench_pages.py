#!/usr/bin/env python
"""How soon pages are usable: the worker's on a slow phone, the overview at a desk.

Run with the development environment: .venv/bin/python tests/benchmarks/bench_pages.py [--quick] [--json]
The real service runs with the demo in a home of its own. Chromium opens each page in a fresh profile's context, so that
nothing is kept from the visit before; for the worker's page at 360 px with the processor slowed to a quarter (DevTools
`Emulation.setCPUThrottlingRate`). The clock runs from the request to the moment when map and list are there. Medians.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service

RUNS, QUICK_RUNS = 5, 2
MAP_READY = "#map[data-state=ready]"
PAGES = {
    "worker's phone": ("worker", "/my-grid", 360, 4, "[data-buildings] li", 3.0),
    "report an incident": ("worker", "/my-grid/report", 360, 4, "#category option", 3.0),
    "overview": ("planner", "/", 1440, 1, "#grid-table tbody tr", 2.0),
    "a grid": ("planner", "/grids/1", 1440, 1, "tr[data-building]", 2.0),
    "who is my worker": ("", "/public", 360, 4, "main li a", 3.0),
}
"""Who opens what how wide, how many times slower the processor is, what must be there, and within which seconds."""


def demo_passwords(service: RunningService) -> dict[str, str]:
    """Passwords of the demo's accounts, as the service told them when it began."""
    return dict(re.findall(r": (\w+)   password: (\S+)", "".join(service.startup_lines)))


def measure_page(browser: Browser, service: RunningService, page: tuple[str, str, int, int, str, float]) -> float:
    """Seconds from asking for a page until it is usable."""
    role, path, width, slower, wanted, _ = page
    context = browser.new_context(base_url=service.url, viewport={"width": width, "height": 800})
    tab = context.new_page()
    if role:
        tab.goto("/sign-in")
        tab.fill("#name", role)
        tab.fill("#password", demo_passwords(service)[role])
        tab.press("#password", "Enter")
        tab.wait_for_load_state("networkidle")
    devtools = context.new_cdp_session(tab)
    devtools.send("Network.enable")
    devtools.send("Network.clearBrowserCache")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    tab.goto(path, wait_until="commit")
    for each in [wanted] if path == "/public" else [wanted, MAP_READY]:
        tab.wait_for_selector(each, state="attached", timeout=60_000)
    took = float(tab.evaluate("performance.now()")) / 1000
    context.close()
    return took


def measure_pages(service: RunningService, runs: int) -> Sequence[Row]:
    """Each page so many times, after once for nothing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise SystemExit("no chromium on this machine; install it to measure pages in a browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        told = []
        for name, page in PAGES.items():
            measure_page(browser, service, page)
            times = [measure_page(browser, service, page) for _ in range(runs)]
            told.append(
                {"page": name, "width": page[2], "cpu": f"1/{page[3]}", "s": median(times), "worst_s": max(times)}
            )
        browser.close()
    return told


def main() -> int:
    """Measure, tell, and say by the exit code whether all targets are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_RUNS} visits a page instead of {RUNS}")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    asked = parser.parse_args()
    with temporary_service("--demo") as service:
        told = measure_pages(service, QUICK_RUNS if asked.quick else RUNS)
    limits = {name: page[-1] for name, page in PAGES.items()}
    targets = [
        check_target(f"{row['page']} within {limits[row['page']]:g} s", row["s"], row["s"] <= limits[row["page"]])
        for row in told
    ]
    print_report(Path(__file__).stem, told, targets, as_json=asked.json)
    return 0 if all(each["met"] for each in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
