"""Search of buildings: words in code, name, address and courtyard, in upper or lower case."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gridmap.services.imports.load_report import LoadReport
from gridmap.services.plans import move_options, revisions
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store.queries.grids.grids_in_force import CountBasis
from gridmap.store.queries.plans import revision_contents
from gridmap.store.schema import Building
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import EFFECTIVE_DATE, load_town, rolled_back_session

THE_DAY_AFTER = EFFECTIVE_DATE + timedelta(days=1)
NAMES = ("Große Straße 7", "ΟΔΟΣ ΑΘΗΝΑΣ", "Ｂlock 3号楼", "ﬁrst 院_100%")
QUERIES = (
    "GROSSE", "straße", "STRASSE", "ß", "οδοσ", "οδος αθηνας", "ｂLOCK", "3号楼", "FIRST", "ﬁ", "_", "%", "100%", "\\",
    "'", "", "  ", "large", "b4", "B5 10", "nothing",
)  # fmt: skip


@pytest.fixture(scope="module")
def report(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    return load_town(module_database_url, tmp_path_factory.mktemp("town"))


@pytest.fixture
def session(module_database_url: str, report: LoadReport) -> Iterator[Session]:
    """A session in which the buildings of the second community have names of several scripts."""
    with rolled_back_session(module_database_url) as opened:
        second = Building.community_id == int(report.loaded.stored.community_ids[1])
        building_ids = opened.scalars(select(Building.id).where(second).order_by(Building.id)).all()
        for building_id, name in zip(building_ids, NAMES, strict=False):
            opened.execute(update(Building).where(Building.id == building_id).values(name=name, address=NAMES[-1]))
        yield opened


@pytest.fixture
def revision(session: Session, report: LoadReport) -> RevisionSummary:
    community_id = int(report.loaded.stored.community_ids[1])
    return revisions.list_community_revisions(session, caller_of(session), community_id)[0]


def expected_ids(session: Session, revision: RevisionSummary, query: str) -> list[int]:
    """Return the buildings that Python finds, with households first."""
    rows = revision_contents.list_buildings(session, caller_of(session), revision.row, CountBasis(THE_DAY_AFTER))
    texts = {
        row.id: " ".join(filter(None, (row.code, row.name, row.address, row.courtyard))).casefold() for row in rows
    }
    found = [row for row in rows if all(word in texts[row.id] for word in query.casefold().split())]
    return [row.id for row in sorted(found, key=lambda row: row.households == 0)]


@pytest.mark.parametrize("query", QUERIES)
def test_a_search_finds_what_python_finds_without_case(session: Session, revision: RevisionSummary, query: str) -> None:
    rows, count = move_options.search_buildings(session, caller_of(session), revision, query, THE_DAY_AFTER)
    assert [row.id for row in rows] == expected_ids(session, revision, query)
    assert count == len(rows)


def test_the_searched_texts_have_several_scripts(session: Session, revision: RevisionSummary) -> None:
    found = {query: len(expected_ids(session, revision, query)) for query in ("strasse", "οδοσ", "3号楼", "nothing")}
    assert min(found["strasse"], found["οδοσ"], found["3号楼"]) > 0
    assert found["nothing"] == 0


def test_a_search_lists_fifty_buildings_and_counts_all(
    session: Session, revision: RevisionSummary, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert move_options.SEARCH_LIMIT == 50
    monkeypatch.setattr(move_options, "SEARCH_LIMIT", 1)
    rows, count = move_options.search_buildings(session, caller_of(session), revision, "", THE_DAY_AFTER)
    assert (len(rows), count) == (1, len(expected_ids(session, revision, "")))


def test_a_search_lists_no_footprints(session: Session, revision: RevisionSummary) -> None:
    rows, _ = move_options.search_buildings(session, caller_of(session), revision, "", THE_DAY_AFTER)
    assert {row.shape for row in rows} == {None}
