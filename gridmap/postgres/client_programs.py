"""Client programs of PostgreSQL, such as pg_dump, run on a database."""

from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from gridmap.core.progress import ignore_progress
from gridmap.postgres import databases
from gridmap.postgres.binaries import find_binaries, find_client_binaries
from gridmap.postgres.program_streams import Program, Send, feed_input, read_output
from gridmap.postgres.subprocesses import run
from gridmap.postgres.urls import libpq_url


def run_client(url: str, program: str, *arguments: str | Path) -> str:
    """Run a client program on a database and return its output.

    The password is passed in the environment, which other accounts cannot read.

    Raises
    ------
    ProgramError
        If the program fails.
    InvalidInput
        If the database cannot be reached, or there are no programs and they cannot be fetched.
    """
    client = _client_program(url, program, *arguments)
    return run(*client.arguments, environment=client.environment)


def read_client(url: str, program: str, *arguments: str | Path) -> Iterator[bytes]:
    """Yield the output of a client program on a database; see `run_client` and `read_output`."""
    return read_output(_client_program(url, program, *arguments))


def feed_client(url: str, program: str, *arguments: str | Path, feed: Callable[[Send], object]) -> str:
    """Run a client program on a database with a stream as input; see `run_client` and `feed_input`."""
    return feed_input(_client_program(url, program, *arguments), feed)


def _client_program(url: str, program: str, *arguments: str | Path) -> Program:
    [(number,)] = databases.fetch_rows(url, "SHOW server_version_num")
    binaries = find_client_binaries(int(number) // 10_000) or find_binaries(None, ignore_progress)
    full_url = make_url(libpq_url(url))
    secret = {"PGPASSWORD": str(full_url.password)} if full_url.password else {}
    database = full_url._replace(password=None).render_as_string()
    options = [f"--dbname={database}", "--no-password"]
    return Program(
        [str(each) for each in (binaries[program], *options, *arguments)], dict(binaries.environment) | secret
    )
