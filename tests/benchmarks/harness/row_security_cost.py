"""CPU cost of row-level security: the same tile with and without it."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, create_engine, text

from gridmap.serving.application import login_urls
from tests.benchmarks.harness.city_town import CityTown
from tests.benchmarks.harness.measure import Row
from tests.benchmarks.harness.virtual_user import LEADER_NAME
from tests.fixtures.subdistricts import OPEN_SESSIONS, token_of

ROUNDS = {14: 15, 16: 60}
RESTRICTED_SOURCE, UNRESTRICTED_SOURCE = (
    "FROM unnest(my_communities()) c",
    "FROM (SELECT id FROM community) AS every(c)",
)
FUNCTION_START = "CREATE OR REPLACE FUNCTION building_tile"


def measure_row_security(owner_url: str, city: CityTown) -> Iterator[Row]:
    """Yield rows that compare the function of the service with one that shows every row."""
    engines = create_engine(login_urls(owner_url)[0]), create_engine(owner_url)
    with engines[0].connect() as protected, engines[1].connect() as unprotected:
        unprotected.execute(text(_unrestricted_function().replace(":", r"\:")))
        key = unprotected.execute(text("SELECT id FROM account WHERE name = :name"), {"name": LEADER_NAME}).scalar()
        unprotected.execute(OPEN_SESSIONS)
        unprotected.commit()
        set_token = text("SELECT set_config('gridmap.session_token', :token, false)")
        protected.execute(set_token, {"token": token_of(int(key or 0))})
        for z, rounds in ROUNDS.items():
            yield _compare_tile((protected, unprotected), z, city.tiles(z)[0], rounds)
    for engine in engines:
        engine.dispose()


def _unrestricted_function() -> str:
    """Return the SQL of the function without row-level security."""
    source = files("gridmap.store").joinpath("sql", "tiles.sql").read_text("utf-8")
    found = FUNCTION_START + source.partition(FUNCTION_START)[2].partition("END $$;")[0] + "END $$;"
    shown = (
        found.replace(FUNCTION_START, "CREATE FUNCTION open_tile")
        .replace(" SECURITY DEFINER", "")
        .replace(RESTRICTED_SOURCE, UNRESTRICTED_SOURCE)
    )
    if RESTRICTED_SOURCE not in found or " SECURITY DEFINER" not in found:
        raise SystemExit("the tile is made otherwise than this bench knows")
    return shown


def _compare_tile(connections: tuple[Connection, Connection], z: int, tile: tuple[int, int], rounds: int) -> Row:
    taken: tuple[list[float], list[float]] = ([], [])
    tiles = set[int]()
    for _ in range(rounds):
        for connection, function, times in zip(connections, ("building_tile", "open_tile"), taken, strict=True):
            begun = _backend_cpu_s(connection)
            query = text(f"SELECT length({function}({z}, {tile[0]}, {tile[1]}, CURRENT_DATE))")
            tiles.add(connection.execute(query).scalar() or 0)
            times.append(_backend_cpu_s(connection) - begun)
    if min(tiles) < 0.99 * max(tiles):  # buildings come in any order, and numbers of texts take more or fewer bytes
        raise SystemExit("with and without rights are not the same tile")
    protected, unprotected = (1000 * median(each) for each in taken)
    row = {"requests": f"z{z} with rights, of without", "with_ms": protected, "without_ms": unprotected}
    return {**row, "share": unprotected / protected}


def _backend_cpu_s(connection: Connection) -> float:
    """Return the CPU seconds of the database process of a connection."""
    driver: Any = connection.connection.driver_connection
    return int(Path(f"/proc/{driver.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9
