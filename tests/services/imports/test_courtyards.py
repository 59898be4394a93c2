"""Courtyards in the database: one row for each estate, name and place, under names that tell them apart."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.courtyards import identify_courtyards
from gridmap.services.imports.load_report import LoadReport
from gridmap.services.plans import move_options, revisions
from gridmap.store.schema import Building, Courtyard, Estate
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import EFFECTIVE_DATE, load_town, rolled_back_session
from tests.fixtures.town_package import box, sound_town


@pytest.fixture(scope="module")
def report(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    """Load a community with 1号院 of two estates, and of no estate in two places."""
    layers = sound_town()
    layers["communities"].loc[0, "geometry"] = box(-1000, 0, 1200, 200)
    buildings = layers["buildings"]
    buildings["courtyard"] = ["1号院", "1号院", "2号院", "2号院", None, None]
    buildings["estate"] = ["东湖花园", "西苑", None, None, None, "西苑"]
    buildings.loc[3, "geometry"] = box(-900, 20, 30, 12)
    return load_town(module_database_url, tmp_path_factory.mktemp("town"), layers)


@pytest.fixture
def session(module_database_url: str, report: LoadReport) -> Iterator[Session]:
    with rolled_back_session(module_database_url) as opened:
        yield opened


def test_each_estate_name_and_place_is_a_row(session: Session) -> None:
    rows = (
        select(Building.code, Courtyard.name, Courtyard.place, Estate.name)
        .join(Courtyard, Courtyard.id == Building.courtyard_id)
        .outerjoin(Estate, Estate.id == Courtyard.estate_id)
        .order_by(Building.code)
    )
    assert [tuple(row) for row in session.execute(rows)] == [
        ("b1", "1号院", 1, "东湖花园"),
        ("b2", "1号院", 1, "西苑"),
        ("b3", "2号院", 1, None),
        ("b4", "2号院", 2, None),
    ]


def test_buildings_are_found_by_estate_and_shown_with_it(session: Session, report: LoadReport) -> None:
    caller, community_id = caller_of(session), int(report.loaded.stored.community_ids[0])
    revision = revisions.list_community_revisions(session, caller, community_id)[0]
    rows, _ = move_options.search_buildings(session, caller, revision, "东湖花园 1号院", EFFECTIVE_DATE)
    assert [(row.code, row.courtyard) for row in rows] == [("b1", "东湖花园 · 1号院")]


def test_the_file_has_the_same_courtyards(report: LoadReport) -> None:
    assert identify_courtyards(report.loaded.town.buildings).of_building.tolist() == [0, 1, 2, 3, -1, -1]
