"""Reasons why the database cannot be used, from the errors of its driver; none of them quotes a value."""

from enum import StrEnum

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class OutageReason(StrEnum):
    """Reason of an outage, as it stands in the log."""

    UNREACHABLE = "the database cannot be reached"
    LOGIN_REFUSED = "the database refuses the login: the secrets of this host are not those of the database"
    STARTING = "the database is starting or stopping"
    FULL_DISK = "the disk of the database is full"
    OUT_OF_MEMORY = "the database is out of memory"
    CONNECTIONS = "the database has no connection left"
    NO_FREE_CONNECTION = "no connection of this process was free in time"
    READ_ONLY = "the database is read-only"
    CLOSED = "the database closed the connection"
    OTHER = "the database cannot be used"


REASONS_BY_STATE = {
    "53100": OutageReason.FULL_DISK,
    "53200": OutageReason.OUT_OF_MEMORY,
    "53300": OutageReason.CONNECTIONS,
    "53400": OutageReason.CONNECTIONS,
    "57P01": OutageReason.STARTING,
    "57P02": OutageReason.STARTING,
    "57P03": OutageReason.STARTING,
    "25006": OutageReason.READ_ONLY,
    "28P01": OutageReason.LOGIN_REFUSED,
    "28000": OutageReason.LOGIN_REFUSED,
}
STATES_OF_ONE_STATEMENT = ("55P03", "57014", "40001", "40P01")
"""Timeouts and aborts of a statement, which say nothing about the next one."""
REASONS_BY_SIGN = (
    ("password authentication failed", OutageReason.LOGIN_REFUSED),
    ("no pg_hba.conf entry", OutageReason.LOGIN_REFUSED),
    ("authentication method requirement", OutageReason.LOGIN_REFUSED),
    ("is not permitted to log in", OutageReason.LOGIN_REFUSED),
    ("too many clients", OutageReason.CONNECTIONS),
    ("remaining connection slots", OutageReason.CONNECTIONS),
    ("too many connections for", OutageReason.CONNECTIONS),
    ("starting up", OutageReason.STARTING),
    ("shutting down", OutageReason.STARTING),
    ("in recovery mode", OutageReason.STARTING),
    ("No space left on device", OutageReason.FULL_DISK),
    ("could not connect", OutageReason.UNREACHABLE),
    ("Connection refused", OutageReason.UNREACHABLE),
    ("No such file or directory", OutageReason.UNREACHABLE),
    ("timeout expired", OutageReason.UNREACHABLE),
    ("could not translate host name", OutageReason.UNREACHABLE),
    ("server closed the connection", OutageReason.CLOSED),
    ("connection already closed", OutageReason.CLOSED),
)
"""Parts of the messages of connections that fail, which have no state."""


def outage_reason(error: BaseException) -> OutageReason | None:
    """Return the reason of an outage that an error of the database shows; None if it concerns one statement only.

    Examples
    --------
    >>> print(outage_reason(PoolTimeout("QueuePool limit")))
    no connection of this process was free in time
    """
    if isinstance(error, PoolTimeout):
        return OutageReason.NO_FREE_CONNECTION
    if not isinstance(error, DBAPIError):
        return None
    state = getattr(error.orig, "pgcode", None)
    if state in STATES_OF_ONE_STATEMENT:
        return None
    if state in REASONS_BY_STATE:
        return REASONS_BY_STATE[state]
    text = str(error.orig)
    found = next((reason for sign, reason in REASONS_BY_SIGN if sign in text), None)
    return found or (OutageReason.OTHER if isinstance(error, OperationalError | InterfaceError) else None)
