"""Incidents counted by plain geopandas, which knows nothing of cells and of the database's queries."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from gridmap.core.names import IncidentStatus
from gridmap.core.small_counts import Told
from gridmap.services import grids, heat
from gridmap.services.heat import Wish
from gridmap.store import incidents
from gridmap.store.incidents import Counts, Span, Square

A_DAY = timedelta(days=1)
HERE = "JOIN subdistrict s ON s.id = {}.subdistrict_id AND s.code = '{}'"
GRIDS = (
    "SELECT g.code, g.community_id, lower(a.valid) AS since, r.geometry FROM revision_grid r"
    " JOIN grid g ON g.id = r.grid_id JOIN adoption a ON a.revision_id = r.revision_id AND a.valid @> today() "
)
INCIDENTS = (
    "SELECT i.category, i.occurred_at::timestamp AS occurred_at, i.closed_at::timestamp AS closed_at, i.geometry"
    " FROM incident i "
)
HOME = "SELECT s.geometry FROM (SELECT id AS subdistrict_id FROM subdistrict) t "
BUILDINGS = "SELECT b.code AS building, b.geometry FROM building b "


@dataclass(frozen=True)
class Plain:
    """Incidents with ``category``, ``occurred_at``, ``closed_at``, ``grid``, ``community`` and ``square``.

    Those in no grid have none; `since` is the first day on which the grids are in force.
    """

    rows: pd.DataFrame
    since: date

    def chosen(self, wish: Wish) -> pd.DataFrame:
        """Those that are to be counted."""
        days, span = self.rows["occurred_at"].dt.date, wish.span
        wanted = (days >= span.first) & (days <= span.last)
        if wish.categories:
            wanted &= self.rows["category"].isin(wish.categories)
        if wish.status:
            closed = self.rows["closed_at"].dt.date <= span.last
            wanted &= closed if wish.status == IncidentStatus.CLOSED else ~closed
        found: pd.DataFrame = self.rows[wanted]
        return found

    def by_grid(self, wish: Wish) -> dict[str | None, int]:
        """How many by code of grid; None for those in no grid, as all are before there was one."""
        held = wish.span.last >= self.since
        return dict(Counter(grid if held and isinstance(grid, str) else None for grid in self.chosen(wish)["grid"]))

    def by_square(self, wish: Wish) -> dict[tuple[int, int], int]:
        """How many by square."""
        return dict(Counter(self.chosen(wish)["square"]))

    def of(self, communities: set[int]) -> "Plain":
        """Those in the grids of some communities."""
        return Plain(self.rows[self.rows["community"].isin(communities)], self.since)


def stored(url: str, query: str, alias: str, code: str) -> gpd.GeoDataFrame:
    """Rows of a subdistrict as the database has them, in degrees."""
    engine = create_engine(url, connect_args={"options": "-c timezone=Asia/Shanghai"})
    rows = gpd.read_postgis(query + HERE.format(alias, code), engine, geom_col="geometry")
    engine.dispose()
    return rows


def placed(incidents: gpd.GeoDataFrame, url: str, code: str) -> Plain:
    """Find the grid and the square of incidents, whatever CRS they are in."""
    home = stored(url, HOME, "t", code)
    metres = home.estimate_utm_crs()
    grids, buildings = (stored(url, *each, code).to_crs(metres) for each in ((GRIDS, "g"), (BUILDINGS, "b")))
    points = incidents.to_crs(metres).reset_index(drop=True)
    grid = grid_of(points, grids, buildings)
    squares = np.floor(incidents.to_crs(4326).get_coordinates().to_numpy() / steps(home)).astype(int)
    columns = {"grid": grid, "community": grid.map(grids.set_index("code")["community_id"])}
    rows = pd.DataFrame(points.drop(columns="geometry")).assign(
        **columns, square=pd.Series([(x, y) for x, y in squares.tolist()], dtype=object)
    )
    return Plain(rows, grids["since"].max())


def steps(home: gpd.GeoDataFrame) -> np.ndarray:
    """Degrees of longitude and of latitude that are 200 m in the middle of a place, by the radii of the ellipsoid."""
    axis, flat = 6_378_137.0, 1 / 298.257223563
    squared, latitude = flat * (2 - flat), np.radians(home.geometry.iloc[0].centroid.y)
    bend = 1 - squared * np.sin(latitude) ** 2
    radii = np.array([axis / np.sqrt(bend) * np.cos(latitude), axis * (1 - squared) / bend**1.5])
    return np.round(np.degrees(200 / radii), 6)


def grid_of(points: gpd.GeoDataFrame, grids: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> pd.Series:
    """Code of the grid of each point: that of the building it is in, or else the one it lies in, on borders the first.

    A building is in the grid that holds most of it.
    """
    inside = first(points.sjoin(buildings, predicate="intersects").sort_values("index_right"))
    parts = buildings.overlay(grids, how="intersection", keep_geom_type=True)
    largest = parts.assign(area=parts.area).sort_values("area", ascending=False).drop_duplicates("building")
    by_building = inside["building"].map(largest.set_index("building")["code"])
    by_place = first(points.sjoin(grids.sort_values("code"), predicate="intersects").sort_values("code"))["code"]
    codes: pd.Series = by_building.combine_first(by_place[~by_place.index.isin(inside.index)])
    return codes.reindex(points.index)


def first(pairs: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The first of several finds of one place."""
    return pairs[~pairs.index.duplicated()]


def wishes(plain: Plain, number: int, seed: int, *, crossed: bool = True) -> Iterator[Wish]:
    """Random days within, before and after those of the incidents, random categories, any status, both if `crossed`."""
    dice = random.Random(seed)
    days, categories = plain.rows["occurred_at"].dt.date, sorted(set(plain.rows["category"]))
    begin, length = days.min() - 10 * A_DAY, (days.max() - days.min()).days + 20
    for _ in range(number):
        ends = sorted(dice.randrange(length) for _ in range(2))
        span = Span(begin + ends[0] * A_DAY, begin + ends[1] * A_DAY)
        chosen = dice.sample(categories, dice.randrange(len(categories) + 1))
        status = dice.choice([None, *IncidentStatus])
        yield Wish(span, chosen if crossed or not status else [], status)


def told_by_grid(session: Session, home: int, wish: Wish) -> dict[str | None, int | None]:
    """What heat tells by code of grid, where it is not none."""
    found = heat.by_grid(session, home, wish)
    told: dict[str | None, Told] = {None: found.outside, **{each.grid.code: each.spot.told for each in found.grids}}
    return {code: each.number for code, each in told.items() if each.number != 0}


def stored_by_grid(session: Session, home: int, wish: Wish) -> int:
    """How many incidents the counts by grid have together."""
    found = incidents.by_grid(session, grids.day(session, home, wish.span.last), wish.span)
    return sum(wanted(each.now, wish) for each in found.values())


def stored_by_square(session: Session, home: int, wish: Wish) -> dict[Square, int]:
    """What the database counts by square, where there is any."""
    found = incidents.by_square(session, home, wish.span)
    return {square: wanted(each.now, wish) for square, each in found.items() if wanted(each.now, wish)}


def wanted(counts: Counts, wish: Wish) -> int:
    """Incidents of the categories wished for."""
    return sum(count for kind, count in counts.items() if wish.takes(kind))
