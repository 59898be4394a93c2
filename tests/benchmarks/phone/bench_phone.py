"""Time until the worker's pages are usable on a slow phone in a slow network, with nothing cached.

Run with the development environment: .venv/bin/python -m tests.benchmarks.phone.bench_phone [--quick] [--json]
The real service runs with the demo, behind its own TLS proxy, as phones reach it. Chromium opens each page in a fresh
context at 360 px, with the processor slowed to a quarter and a network of 50 kB/s and 300 ms (DevTools protocol). The
clock runs from the request until the heading is painted, until the map is drawn, and until the places are on it.
Figures are medians.
"""

import argparse
import socket
import sys
from collections.abc import Sequence
from statistics import median

from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.harness.demo_visitors import demo_passwords
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.benchmarks.harness.run_service import RunningService, temporary_service
from tests.chromium import find_chromium

RUNS, QUICK_RUNS = 7, 2
PATHS = {"worker's page": "/my-grid", "report an incident": "/my-grid/report"}
MAX_HEADING_S, MAX_MAP_S = 2.0, 4.0
LATENCY_MS, BYTES_PER_S, SLOWDOWN = 300, 50_000, 4
CLOCK = """
  const times = globalThis.pageTimes = {};
  const isPainted = () => performance.getEntriesByName("first-contentful-paint").length > 0;
  const look = () => {
    if (!times.heading && isPainted() && document.querySelector("h1")?.checkVisibility()) {
      times.heading = performance.now();
    }
    if (!times.map && document.querySelector("#map[data-drawn]")) times.map = performance.now();
    if (document.querySelector("#map[data-load-status=ready]")) times.places = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""
"""Notes when the heading is painted, the map is drawn, and its places are."""
MAP_READY = "#map[data-load-status=ready]"
NEXT_FRAME = "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))"
READ_SIZES = """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
  .reduce((sum, each) => sum + each.transferSize, 0)"""


def measure_page(browser: Browser, cookies: Sequence[SetCookieParam], url: str) -> Row:
    """Return the seconds until heading and map of a page, and the bytes that it takes."""
    context = browser.new_context(viewport={"width": 360, "height": 780}, has_touch=True, ignore_https_errors=True)
    context.add_cookies(cookies)
    tab = context.new_page()
    tab.add_init_script(CLOCK)
    devtools = context.new_cdp_session(tab)
    devtools.send("Network.enable")
    throughput = {"downloadThroughput": BYTES_PER_S, "uploadThroughput": BYTES_PER_S}
    devtools.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, **throughput})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    tab.goto(url, wait_until="commit")
    tab.wait_for_selector(MAP_READY, state="attached", timeout=60_000)
    tab.evaluate(NEXT_FRAME)
    times, size = tab.evaluate("globalThis.pageTimes"), tab.evaluate(READ_SIZES)
    context.close()
    return {f"{name}_s": times[name] / 1000 for name in ("heading", "map", "places")} | {"kB": size / 1000}


def measure_pages(service: RunningService, url: str, runs: int) -> Sequence[Row]:
    """Measure each page several times, after one visit that does not count."""
    program = find_chromium(full=True)
    if program is None:
        raise SystemExit("no chromium on this machine; install it to measure pages in a browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        cookies, rows = sign_in(browser, url, demo_passwords(service)["worker"]), []
        for name, path in PATHS.items():
            visits = [measure_page(browser, cookies, url + path) for _ in range(runs + 1)][1:]
            medians = {key: median([visit[key] for visit in visits]) for key in visits[0]}
            worst = {f"worst_{key}": max(visit[key] for visit in visits) for key in ("heading_s", "map_s")}
            rows.append({"page": name, **medians, **worst})
        browser.close()
    return rows


def sign_in(browser: Browser, url: str, password: str) -> Sequence[SetCookieParam]:
    """Return the cookies of a session of the worker."""
    context = browser.new_context(base_url=url, ignore_https_errors=True)
    tab = context.new_page()
    tab.goto("/sign-in")
    tab.fill("#name", "worker")
    tab.fill("#password", password)
    tab.press("#password", "Enter")
    tab.wait_for_url("**/my-grid")
    cookies = [SetCookieParam(**each) for each in context.cookies()]  # type: ignore[typeddict-item]
    context.close()
    return cookies


def free_ports(number: int) -> list[int]:
    """Return ports that nobody listens on."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in listeners]
    for each in listeners:
        each.close()
    return ports


def main() -> int:
    """Measure, print the report, and return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_RUNS} visits a page instead of {RUNS}")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    options = parser.parse_args()
    port, trust_port = free_ports(2)
    lan = ("--lan", "--lan-host", "127.0.0.1", "--lan-port", str(port), "--trust-port", str(trust_port))
    with temporary_service("--demo", *lan) as service:
        rows = measure_pages(service, f"https://127.0.0.1:{port}", QUICK_RUNS if options.quick else RUNS)
    limits = {"heading_s": MAX_HEADING_S, "map_s": MAX_MAP_S}
    targets = [
        check_target(f"{row['page']}: {name} within {limit:g}", row[name], row[name] <= limit)
        for row in rows
        for name, limit in limits.items()
    ]
    print_report("phone", rows, targets, as_json=options.json)
    return 0 if all(each["met"] for each in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
