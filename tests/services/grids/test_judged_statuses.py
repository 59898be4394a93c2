"""Statuses by the norm of the day, whatever range a plan was made with."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.plans.norm import Norm, PersonRange
from gridmap.core.vocabulary import HouseholdKind
from gridmap.services.grids import in_force
from gridmap.services.norms import changes
from gridmap.services.norms.changes import NormChange
from gridmap.services.norms.preview import preview_norm
from gridmap.services.plans import comparison, revisions
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans.norms import NormPlace
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import rolled_back_session
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds

DAY = date(2026, 3, 1)
INSERT_COUNT = text(
    "INSERT INTO household_count (subdistrict_id, building_id, kind, households, low, high, source, as_of)"
    " SELECT subdistrict_id, id, :kind, :count, :count, :count, 'test', '2026-01-01' FROM building WHERE id = :building"
)
ADOPT_MADE_WITH = text("""
    WITH saved AS (INSERT INTO revision
            (subdistrict_id, plan_id, community_id, land_id, number, parent_id, minimum, maximum)
        SELECT subdistrict_id, plan_id, community_id, land_id, 2, id, :minimum, :maximum FROM revision
        WHERE community_id = :community AND number = 1 RETURNING *
    ), grids AS (INSERT INTO revision_grid
            (revision_id, grid_id, subdistrict_id, kind, status, households, buildings, area_m2, geometry)
        SELECT s.id, g.grid_id, g.subdistrict_id, g.kind, g.status, g.households, g.buildings, g.area_m2, g.geometry
        FROM revision_grid g JOIN saved s ON s.parent_id = g.revision_id
    ), cells AS (INSERT INTO assignment (revision_id, cell_id, grid_id, subdistrict_id)
        SELECT s.id, a.cell_id, a.grid_id, a.subdistrict_id
        FROM assignment a JOIN saved s ON s.parent_id = a.revision_id
    ), ended AS (UPDATE adoption SET valid = daterange(lower(valid), :first) WHERE community_id = :community)
    SELECT id, subdistrict_id FROM saved
""")
INSERT_ADOPTION = text(
    "INSERT INTO adoption (subdistrict_id, community_id, revision_id, valid)"
    " VALUES (:subdistrict, :community, :revision, daterange(:first, NULL))"
)


@pytest.fixture
def owner(filled_database: FilledDatabase, east: SubdistrictIds) -> Iterator[Session]:
    with rolled_back_session(filled_database.owner_url) as opened:
        yield opened


def count(session: Session, east: SubdistrictIds, *households: int, kind: str = "resident") -> None:
    """Count the households of the first building, or of both; each is alone in its grid."""
    for building, number in zip(east.building_ids, households, strict=False):
        session.execute(INSERT_COUNT, {"kind": kind, "count": number, "building": building})


def enter(session: Session, east: SubdistrictIds, norm: Norm, first: date = DAY) -> None:
    change = NormChange(norm, "市民政局〔2020〕5号", date(2020, 1, 1), first)
    changes.change_norm(session, caller_of(session), NormPlace(east.subdistrict_id), change)


def adopt_made_with(session: Session, east: SubdistrictIds, minimum: int, maximum: int, first: date) -> None:
    """Put a copy of the revision in force that was made with another range."""
    values = {"community": east.community_id, "minimum": minimum, "maximum": maximum, "first": first}
    revision, subdistrict = session.execute(ADOPT_MADE_WITH, values).one()
    session.execute(INSERT_ADOPTION, {**values, "revision": revision, "subdistrict": subdistrict})


def statuses(session: Session, east: SubdistrictIds, day: date = DAY) -> list[str]:
    grids = in_force.list_grids(session, caller_of(session), SubdistrictDay(east.subdistrict_id, day))
    return [grid.status for grid in grids]


@pytest.mark.parametrize("made_with", [(200, 260), (3000, 3600)])
def test_a_grid_of_255_is_under_and_one_of_2844_over_whatever_the_plan_was_made_with(
    owner: Session, east: SubdistrictIds, made_with: tuple[int, int]
) -> None:
    """With (200, 260), 255 was called in range; with the profile of 3000, 2,844 was called too small."""
    count(owner, east, 255, 2844)
    adopt_made_with(owner, east, *made_with, DAY)
    assert statuses(owner, east) == ["under", "over"]


def test_a_norm_changes_the_status_on_its_first_day(owner: Session, east: SubdistrictIds) -> None:
    count(owner, east, 299, 301)
    enter(owner, east, Norm(200, 300))
    assert statuses(owner, east, DAY - timedelta(days=1)) == ["under", "in_range"]
    assert statuses(owner, east, DAY) == ["in_range", "over"]


def test_a_kind_without_counts_is_said_and_no_other_kind_is_used(owner: Session, east: SubdistrictIds) -> None:
    count(owner, east, 400, 400)
    count(owner, east, 310, kind="registered")
    enter(owner, east, Norm(household_kind=HouseholdKind.REGISTERED))
    assert statuses(owner, east) == ["in_range", "no_counts"]


def test_grids_whose_buildings_nobody_counted_are_not_called_too_small(owner: Session, east: SubdistrictIds) -> None:
    assert statuses(owner, east) == ["no_counts", "no_counts"]


def test_comparison_and_list_of_revisions_judge_as_the_overview_does(owner: Session, east: SubdistrictIds) -> None:
    count(owner, east, 255, 2844)
    adopt_made_with(owner, east, 200, 3000, DAY)
    latest = revisions.list_community_revisions(owner, OWNER, east.community_id)[0]
    compared = comparison.compare_revisions(owner, OWNER, None, latest, DAY)
    after = [pair[1] for pair in compared.totals_by_code.values()]
    assert [grid.status for grid in after if grid] == ["under", "over"]
    assert latest.status_counts["under"] == 2  # 1 household each when they were saved


def test_a_preview_names_the_grids_that_enter_and_leave_the_range(owner: Session, east: SubdistrictIds) -> None:
    count(owner, east, 299, 301)
    preview = preview_norm(owner, OWNER, NormPlace(east.subdistrict_id), Norm(200, 300), DAY)
    assert [grid.code for grid in preview.entering] == ["east11"]
    assert [grid.code for grid in preview.leaving] == ["east12"]
    assert (preview.counts(0)["in_range"], preview.counts(1)["in_range"]) == (1, 1)
    assert statuses(owner, east) == ["under", "in_range"]


def test_a_community_with_its_own_norm_is_not_in_the_preview_of_the_subdistrict(
    owner: Session, east: SubdistrictIds
) -> None:
    place = NormPlace(east.subdistrict_id, east.community_id)
    change = NormChange(Norm(), "市民政局〔2020〕5号", date(2020, 1, 1), DAY)
    changes.change_norm(owner, OWNER, place, change)
    of_subdistrict = preview_norm(owner, OWNER, NormPlace(east.subdistrict_id), Norm(1, 9), DAY)
    assert (len(of_subdistrict.grids), len(preview_norm(owner, OWNER, place, Norm(1, 9), DAY).grids)) == (
        0,
        2,
    )


def test_a_range_in_persons_uses_published_sums_only(owner: Session, east: SubdistrictIds) -> None:
    """Two households are fewer than an area needs, so nothing is published and households alone decide."""
    count(owner, east, 299, 300)
    enter(owner, east, Norm(300, 500, persons=PersonRange(1, 9)))
    assert statuses(owner, east) == ["under", "in_range"]
