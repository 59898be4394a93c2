"""tipg as peer: another tile server on the same database."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

LOCK_FILE = Path(__file__).parents[3] / "requirements-peers.lock"
PROCESSES, CONNECTIONS = 2, 4
STARTUP_TIMEOUT_S = 60.0
COLUMNS = ("id", "name", "levels", "grid")
PEER_SQL = """
CREATE SCHEMA peer;
CREATE VIEW peer.standing AS
SELECT b.id, b.name, round(b.levels)::integer AS levels, g.code AS grid, b.geometry::geometry(Polygon, 4326) AS geometry
FROM building b JOIN adoption p ON p.community_id = b.community_id AND p.valid @> CURRENT_DATE
    JOIN revision v ON v.id = p.revision_id JOIN building_cell c ON c.land_id = v.land_id AND c.building_id = b.id
    JOIN assignment a ON a.revision_id = v.id AND a.cell_id = c.cell_id JOIN grid g ON g.id = a.grid_id
WHERE b.valid @> CURRENT_DATE;
CREATE TABLE peer.building AS SELECT * FROM peer.standing;
ALTER TABLE peer.building ADD PRIMARY KEY (id);
CREATE INDEX ON peer.building USING gist (geometry);
ANALYZE peer.building
"""
"""Gridmap's columns, in a view that finds the grid in force, as gridmap does, and in a table with a copy of it.

The table does not follow when a plan takes effect.
"""


def install_peer() -> Path:
    """Install the peer from its lock file, if needed, and return its Python."""
    stem = hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()[:12]
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gridmap" / f"peers-{stem}"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = ["-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--require-hashes"]
        subprocess.run(
            [str(folder / "bin" / "python"), *install, "-r", str(LOCK_FILE)], check=True, stderr=subprocess.DEVNULL
        )
        (folder / "ready").touch()
    return folder / "bin" / "python"


@contextmanager
def run_tipg(owner_url: str) -> Iterator[tuple[str, int]]:
    """Serve a table and a view by tipg as the owner; yield its address and process id."""
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(text(PEER_SQL.replace(":", r"\:")))
    engine.dispose()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(install_peer()), "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--workers", str(PROCESSES)]
    quiet = ["--log-level", "error", "--no-access-log"]
    with subprocess.Popen([*command, *quiet], env=_peer_environment(owner_url), start_new_session=True) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(address)
            yield address, server.pid
        finally:
            server.terminate()


def tile_path(z: int, x: int, y: int, table: str) -> str:
    """Return the path of a tile of a table or view, with the columns of gridmap's tile."""
    columns = ",".join(COLUMNS if z >= 15 else COLUMNS[:-1])
    return f"/collections/peer.{table}/tiles/WebMercatorQuad/{z}/{x}/{y}?limit=1000000&properties={columns}"


def _peer_environment(owner_url: str) -> dict[str, str]:
    """Return settings like gridmap's: two processes with several connections each, and no limit of features."""
    plain = make_url(owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PG")},
        "DATABASE_URL": plain,
        "DB_MIN_CONN_SIZE": str(CONNECTIONS),
        "DB_MAX_CONN_SIZE": str(CONNECTIONS),
        "TIPG_DB_SCHEMAS": json.dumps(["peer"]),
        "TIPG_MAX_FEATURES_PER_TILE": "1000000",
        "TIPG_CATALOG_TTL": "0",
    }


def _wait_until_ready(address: str) -> None:
    ends = time.monotonic() + STARTUP_TIMEOUT_S
    while time.monotonic() < ends:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
        else:
            return
    raise SystemExit("the peer does not start")
