"""PostgreSQL's own programs for dumping and restoring, set to work on a database."""

from pathlib import Path

from sqlalchemy.engine import make_url

from gridmap.core.progress import silent
from gridmap.store.cluster import databases
from gridmap.store.cluster.address import plain
from gridmap.store.cluster.binaries import find, newer
from gridmap.store.cluster.programs import run


def client(url: str, program: str, *arguments: str | Path) -> str:
    """What a program said that was told to work on a database.

    The password travels in the environment, where other accounts cannot see it.

    Raises
    ------
    Failed
        If the program fails.
    BadInput
        If the database cannot be reached, or there are no programs and they cannot be fetched.
    """
    [(number,)] = databases.asked(url, "SHOW server_version_num")
    binaries = newer(int(number) // 10_000) or find(None, silent)
    there = make_url(plain(url))
    secret = {"PGPASSWORD": str(there.password)} if there.password else {}
    database = there._replace(password=None).render_as_string()
    told = [f"--dbname={database}", "--no-password", *arguments]
    return run(binaries[program], *told, environment=binaries.environment | secret)
