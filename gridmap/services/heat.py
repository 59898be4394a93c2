"""Where incidents pile up: by grid in force and by square, as counts and per 100 households, as far as may be told."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from pyproj import CRS
from sqlalchemy.orm import Session

from gridmap.core.names import IncidentStatus, Role
from gridmap.core.small_counts import Told, exactly, told, total
from gridmap.services import grids, overview
from gridmap.services.grids import GridInForce
from gridmap.store import extent, incidents
from gridmap.store.incidents import SIDE, Kind, Span
from gridmap.store.metres import to_degrees
from gridmap.store.session import TRUSTED

__all__ = ["Heat", "Span", "Spot", "Wish", "by_grid", "by_square", "categories", "place", "span"]

YEAR = timedelta(days=364)
ENOUGH = 50
"""Households below which a rate per 100 says more about chance than about the place."""


@dataclass(frozen=True)
class Wish:
    """What is to be counted.

    Parameters
    ----------
    span : Span
        Days; the grids are those in force on the last one.
    categories : collection of str
        All where there is none.
    status : IncidentStatus, optional
        Only open or only closed ones.
    """

    span: Span
    categories: Collection[str] = ()
    status: IncidentStatus | None = None

    def takes(self, kind: Kind) -> bool:
        """Whether incidents of a kind are to be counted."""
        category, status = kind
        return (not self.categories or category in self.categories) and self.status in (None, status)

    @property
    def everything(self) -> bool:
        """Whether incidents of all kinds are."""
        return not self.categories and self.status is None


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
    """The days asked for; the year up to today where none are.

    >>> span(date(2026, 3, 1), None, None).first
    datetime.date(2025, 3, 2)
    """
    end = last or today
    return Span(first or grids.before(end, YEAR), end)


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
    now, before = (incidents.by_grid(session, day, each) for each in (wish.span, _before(wish.span)))
    tell = _teller(session, wish)
    found = [
        GridHeat(each, Spot(tell(now.get(each.id, {})), tell(before.get(each.id, {})), each.households.number))
        for each in grids.all_of(session, day)
    ]
    return Heat(wish, sorted(found, key=_rank), tell(now.get(None, {})))


def by_square(session: Session, home: int, wish: Wish) -> Sequence[SquareHeat]:
    """Incidents of each square of 200 m that has any, and no place finer than that."""
    day = grids.day(session, home, wish.span.last)
    now, before = (incidents.by_square(session, home, each) for each in (wish.span, _before(wish.span)))
    living = incidents.households_by_square(session, day)
    tell = _teller(session, wish)
    spots = {at: Spot(tell(now[at]), tell(before.get(at, {})), living.get(at, 0)) for at in sorted(now)}
    shapes = _squares(spots, CRS.from_epsg(incidents.metric(session, home)))
    return [
        SquareHeat(shape, spot) for shape, spot in zip(shapes, spots.values(), strict=True) if spot.told != exactly(0)
    ]


def categories(session: Session, home: int) -> Sequence[str]:
    """Categories there are to choose from."""
    return incidents.categories(session, home)


def place(session: Session, code: str | None) -> Any | None:
    """The subdistrict of a code, or the first of the account where none is given."""
    if code is not None:
        return overview.subdistrict(session, code)
    return next(iter(overview.subdistricts(session)), None)


def _before(span: Span) -> Span:
    """As many days, just before."""
    length = span.last - span.first + timedelta(days=1)
    end = grids.before(span.first, timedelta(days=1))
    return replace(span, first=grids.before(end, length - timedelta(days=1)), last=end)


def _teller(session: Session, wish: Wish) -> Callable[[Mapping[Kind, int]], Told]:
    """How counts by kind are told to the account: exactly to who sees the incidents one by one."""
    entitled = session.info.get(TRUSTED) or extent.role(session) == Role.STATION

    def tell(counts: Mapping[Kind, int]) -> Told:
        chosen = [kind for kind in counts if wish.takes(kind)]
        if entitled:
            return exactly(sum(counts[kind] for kind in chosen))
        return told(counts, None if wish.everything else chosen)

    return tell


def _rank(heat: GridHeat) -> tuple[int, str]:
    number = heat.spot.told.number
    return -(heat.spot.told.low if number is None else number), heat.grid.code


def _squares(at: Iterable[tuple[int, int]], crs: CRS) -> Sequence[shapely.Geometry]:
    corners = SIDE * np.array(list(at), dtype=np.float64).reshape(-1, 2)
    boxes = shapely.box(*corners.T, *(corners + SIDE).T)
    return list(to_degrees(boxes, crs))
