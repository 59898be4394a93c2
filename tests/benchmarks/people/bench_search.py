"""Search and the drawing of a tower in a subdistrict of 19,600 buildings and 350,000 residents.

Run with the development environment: .venv/bin/python -m tests.benchmarks.people.bench_search [--quick] [--json]
The application runs in this process on a city of 313,600 buildings (--quick: 12,544). A station of all communities of
one subdistrict searches as its page does, in turn by letters, initials, addresses, doors and whole names, each query
once; *first* is the search after a name has changed, which reads all names again. The peer is PostgreSQL's own search
for a part of a building's name, without rights, index and page.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles

from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from gridmap.app import create_app
from gridmap.core.vocabulary import Role
from gridmap.store import schema
from gridmap.store.session import Database
from tests.benchmarks.harness.city_town import build_city
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.fixtures import postgis
from tests.fixtures.subdistricts import PASSWORD, VALID_SINCE_2020, app_settings, create_account
from tests.fixtures.web_app import submit_form

MAX_SEARCH_MS, MAX_TOWER_MS = 200, 1000
COMMUNITIES_PER_SIDE, QUICK_COMMUNITIES_PER_SIDE = 5, 1
ROUNDS, QUICK_ROUNDS = 40, 5
STATION = "bench-station"
SQL_FILE = Path(__file__).with_name("full_town.sql")
ESTATES = ("锦绣花园", "银杏苑", "望江小区", "南湖雅居", "东风新村", "桂花里", "和平家园", "长江花苑")
INITIALS = ("jxhy", "yxy", "wjxq", "nhyj", "dfxc", "ghl", "hpjy", "cjhy")
QUERIES: dict[str, Callable[[int], str]] = {
    "letters": lambda n: f"{ESTATES[n % 8]}{n * 7}",
    "initials": lambda n: f"{INITIALS[n % 8]}{n * 7}",
    "address": lambda n: f"解放路{n * 13}号",
    "shop": lambda n: f"便利店{n}",
    "door": lambda n: f"{INITIALS[n % 8]}{n * 7 + 1} 201",
    "nothing": lambda n: f"没有{n}",
}


def fill_subdistrict(owner_url: str) -> int:
    """Fill the first subdistrict with people, and open an account of its station; return the tower's id."""
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        subdistrict = connection.scalar(text("SELECT min(id) FROM subdistrict"))
        for statement in SQL_FILE.read_text("utf-8").format(subdistrict_id=subdistrict).strip(";\n").split(";\n"):
            connection.execute(text(statement.replace(":", r"\:")))
        tower = connection.scalar(text(f"SELECT min(id) FROM building WHERE subdistrict_id = {subdistrict}"))
        communities = connection.scalars(text(f"SELECT id FROM community WHERE subdistrict_id = {subdistrict}")).all()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    _create_station(owner_url, int(subdistrict or 0), communities)
    return int(tower or 0)


def _create_station(owner_url: str, subdistrict: int, communities: Sequence[int]) -> None:
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        first = {"subdistrict_id": subdistrict, "community_id": communities[0]}
        account = create_account(session, STATION, Role.STATION, first)
        for each in communities[1:]:
            scope = {**first, "community_id": each}
            session.add(schema.AccountScope(account_id=account, valid=VALID_SINCE_2020, **scope))
    database.close()


def time_ms(work: Callable[[], int]) -> float:
    """Return the milliseconds that a request takes; it has to succeed."""
    begun = time.perf_counter()
    status = work()
    taken = 1000 * (time.perf_counter() - begun)
    if status != 200:
        raise SystemExit(f"the page answered {status}")
    return taken


def measure_search(client: FlaskClient, rounds: int) -> Iterator[Row]:
    """Yield the times of each kind of search, and of residents by name."""
    token = client.get("/search").text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]

    def search_ms(query: str, path: str = "/search") -> float:
        return time_ms(lambda: client.post(path, data={"csrf_token": token, "query": query}).status_code)

    yield {"search": "first", **figures([search_ms("jxhy")])}
    for name, query in QUERIES.items():
        yield {"search": name, **figures([search_ms(query(n)) for n in range(rounds)])}
    names = [f"{'王李张刘陈'[n % 5]}{'伟芳娜敏静'[n // 5 % 5]}{'国建文志秀'[n % 4]}" for n in range(rounds)]
    yield {"search": "resident", **figures([search_ms(name, "/search/residents") for name in names])}


def figures(times: Sequence[float]) -> Row:
    """Return median, 95th percentile and maximum."""
    p95 = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    return {"median_ms": median(times), "p95_ms": p95, "worst_ms": max(times), "requests": len(times)}


def measure_peer(owner_url: str, rounds: int) -> Row:
    """Return the times of a search by PostgreSQL for a part of a name."""
    query = text("SELECT count(*) FROM building WHERE name LIKE '%' || :part || '%' AND valid @> current_date")
    engine = create_engine(owner_url)
    with engine.connect() as connection:

        def peer_ms(part: str) -> float:
            return time_ms(lambda: 200 if connection.scalar(query, {"part": part}) is not None else 500)

        times = [peer_ms(QUERIES["letters"](n)) for n in range(rounds)]
    engine.dispose()
    return {"search": "PostgreSQL alone", **figures(times)}


def measure_page(client: FlaskClient, path: str, rounds: int) -> Row:
    """Return the times of a page."""
    return figures([time_ms(lambda: client.get(path).status_code) for _ in range(rounds)])


def measure(owner_url: str, *, quick: bool) -> list[Row]:
    """Build the town and measure all pages."""
    build_city(owner_url, QUICK_COMMUNITIES_PER_SIDE if quick else COMMUNITIES_PER_SIDE)
    tower, rounds = fill_subdistrict(owner_url), QUICK_ROUNDS if quick else ROUNDS
    client = create_app(app_settings(owner_url)).test_client()
    submit_form(client, "/sign-in", name=STATION, password=PASSWORD)
    return [
        *measure_search(client, rounds),
        measure_peer(owner_url, rounds),
        {"search": "tower", **measure_page(client, f"/homes/buildings/{tower}", rounds)},
        {"search": "list of homes", **measure_page(client, "/homes", rounds)},
    ]


def main() -> int:
    """Measure, print the report, and return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smaller town, fewer searches")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    options = parser.parse_args()
    postgis.set_environment()
    with tempfile.TemporaryDirectory() as folder, postgis.shared_server() as cluster:
        os.environ["GRIDMAP_HOME"] = folder
        with postgis.temporary_database(cluster) as url:
            rows = measure(url, quick=options.quick)
    limits = {"tower": MAX_TOWER_MS, "list of homes": MAX_TOWER_MS}
    targets = [
        check_target(f"{row['search']}: p95 within {limit} ms", row["p95_ms"], row["p95_ms"] <= limit)
        for row in rows
        if (limit := limits.get(row["search"], MAX_SEARCH_MS)) and row["search"] not in ("first", "PostgreSQL alone")
    ]
    print_report("search", rows, targets, as_json=options.json)
    return 0 if all(each["met"] for each in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
