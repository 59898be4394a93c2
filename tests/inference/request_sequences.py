"""Random requests of a reader: days, spans, squares, grids, statuses, categories, plans, tiles, in any order."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from sqlalchemy import text

from gridmap.core.vocabulary import Role
from tests.inference.worlds import owner_connection

LONGEST_SPAN_DAYS = 400
ZOOMS = (14, 16)


@dataclass(frozen=True)
class Targets:
    """Objects of a town that a reader names in requests."""

    subdistrict_id: int
    subdistrict_code: str
    today: date
    community_ids: Sequence[int]
    grid_ids: Sequence[int]
    revision_ids: Sequence[int]
    categories: Sequence[str]
    points: Sequence[tuple[float, float]]
    incident_ids: Sequence[int]


def load_targets(owner_url: str) -> Targets:
    """Return the objects of a town, of the plans in force and the others."""
    with owner_connection(owner_url) as connection:
        subdistrict_id, code, today = connection.execute(text("SELECT id, code, today() FROM subdistrict")).one()
        points = connection.execute(text("SELECT ST_X(geometry), ST_Y(geometry) FROM incident ORDER BY id")).all()

        def keys(query: str) -> Sequence[int]:
            return connection.scalars(text(query)).all()

        return Targets(
            subdistrict_id,
            code,
            today,
            keys("SELECT id FROM community ORDER BY id"),
            keys("SELECT id FROM grid ORDER BY id"),
            keys("SELECT id FROM revision ORDER BY id"),
            connection.scalars(text("SELECT DISTINCT category FROM incident ORDER BY 1")).all(),
            [(x, y) for x, y in points],
            keys("SELECT id FROM incident ORDER BY id"),
        )


def random_paths(targets: Targets, role: Role, count: int, seed: int) -> Iterator[str]:
    """Yield paths with queries; the same for the same seed."""
    rng = random.Random(seed)
    kinds: list[Callable[[Targets, random.Random], str]] = [_heat, _heat, _counts, _day_page, _grid, _territory, _tile]
    kinds.append(_plan if role is Role.PLANNER else _cases)
    for _ in range(count):
        yield rng.choice(kinds)(targets, rng)


def _day(targets: Targets, rng: random.Random) -> date:
    return targets.today + timedelta(days=rng.choice([0, 0, 1, 30, -1, -rng.randrange(LONGEST_SPAN_DAYS)]))


def _span(targets: Targets, rng: random.Random) -> list[tuple[str, str]]:
    first, last = sorted([_day(targets, rng), _day(targets, rng)])
    return [("first", first.isoformat()), ("last", last.isoformat())]


def _heat(targets: Targets, rng: random.Random) -> str:
    query = [*_span(targets, rng), ("status", rng.choice(["", "open", "closed"]))]
    query += [("category", each) for each in rng.sample(targets.categories, rng.choice([0, 0, 1, 2]))]
    page = rng.choice(["", "/grids.geojson", "/squares.geojson"])
    return f"/heat/{targets.subdistrict_code}{page}?{urlencode(query)}"


def _counts(targets: Targets, rng: random.Random) -> str:
    first, last = (day for _, day in _span(targets, rng))
    root = f"/api/v1/subdistricts/{targets.subdistrict_id}"
    return rng.choice(
        [f"{root}/incident-counts?first={first}&on={last}", f"{root}/statistics?on={last}", f"{root}/published-counts"]
    )


def _day_page(targets: Targets, rng: random.Random) -> str:
    return f"/subdistricts/{targets.subdistrict_code}?on={_day(targets, rng)}"


def _grid(targets: Targets, rng: random.Random) -> str:
    grid, day = rng.choice(targets.grid_ids), _day(targets, rng)
    page = rng.choice(["/grids/{}?on={}", "/grids/{}/features.geojson?on={}", "/api/v1/grids/{}?on={}"])
    return page.format(grid, day)


def _territory(targets: Targets, rng: random.Random) -> str:
    kind = rng.choice(["communities", "grids", "resident-groups", "streets"])
    return f"/api/v1/subdistricts/{targets.subdistrict_id}/{kind}?on={_day(targets, rng)}"


def _plan(targets: Targets, rng: random.Random) -> str:
    revision, community = rng.choice(targets.revision_ids), rng.choice(targets.community_ids)
    return rng.choice(
        [
            f"/api/v1/revisions/{revision}/grids",
            f"/api/v1/revisions/{revision}/buildings",
            f"/api/v1/communities/{community}/plans",
            f"/planner/communities/{community}",
            f"/planner/communities/{community}?revision={revision}",
            f"/planner/revisions/{revision}/move",
            f"/planner/revisions/{revision}/approve",
        ]
    )


def _cases(targets: Targets, rng: random.Random) -> str:
    """Return a list of cases by their filters, or a case of any class."""
    filters = {
        "state": rng.choice(["", "received", "accepted"]),
        "due": rng.choice(["", "overdue", "soon"]),
        "supervised": rng.choice(["", "", "yes"]),
        "category": rng.choice(["", *targets.categories]),
    }
    incident = rng.choice(targets.incident_ids)
    return rng.choice(
        [
            f"/cases?{urlencode(filters)}",
            f"/cases/export/csv?{urlencode(filters)}",
            f"/cases/{incident}",
            f"/cases/{incident}/features.geojson",
            "/cases/notices",
        ]
    )


def _tile(targets: Targets, rng: random.Random) -> str:
    """Return a tile around an incident, by the formula of web maps."""
    zoom, (longitude, latitude) = rng.choice(ZOOMS), rng.choice(targets.points)
    tiles = 2**zoom
    column = int((longitude + 180) / 360 * tiles)
    row = int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * tiles)
    layer = rng.choice(["buildings", "grids"])
    return f"/tiles/{layer}/{zoom}/{column}/{row}.pbf?on={_day(targets, rng)}"
