"""A transaction that the database broke off for the sake of another one is done again."""

import logging
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

Result = TypeVar("Result")
RETRYABLE_SQLSTATES = ("40001", "40P01")
"""PostgreSQL's codes for transactions that could not be lined up with others, and for a deadlock."""
MAX_ATTEMPTS = 3
log = logging.getLogger(__name__)


def retry_transaction(work: Callable[[], Result]) -> Result:
    """Do some work, and do it anew if the database broke it off; nothing of it is left then.

    Parameters
    ----------
    work : callable
        Everything that belongs to one transaction, its beginning and its end included.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If it was broken off three times, or failed for another reason.
    """
    for left in reversed(range(MAX_ATTEMPTS)):
        try:
            return work()
        except DBAPIError as error:
            if not left or getattr(error.orig, "pgcode", None) not in RETRYABLE_SQLSTATES:
                raise
            log.warning("the database broke a transaction off for another one; it is done again")
    raise AssertionError
