"""Where incidents pile up: by grid in force and by square, as counts and per 100 households, as far as may be told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gridmap.core.small_counts import Told, exactly, total
from gridmap.services import grids, happened, overview
from gridmap.services.grids import GridInForce
from gridmap.services.happened import NONE, Pair, Span, Wish, categories
from gridmap.store import incidents
from gridmap.store.incidents import Raster, Square

__all__ = ["Heat", "Span", "Spot", "Wish", "by_grid", "by_square", "categories", "place", "span"]

LATELY = timedelta(days=89)
"""A quarter: enough for most grids to have a number, and what came before it is soon there to be compared with."""
ENOUGH = 50
"""Households below which a rate per 100 says more about chance than about the place."""


@dataclass(frozen=True)
class Spot:
    """A place with its incidents.

    Parameters
    ----------
    told : Told
        How many, as far as the account may know.
    before : Told
        How many in the span of the same length before.
    households : int
        Households living there on the last day.
    """

    told: Told
    before: Told
    households: int

    @property
    def rate(self) -> float | None:
        """Incidents per 100 households, where the count is told and there are enough households."""
        known = self.told.number is not None and self.households >= ENOUGH
        return 100 * (self.told.number or 0) / self.households if known else None

    @property
    def change(self) -> int | None:
        """How many more than before, where both are told."""
        if self.told.number is None or self.before.number is None:
            return None
        return self.told.number - self.before.number


@dataclass(frozen=True)
class GridHeat:
    """A grid in force, and what happened in it."""

    grid: GridInForce
    spot: Spot


@dataclass(frozen=True)
class SquareHeat:
    """A square of the raster, and what happened in it; `shape` is in longitude and latitude."""

    shape: shapely.Geometry
    spot: Spot


@dataclass(frozen=True)
class Heat:
    """Everything that a page of it shows.

    Parameters
    ----------
    wish : Wish
    grids : sequence of GridHeat
        The most incidents first.
    outside : Told
        Incidents in no grid.
    """

    wish: Wish
    grids: Sequence[GridHeat]
    outside: Told

    @property
    def all(self) -> Told:
        """All incidents, as a sum of what is told: no difference to it says more."""
        return total([*(each.spot.told for each in self.grids), self.outside])


def span(today: date, first: date | None, last: date | None) -> Span:
    """The days asked for; the 90 days up to today where none are.

    Raises
    ------
    BadInput
        If the first day lies after the last.

    Examples
    --------
    >>> span(date(2026, 3, 1), None, None).first
    datetime.date(2025, 12, 2)
    """
    end = last or today
    return happened.days(first or grids.before(end, LATELY), end)


def by_grid(session: Session, home: int, wish: Wish) -> Heat:
    """Incidents of each grid in force on the last day.

    Parameters
    ----------
    session : Session
    home : int
        The subdistrict.
    wish : Wish

    Returns
    -------
    Heat
    """
    day = grids.day(session, home, wish.span.last)
    told = happened.by_grid(session, day, wish)
    found = [
        GridHeat(each, _spot(told.get(each.id, NONE), each.households.number)) for each in grids.all_of(session, day)
    ]
    return Heat(wish, sorted(found, key=_rank), told.get(None, NONE).now)


def by_square(session: Session, home: int, wish: Wish) -> Sequence[SquareHeat]:
    """Incidents of each square of 200 m that has any, and no place finer than that."""
    told = happened.by_square(session, home, wish)
    living = incidents.households_by_square(session, grids.day(session, home, wish.span.last))
    spots = {at: _spot(told[at], living.get(at, 0)) for at in sorted(told) if told[at].now != exactly(0)}
    shapes = _squares(spots, incidents.raster(session, home))
    return [SquareHeat(shape, spot) for shape, spot in zip(shapes, spots.values(), strict=True)]


def place(session: Session, code: str | None) -> Any | None:
    """The subdistrict of a code, or the first of the account where none is given."""
    if code is not None:
        return overview.subdistrict(session, code)
    return next(iter(overview.subdistricts(session)), None)


def _spot(pair: Pair, households: int) -> Spot:
    return Spot(pair.now, pair.before, households)


def _rank(heat: GridHeat) -> tuple[int, str]:
    number = heat.spot.told.number
    return -(heat.spot.told.low if number is None else number), heat.grid.code


def _squares(at: Iterable[Square], raster: Raster) -> Sequence[shapely.Geometry]:
    lines, step = np.array(list(at), dtype=np.int64).reshape(-1, 2), np.array([raster.width, raster.height])
    return list(shapely.box(*(lines * step).T, *((lines + 1) * step).T))
