"""Joins of many rows under row-level security."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session


@contextmanager
def hash_joins(session: Session) -> Iterator[None]:
    """Keep the planner from nested loops, for queries that join all cells or buildings of a subdistrict.

    A query names the rows of its caller, and a policy names them once more: the planner multiplies the two, expects one
    row where there are 20,000, and compares each row with each. An error ends the transaction, and so the setting.
    """
    session.execute(text("SET LOCAL enable_nestloop = off"))
    yield
    session.execute(text("SET LOCAL enable_nestloop = on"))
