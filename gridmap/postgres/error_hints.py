"""Errors of the database server, with advice."""

from gridmap.core.errors import N_, InputFault, InvalidInput, Message

MIN_POSTGRES_VERSION = 15  # the first with NULLS NOT DISTINCT in unique indexes
SET_DATABASE_URL = N_("set DATABASE_URL to a PostgreSQL server, version 15 or newer, that has PostGIS")
SEE_LOG = N_("see the server's log in {folder}")
ERROR_SIGNS = ("FATAL", "PANIC", "Failed to fetch", "ERROR", "error:", "failed: ", "E: ")
REMEDIES = (
    ("No space left on device", N_("free some space on the disk, then start again")),
    ("Cannot allocate memory", N_("free some memory, then start again")),
    ("could not resize shared memory", N_("give the machine more shared memory (/dev/shm)")),
    ("Temporary failure resolving", N_("connect the machine to the network, or set DATABASE_URL")),
    ("Could not connect", N_("connect the machine to the network, or set DATABASE_URL")),
    (
        "password authentication failed",
        N_("the password in the secrets folder is not the server's; restore the old file"),
    ),
    ("server version mismatch", N_("install the client programs of the server's PostgreSQL version")),
    ("Connection refused", N_("start the server, or correct its address")),
    ("could not translate host name", N_("start the server, or correct its address")),
    ("Permission denied", N_("let the account that runs gridmap read and write there")),
    (
        "must be superuser",
        N_("have the server's administrator do this once: CREATE EXTENSION postgis; CREATE EXTENSION btree_gist"),
    ),
    (
        "permission denied",
        N_("have the server's administrator do this once: CREATE EXTENSION postgis; CREATE EXTENSION btree_gist"),
    ),
)


def error_with_hint(problem: Message, output: str = "", advice: Message | None = None) -> InvalidInput:
    """Return an `InvalidInput` with one fault.

    Parameters
    ----------
    problem : Message
        Description of the failure.
    output : str
        Output of a program or server; its most specific line is shown.
    advice : Message, optional
        Advice, unless `output` has a sign of an error with a known remedy.
    """
    remedy = next((Message(template) for sign, template in REMEDIES if sign in output), None)
    return InvalidInput([InputFault(problem, value=error_line(output) or None, advice=remedy or advice)])


def error_line(output: str) -> str:
    r"""Return the line with the reason: the last one of the most severe kind, else the last line.

    >>> error_line("LOG: starting\nFATAL: no space\nLOG: shut down")
    'FATAL: no space'
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    severe = next(filter(None, ([line for line in lines if sign in line] for sign in ERROR_SIGNS)), lines)
    return next(reversed(severe), "")
