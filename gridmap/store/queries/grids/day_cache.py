"""Figures of a day in the memory of the process: of land, plan and households, and counts of packed months.

Nothing about workers, single persons or incidents about persons is cached. A value is found under everything that it
depends on: the data and the rights as the database knows them now, the rights that its query was filtered by,
subdistrict and day.
"""

from collections.abc import Callable, Hashable
from datetime import date
from typing import NamedTuple, TypeVar, cast

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.memory_cache import MemoryCache

ValueT = TypeVar("ValueT")
MAX_VALUES = 128
"""Values of a process: up to six for a role, a subdistrict and a day, and up to three for each range and category that
is looked at. The largest have up to 5 MB, most below 1 MB."""
CACHE = MemoryCache(MAX_VALUES)


class DayFigure(NamedTuple):
    """Name of a figure, with the subdistrict and the day that it is of."""

    name: Hashable
    subdistrict_id: int
    date: date


def load_cached(
    session: Session,
    caller: Caller,
    figure: DayFigure,
    load: Callable[[], ValueT],
    version: ScalarSelect[str] | None = None,
) -> ValueT:
    """Return a figure of a day from the cache, or load it.

    It is put into the cache only if the key that holds after loading is the one from before: a right or a change that
    comes in between never puts a value under a key that is not its own.

    Parameters
    ----------
    session : Session
    caller : Caller
        For the owner's commands, and without an account, nothing is cached: no rights could be in the key.
    figure : DayFigure
    load : callable
        Returns the value, which nobody changes and which is never None.
    version : ScalarSelect of str, optional
        Selects a word for other data that the value depends on: another one after each change.
    """
    if caller.trusted or caller.account_id is None:
        return load()
    key = _make_key(session, caller, figure, version)
    value = CACHE.get(key)
    if value is not None:
        return cast("ValueT", value)
    loaded = load()
    if _make_key(session, caller, figure, version) == key:
        CACHE.put(key, loaded)
    return loaded


def _make_key(session: Session, caller: Caller, figure: DayFigure, version: ScalarSelect[str] | None) -> Hashable:
    """Return the key of a value; accounts with the same rights share it."""
    versions = [] if version is None else [version]
    state = tuple(session.execute(select(func.day_cache_key(figure.date), *versions)).one())
    rights = caller.role, caller.subdistrict_ids, caller.whole_subdistrict_ids, caller.community_ids, caller.grid_ids
    return figure, state, rights
