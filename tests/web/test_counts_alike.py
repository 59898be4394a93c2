"""Incidents on every page that counts them: the same question has one answer, and no difference tells a small count."""

import random
import re
from collections.abc import Iterator, Mapping
from itertools import combinations, product

import pytest
from flask.testing import FlaskClient

from gridmap.core.small_counts import FEW
from tests.offices import Filled, Office
from tests.web.offices import Browser, app, browser, places, told

__all__ = ["app", "browser", "places"]
Kinds = frozenset[tuple[str, str]]
Answers = dict[Kinds, set[int]]
STATUSES, CATEGORIES = ("open", "closed"), ("lifts", "noise")
ASKED = [
    *((CATEGORIES, each) for each in (["open"], ["closed"], STATUSES)),
    (["lifts"], STATUSES),
    (["noise"], STATUSES),
]
"""Categories and statuses that a leader may ask for together."""
EVERY: Kinds = frozenset(product(CATEGORIES, STATUSES))
OPEN: Kinds = frozenset(product(CATEGORIES, ["open"]))
FEWER = range(1, FEW)
FILLED = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, status, closed_at, cell_id, geometry)
    SELECT c.subdistrict_id, concat_ws('-', c.id, '{category}', '{status}', n), '{category}', 'file',
        now() - interval '2 days', '{status}', CASE '{status}' WHEN 'closed' THEN now() - interval '1 day' END, c.id,
        ST_PointOnSurface(c.geometry)
    FROM cell c, generate_series(1, {count}) AS n
    WHERE c.id = (SELECT min(cell_id) FROM assignment WHERE grid_id = {grid})
"""


@pytest.fixture(params=range(4))
def leader(request: pytest.FixtureRequest, filled: Filled, places: dict[str, Office], browser: Browser) -> FlaskClient:
    """The leader of a place where few things happened, of four kinds in two grids, and nothing outside them."""
    dice = random.Random(request.param)
    told(filled, "DELETE FROM incident")
    for grid, (category, status) in product(places["east"].grids, sorted(EVERY)):
        count = dice.choice([0, 1, 2, 3, 4, 5, 6, 9])
        told(filled, FILLED.format(grid=grid, category=category, status=status, count=count))
    return browser("east-leader")


@pytest.fixture(autouse=True)
def emptied(filled: Filled, places: dict[str, Office]) -> Iterator[None]:
    yield
    told(filled, "DELETE FROM incident")


def heat(leader: FlaskClient, chosen: Kinds) -> Mapping[int, int | None]:
    """Numbers by grid of the leader's map, which can ask for categories or for a status."""
    names, statuses = ({kind[at] for kind in chosen} for at in (0, 1))
    asked = [f"category={name}" for name in names if len(statuses) > 1]
    asked += [f"status={status}" for status in statuses if len(statuses) == 1]
    features = leader.get(f"/heat/east/grids.json?{'&'.join(asked)}").get_json()["features"]
    return {each["properties"]["key"]: each["properties"]["number"] for each in features}


def page(leader: FlaskClient, grid: int) -> int | None:
    """Open incidents on the page of a grid."""
    found = re.search(r'data-figure="open-incidents">(?:<abbr[^>]*>)?([^<]+)', leader.get(f"/grids/{grid}").text)
    assert found
    return int(found[1]) if found[1].isdigit() else None


def answers(leader: FlaskClient, office: Office) -> Mapping[int | None, Answers]:
    """All numbers that are told, by grid and by what they count."""
    found: dict[int | None, Answers] = {grid: {} for grid in (*office.grids, None)}

    def note(grid: int | None, kinds: Kinds, number: int | None) -> None:
        if number is not None:
            found[grid].setdefault(kinds, set()).add(number)

    for names, statuses in ASKED:
        kinds = frozenset(product(names, statuses))
        for grid, number in heat(leader, kinds).items():
            note(grid, kinds, number)
    for grid in office.grids:
        note(grid, OPEN, page(leader, grid))
    for each in leader.get(f"/api/v1/subdistricts/{office.id}/incident-counts").get_json()["items"]:
        note(each["grid"], EVERY, each["incidents"])
    return found


def test_a_question_has_one_answer(leader: FlaskClient, places: dict[str, Office]) -> None:
    for found in answers(leader, places["east"]).values():
        assert all(len(numbers) == 1 for numbers in found.values()), found


def test_no_difference_of_two_answers_is_a_small_count(leader: FlaskClient, places: dict[str, Office]) -> None:
    for found in answers(leader, places["east"]).values():
        assert not [numbers for numbers in found.values() if numbers & set(FEWER)]
        for part, whole in combinations(sorted(found, key=len), 2):
            assert not part < whole or min(found[whole]) - min(found[part]) not in FEWER, (part, whole, found)


def test_no_total_less_its_parts_is_a_small_count(leader: FlaskClient, places: dict[str, Office]) -> None:
    figures = leader.get(f"/api/v1/subdistricts/{places['east'].id}/figures").get_json()
    every = [each["all"] for each in figures["links"] if each["kind"] == "incidents"]
    parts = sum(min(found.get(EVERY, {0})) for found in answers(leader, places["east"]).values())
    assert not [number for number in every if number is not None and number - parts in FEWER]
