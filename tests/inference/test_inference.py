"""Leaders and planners learn nothing of persons: all answers are the same in two worlds with other persons.

The published counts are the same in both; `tests/core/privacy/test_disclosure.py` shows that no small count follows
from them.
"""

import random
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.progress import ignore_progress
from gridmap.core.vocabulary import Role
from gridmap.postgres.server import Cluster
from gridmap.services.imports.load_report import LoadOptions
from gridmap.services.imports.town import load_town_file
from gridmap.services.plans import move_context, move_options, moves, revisions
from gridmap.store.session import Database
from gridmap.store.writes.towns import SubdistrictInfo
from tests.fixtures import postgis
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import load_demo_presets, load_town
from tests.fixtures.town_package import real_towns_dir
from tests.inference.request_sequences import load_targets, random_paths
from tests.inference.worlds import READERS, World, changed_world, owner_connection, prepare_world

Worlds = tuple[World, World]
REQUESTS_PER_PLAN = 200
"""Requests before a plan is put into force or back; each plan takes a day."""
VOLATILE_S = 1.2
"""Pause before an answer that differs is fetched again: keys of tiles are kept for a second."""
EARLIEST_DATE = date(2009, 1, 1)


def load_small_town(owner_url: str, home: Path) -> None:
    """Load a town of a few grids."""
    load_town(owner_url, home)


def load_demo_town(owner_url: str, home: Path) -> None:
    """Load the demo."""
    load_demo_presets(owner_url, home, "strip")


def load_cambridge(owner_url: str, home: Path) -> None:
    """Load a real town of 7,956 buildings."""
    file = real_towns_dir() / "cambridge.gpkg"
    if not file.is_file():
        pytest.skip(f"no real town at {file}; set GRIDMAP_TOWNS to a folder of town packages")
    database = Database(owner_url, trusted=True)
    identity = SubdistrictInfo("cambridge", "Cambridge", file.name, EARLIEST_DATE)
    load_town_file(database, file, identity, LoadOptions(PartitionSettings(jobs=2), EARLIEST_DATE), ignore_progress)
    database.close()


TOWNS: dict[str, tuple[Callable[[str, Path], None], int, int]] = {
    "small": (load_small_town, 120, 60),
    "small in full": (load_small_town, 400, 2_000),
    "demo": (load_demo_town, 200, 2_000),
    "cambridge": (load_cambridge, 4_000, 2_000),
}
"""Towns, incidents that are added, and requests of each reader."""


@pytest.fixture(
    scope="module", params=["small", *(pytest.param(each, marks=pytest.mark.full) for each in TOWNS if each != "small")]
)
def town(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def worlds(town: str, postgis_server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    home = tmp_path_factory.mktemp("home")
    load, added_incidents, _ = TOWNS[town]
    with postgis.temporary_database(postgis_server) as owner_url, pytest.MonkeyPatch.context() as patch:
        load(owner_url, home)
        patch.setenv("GRIDMAP_HOME", str(home))
        move_a_building_of_each_plan(owner_url)
        first = prepare_world(owner_url, home, added_incidents=added_incidents)
        with changed_world(postgis_server, first) as second:
            yield first, second


def move_a_building_of_each_plan(owner_url: str) -> None:
    """Save a revision after the latest of each community, in which a building belongs to another grid."""
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        for revision in session.scalars(text("SELECT max(id) FROM revision GROUP BY community_id ORDER BY 1")).all():
            summary = revisions.get_revision(session, caller_of(session), revision)
            context = move_context.load_context(session, caller_of(session), summary, date.today())  # noqa: DTZ011 - the day of the machine
            if move := possible_move(context):
                moves.save_move(session, caller_of(session), context, move, revision, "a shorter way")
    database.close()


def possible_move(context: move_context.MoveContext) -> moves.MoveRequest | None:
    """Return the first move of a building that breaks no rule of the land; None where there is none."""
    requests = (
        moves.MoveRequest(building, target.code, alone=True)
        for building in context.stored.building_ids.tolist()
        for target in move_options.list_targets(context, building, alone=True)
    )
    return next((each for each in requests if not moves.preview_move(context, each).violations), None)


def differing_answers(worlds: Worlds, role: Role, count: int) -> Iterator[str]:
    """Yield the paths whose answers differ, while plans are put into force and back."""
    clients = [world.sign_in(role) for world in worlds]
    rng = random.Random(role)
    for part in range(0, count, REQUESTS_PER_PLAN):
        targets = load_targets(worlds[0].owner_url)
        for path in random_paths(targets, role, min(REQUESTS_PER_PLAN, count - part), seed=part):
            if differs(worlds, clients, path):
                yield path
        revision = rng.choice(targets.revision_ids)
        for world in worlds:
            world.adopt(role, revision, targets.today + timedelta(days=1))


def differs(worlds: Worlds, clients: list[FlaskClient], path: str) -> bool:
    """Return whether the answers of both worlds differ, also after a pause."""
    for pause in (0, VOLATILE_S, VOLATILE_S):
        time.sleep(pause)
        first, second = (world.get(client, path) for world, client in zip(worlds, clients, strict=True))
        if first == second:
            return False
    return True


@pytest.mark.parametrize("role", READERS)
def test_no_answer_depends_on_persons(worlds: Worlds, town: str, role: Role) -> None:
    assert list(differing_answers(worlds, role, TOWNS[town][2])) == []


def test_an_answer_that_depends_on_persons_is_found(worlds: Worlds) -> None:
    """A station sees the persons."""
    assert next(differing_answers(worlds, Role.STATION, 60))


def test_the_worlds_differ_in_persons(worlds: Worlds) -> None:
    queries = (
        "SELECT cell_id, category, count(*) FROM incident WHERE access_class <> 'ordinary' GROUP BY 1, 2 ORDER BY 1, 2",
        "SELECT household_id, count(*) FROM resident GROUP BY 1 ORDER BY 1",
    )
    for query in queries:
        rows = []
        for world in worlds:
            with owner_connection(world.owner_url) as connection:
                rows.append(connection.execute(text(query)).all())
        assert rows[0] != rows[1]
