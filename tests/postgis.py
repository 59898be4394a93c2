"""The PostGIS that tests use: one server for all processes of a run, and a database for whoever asks.

The server's folder is kept from run to run, so that only the first makes it. It runs while anybody uses it: users hold
a file lock together, and the one who can have it alone is the first or the last.
"""

import fcntl
import hashlib
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest
from psycopg2 import sql
from sqlalchemy.engine import make_url

from gridmap.core.errors import BadInput
from gridmap.services.trouble import fault_line
from gridmap.store.cluster import databases
from gridmap.store.cluster.private import SERVER_WIDE
from gridmap.store.cluster.programs import locked
from gridmap.store.cluster.server import Cluster
from gridmap.store.migrations import upgrade
from gridmap.store.policies import APP

HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gridmap" / "tests"
STORE = Path(__file__).parent.parent / "gridmap" / "store"
SCHEMA = [path for path in sorted(STORE.rglob("*")) if path.suffix in {".py", ".sql"} and "cluster" not in path.parts]
VERSION = hashlib.sha256(b"".join(path.read_bytes() for path in [Path(__file__), *SCHEMA])).hexdigest()[:12]
TEMPLATE = f"template_{VERSION}"
PASSWORD = "test"
numbers = itertools.count(1)


def template(url: str) -> None:
    """Lay the schema into a database that has the extensions: what every test finds in its own.

    Roles are common to all databases of the server, so one at a time.
    """
    with locked(HOME / "roles.lock"):
        upgrade(url, PASSWORD)


def as_application(url: str) -> str:
    """Address of the same database for the login that the web has, which is one for all databases of the server."""
    return make_url(url).set(username=APP, password=PASSWORD).render_as_string(hide_password=False)


@contextmanager
def used() -> Iterator[Cluster]:
    """The running server; it ends when nobody uses it any more."""
    HOME.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(HOME, durable=False)
    with (HOME / "users.lock").open("w") as users:
        alone = _alone(users)
        started(cluster)
        if alone:
            sweep(cluster)
        fcntl.flock(users, fcntl.LOCK_SH)
        started(cluster)
        yield cluster
        if _alone(users):
            cluster.stop()


def _alone(users: TextIO) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def started(cluster: Cluster) -> None:
    """Start the server, or say in words why tests cannot have it."""
    try:
        cluster.start()
    except BadInput as error:
        pytest.fail("; ".join(fault_line(fault, "en") for fault in error.faults), pytrace=False)


def sweep(cluster: Cluster) -> None:
    """Drop what killed runs and earlier schemas left behind."""
    rows = databases.asked(cluster.url(), "SELECT datname FROM pg_database WHERE datname ~ '^(test|template)_'")
    for name in (str(name) for (name,) in rows if name != TEMPLATE):
        drop(cluster.url(), name)


def ensure_template(cluster: Cluster) -> None:
    """Have the template that databases are cloned from; the first who needs it makes it."""
    with locked(HOME / "template.lock"):
        if databases.asked(cluster.url(), "SELECT 1 FROM pg_database WHERE datname = %s", TEMPLATE):
            return
        part = f"test_part_{VERSION}"
        drop(cluster.url(), part)
        databases.create(cluster.url(), part, "gridmap")
        databases.extend(cluster.url(part, "postgres"))
        template(cluster.url(part))
        renamed = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(part), sql.Identifier(TEMPLATE))
        databases.told(cluster.url(), renamed)


@contextmanager
def database(cluster: Cluster) -> Iterator[str]:
    """Owner's address of a database cloned from the template, dropped afterwards."""
    ensure_template(cluster)
    name = f"test_{os.getpid()}_{next(numbers)}"
    clone = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
    databases.told(cluster.url(), clone)
    try:
        yield cluster.url(name)
    finally:
        drop(cluster.url(), name)


def drop(url: str, name: str) -> None:
    """Drop a database, whoever is connected."""
    databases.told(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def removed(cluster: Cluster) -> None:
    """Stop a server that a test made for itself, and remove its data."""
    cluster.stop()
    data = cluster.place.data()
    shutil.rmtree(data, ignore_errors=True)
    if data.parent.parent == SERVER_WIDE:
        shutil.rmtree(data.parent, ignore_errors=True)
