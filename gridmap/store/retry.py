"""Retry of transactions that the database aborted."""

import logging
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

Result = TypeVar("Result")
RETRYABLE_SQLSTATES = ("40001", "40P01")
"""Codes of PostgreSQL for a serialization failure and for a deadlock."""
CONCURRENT_UPDATE = "tuple concurrently updated"
"""Message, without a code of its own, of two commands that change one role or function at the same time."""
MAX_ATTEMPTS = 3
log = logging.getLogger(__name__)


def retry_transaction(work: Callable[[], Result]) -> Result:
    """Run a transaction, and run it again if the database aborted it in favour of another one.

    Parameters
    ----------
    work : callable
        Runs one complete transaction, from its begin to its commit.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If it was aborted three times, or failed for another reason.
    """
    for left in reversed(range(MAX_ATTEMPTS)):
        try:
            return work()
        except DBAPIError as error:
            if not left or not _is_retryable(error):
                raise
            log.warning("the database aborted a transaction in favour of another one; it is run again")
    raise AssertionError


def _is_retryable(error: DBAPIError) -> bool:
    """Return whether a transaction failed only because of another one."""
    return getattr(error.orig, "pgcode", None) in RETRYABLE_SQLSTATES or CONCURRENT_UPDATE in str(error.orig)
