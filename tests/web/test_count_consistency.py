"""Incident counts on all pages: equal queries give equal counts, and no difference discloses a small count."""

import random
import re
from collections.abc import Iterator, Mapping
from itertools import combinations, product

import pytest
from flask.testing import FlaskClient

from gridmap.core.privacy.disclosure import MIN_DISCLOSED
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
CountedKinds = frozenset[tuple[str, str]]
Answers = dict[CountedKinds, set[int]]
STATUSES, CATEGORIES = ("open", "closed"), ("lifts", "noise")
SELECTIONS = [
    *((CATEGORIES, each) for each in (["open"], ["closed"], STATUSES)),
    (["lifts"], STATUSES),
    (["noise"], STATUSES),
]
"""Categories and statuses that a leader may ask for together."""
ALL_KINDS: CountedKinds = frozenset(product(CATEGORIES, STATUSES))
OPEN_KINDS: CountedKinds = frozenset(product(CATEGORIES, ["open"]))
UNDISCLOSED_COUNTS = range(1, MIN_DISCLOSED)
INSERT_INCIDENTS = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, status, closed_at, cell_id, geometry)
    SELECT c.subdistrict_id, concat_ws('-', c.id, '{category}', '{status}', n), '{category}', 'file',
        now() - interval '2 days', '{status}', CASE '{status}' WHEN 'closed' THEN now() - interval '1 day' END, c.id,
        ST_PointOnSurface(c.geometry)
    FROM cell c, generate_series(1, {count}) AS n
    WHERE c.id = (SELECT min(cell_id) FROM assignment WHERE grid_id = {grid})
"""


@pytest.fixture(params=range(4))
def leader(
    request: pytest.FixtureRequest,
    filled_database: FilledDatabase,
    subdistricts: dict[str, SubdistrictIds],
    open_client: OpenClient,
) -> FlaskClient:
    """Open a client of a leader whose two grids have few incidents of four kinds; there are none outside grids."""
    rng = random.Random(request.param)
    execute_sql(filled_database, "DELETE FROM incident")
    for grid, (category, status) in product(subdistricts["east"].grid_ids, sorted(ALL_KINDS)):
        count = rng.choice([0, 1, 2, 3, 4, 5, 6, 9])
        execute_sql(filled_database, INSERT_INCIDENTS.format(grid=grid, category=category, status=status, count=count))
    return open_client("east-leader")


@pytest.fixture(autouse=True)
def delete_incidents(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[None]:
    yield
    execute_sql(filled_database, "DELETE FROM incident")


def heat_numbers(leader: FlaskClient, kinds: CountedKinds) -> Mapping[int, int | None]:
    """Return the numbers by grid on the leader's map, which filters by categories or by one status."""
    names, statuses = ({kind[at] for kind in kinds} for at in (0, 1))
    parameters = [f"category={name}" for name in names if len(statuses) > 1]
    parameters += [f"status={status}" for status in statuses if len(statuses) == 1]
    features = leader.get(f"/heat/east/grids.geojson?{'&'.join(parameters)}").get_json()["features"]
    return {each["properties"]["grid_id"]: each["properties"]["number"] for each in features}


def open_incidents_on_page(leader: FlaskClient, grid_id: int) -> int | None:
    """Return the number of open incidents on the page of a grid."""
    match = re.search(r'data-stat="open-incidents">(?:<abbr[^>]*>)?([^<]+)', leader.get(f"/grids/{grid_id}").text)
    assert match
    return int(match[1]) if match[1].isdigit() else None


def disclosed_numbers(leader: FlaskClient, subdistrict: SubdistrictIds) -> Mapping[int | None, Answers]:
    """Return all disclosed numbers, by grid and by the kinds that they count."""
    answers: dict[int | None, Answers] = {grid: {} for grid in (*subdistrict.grid_ids, None)}

    def add_number(grid: int | None, kinds: CountedKinds, number: int | None) -> None:
        if number is not None:
            answers[grid].setdefault(kinds, set()).add(number)

    for names, statuses in SELECTIONS:
        kinds = frozenset(product(names, statuses))
        for grid, number in heat_numbers(leader, kinds).items():
            add_number(grid, kinds, number)
    for grid in subdistrict.grid_ids:
        add_number(grid, OPEN_KINDS, open_incidents_on_page(leader, grid))
    for each in leader.get(f"/api/v1/subdistricts/{subdistrict.subdistrict_id}/incident-counts").get_json()["items"]:
        add_number(each["grid_id"], ALL_KINDS, each["incidents"])
    return answers


def test_equal_queries_give_one_number(leader: FlaskClient, subdistricts: dict[str, SubdistrictIds]) -> None:
    for answers in disclosed_numbers(leader, subdistricts["east"]).values():
        assert all(len(numbers) == 1 for numbers in answers.values()), answers


def test_no_difference_of_two_numbers_is_a_small_count(
    leader: FlaskClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    for answers in disclosed_numbers(leader, subdistricts["east"]).values():
        assert not [numbers for numbers in answers.values() if numbers & set(UNDISCLOSED_COUNTS)]
        for part, whole in combinations(sorted(answers, key=len), 2):
            assert not part < whole or min(answers[whole]) - min(answers[part]) not in UNDISCLOSED_COUNTS, (
                part,
                whole,
                answers,
            )


def test_no_total_minus_its_parts_is_a_small_count(
    leader: FlaskClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    figures = leader.get(f"/api/v1/subdistricts/{subdistricts['east'].subdistrict_id}/statistics").get_json()
    totals = [each["total"] for each in figures["link_counts"] if each["kind"] == "incidents"]
    parts = sum(
        min(answers.get(ALL_KINDS, {0})) for answers in disclosed_numbers(leader, subdistricts["east"]).values()
    )
    assert not [number for number in totals if number is not None and number - parts in UNDISCLOSED_COUNTS]
