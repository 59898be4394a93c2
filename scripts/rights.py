"""What it costs that the database asks whose rows they are: the same tile with and without, in CPU."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any

from city import City
from measured import Row
from sqlalchemy import Connection, create_engine, text
from visitor import NAME

from gridmap.serving.application import login

ROUNDS = {14: 15, 16: 60}
ASKED, ALL = "FROM unnest(my_communities()) c", "FROM (SELECT id FROM community) AS every(c)"
BEGINNING = "CREATE OR REPLACE FUNCTION building_tile"


def rights(owner: str, town: City) -> Iterator[Row]:
    """How the function that finds for itself what the account may see does beside one that shows everything."""
    engines = create_engine(login(owner)), create_engine(owner)
    with engines[0].connect() as protected, engines[1].connect() as unprotected:
        unprotected.execute(text(_open().replace(":", r"\:")))
        key = unprotected.execute(text("SELECT id FROM account WHERE name = :name"), {"name": NAME}).scalar()
        protected.execute(text("SELECT set_config('gridmap.account', :key, false)"), {"key": str(key)})
        for z, rounds in ROUNDS.items():
            yield _compared((protected, unprotected), z, town.tiles(z)[0], rounds)
    for engine in engines:
        engine.dispose()


def _open() -> str:
    """The function as it is, but for the rights."""
    source = files("gridmap.store").joinpath("sql", "tiles.sql").read_text("utf-8")
    found = BEGINNING + source.partition(BEGINNING)[2].partition("END $$;")[0] + "END $$;"
    shown = found.replace(BEGINNING, "CREATE FUNCTION open_tile").replace(" SECURITY DEFINER", "").replace(ASKED, ALL)
    if ASKED not in found or " SECURITY DEFINER" not in found:
        raise SystemExit("the tile is made otherwise than this bench knows")
    return shown


def _compared(connections: tuple[Connection, Connection], z: int, place: tuple[int, int], rounds: int) -> Row:
    taken: tuple[list[float], list[float]] = ([], [])
    tiles = set[int]()
    for _ in range(rounds):
        for connection, function, times in zip(connections, ("building_tile", "open_tile"), taken, strict=True):
            begun = _cpu_s(connection)
            query = text(f"SELECT length({function}({z}, {place[0]}, {place[1]}, CURRENT_DATE))")
            tiles.add(connection.execute(query).scalar() or 0)
            times.append(_cpu_s(connection) - begun)
    if min(tiles) < 0.99 * max(tiles):  # buildings come in any order, and numbers of texts take more or fewer bytes
        raise SystemExit("with and without rights are not the same tile")
    protected, unprotected = (1000 * median(each) for each in taken)
    row = {"requests": f"z{z} with rights, of without", "with_ms": protected, "without_ms": unprotected}
    return {**row, "share": unprotected / protected}


def _cpu_s(connection: Connection) -> float:
    """CPU seconds of the database's process behind a connection: what else keeps the machine busy does not count."""
    driver: Any = connection.connection.driver_connection
    return int(Path(f"/proc/{driver.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9
