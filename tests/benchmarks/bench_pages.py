"""Time until pages are usable: the worker's on a slow phone, the overview on a desktop.

Run with the development environment: .venv/bin/python -m tests.benchmarks.bench_pages [--quick] [--json]
The real service runs with the demo in its own home. Chromium opens each page in a fresh context, so that nothing is
cached from an earlier visit. The worker's page opens at 360 px with the processor slowed to a quarter (DevTools
`Emulation.setCPUThrottlingRate`). The clock runs from the request until map and list exist. Figures are medians.
"""

import argparse
import sys
from collections.abc import Sequence
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.harness.demo_visitors import demo_passwords
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service
from tests.chromium import find_chromium

RUNS, QUICK_RUNS = 5, 2
MAP_READY = "#map[data-load-status=ready]"
PAGES = {
    "worker's phone": ("worker", "/my-grid", 360, 4, "[data-buildings] li", 3.0),
    "report an incident": ("worker", "/my-grid/report", 360, 4, "#category option", 3.0),
    "overview": ("planner", "/", 1440, 1, "#grid-table tbody tr", 2.0),
    "a grid": ("planner", "/grids/1", 1440, 1, "tr[data-building]", 2.0),
    "who is my worker": ("", "/public", 360, 4, "main li a", 3.0),
}
"""By page: role, path, width in px, slowdown of the processor, selector that must exist, and seconds allowed."""


def measure_page(browser: Browser, service: RunningService, page: tuple[str, str, int, int, str, float]) -> float:
    """Return the seconds from the request for a page until it is usable."""
    role, path, width, slowdown, selector, _ = page
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
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    tab.goto(path, wait_until="commit")
    for each in [selector] if path == "/public" else [selector, MAP_READY]:
        tab.wait_for_selector(each, state="attached", timeout=60_000)
    seconds = float(tab.evaluate("performance.now()")) / 1000
    context.close()
    return seconds


def measure_pages(service: RunningService, runs: int) -> Sequence[Row]:
    """Measure each page several times, after one visit that does not count."""
    program = find_chromium(full=True)
    if program is None:
        raise SystemExit("no chromium on this machine; install it to measure pages in a browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        rows = []
        for name, page in PAGES.items():
            measure_page(browser, service, page)
            times = [measure_page(browser, service, page) for _ in range(runs)]
            figures = {"s": median(times), "worst_s": max(times)}
            rows.append({"page": name, "width": page[2], "cpu": f"1/{page[3]}", **figures})
        browser.close()
    return rows


def main() -> int:
    """Measure, print the report, and return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_RUNS} visits a page instead of {RUNS}")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    options = parser.parse_args()
    with temporary_service("--demo") as service:
        rows = measure_pages(service, QUICK_RUNS if options.quick else RUNS)
    limits = {name: page[-1] for name, page in PAGES.items()}
    targets = [
        check_target(f"{row['page']} within {limits[row['page']]:g} s", row["s"], row["s"] <= limits[row["page"]])
        for row in rows
    ]
    print_report("pages", rows, targets, as_json=options.json)
    return 0 if all(each["met"] for each in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
