"""PostgreSQL's own programs for dumping and restoring, set to work on a database."""

from pathlib import Path

from sqlalchemy.engine import make_url

from gridmap.core.progress import ignore_progress
from gridmap.postgres import databases
from gridmap.postgres.binaries import find_binaries, find_client_binaries
from gridmap.postgres.subprocesses import run
from gridmap.postgres.urls import libpq_url


def run_client(url: str, program: str, *arguments: str | Path) -> str:
    """What a program said that was told to work on a database.

    The password travels in the environment, where other accounts cannot see it.

    Raises
    ------
    Failed
        If the program fails.
    BadInput
        If the database cannot be reached, or there are no programs and they cannot be fetched.
    """
    [(number,)] = databases.fetch_rows(url, "SHOW server_version_num")
    binaries = find_client_binaries(int(number) // 10_000) or find_binaries(None, ignore_progress)
    there = make_url(libpq_url(url))
    secret = {"PGPASSWORD": str(there.password)} if there.password else {}
    database = there._replace(password=None).render_as_string()
    told = [f"--dbname={database}", "--no-password", *arguments]
    return run(binaries[program], *told, environment=binaries.environment | secret)
