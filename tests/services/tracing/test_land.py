"""From a draft to land and first plans, with the login of pages."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotPossible
from gridmap.core.plans.profile import Profile
from gridmap.services.plans import adoption, revisions
from gridmap.services.plans.partitions.partition_all import PartitionAllRequest, list_requested
from gridmap.services.tracing import drafts
from gridmap.services.tracing.land import build_subdistrict, load_report
from gridmap.store.day_bounds import get_today
from tests.services.tracing.conftest import FirstDay
from tests.services.tracing.traced_town import COMMUNITIES, HOUSEHOLDS, listed_buildings, traced_shapes

PROFILE = Profile(100, 300)


def save_whole_draft(session: Session, caller: Caller, subdistrict_id: int) -> drafts.Draft:
    saved = drafts.save_shapes(session, caller, subdistrict_id, traced_shapes(), 0)
    return drafts.save_buildings(session, caller, subdistrict_id, listed_buildings(), saved.version)


def test_a_draft_becomes_land_and_first_revisions(session: Session, caller: Caller, first_day: FirstDay) -> None:
    draft = save_whole_draft(session, caller, first_day.subdistrict_id)
    built = build_subdistrict(session, caller, first_day.subdistrict_id, draft.version, PROFILE)
    assert (built.communities, built.buildings) == (3, 24)
    assert len(built.revisions) == 2
    (first,) = revisions.list_community_revisions(session, caller, next(iter(built.revisions)))
    assert (first.grid_count, first.status, first.plan_name) == (2, "draft", "现有网格")
    grids = session.execute(text("SELECT name, households FROM revision_grid ORDER BY revision_id, name")).all()
    assert [tuple(row) for row in grids] == [("第1网格", 4 * HOUSEHOLDS), ("第2网格", 4 * HOUSEHOLDS)] * 2


def test_every_building_is_schematic_and_stands_on_a_cell_of_its_own_community(
    session: Session, caller: Caller, first_day: FirstDay
) -> None:
    draft = save_whole_draft(session, caller, first_day.subdistrict_id)
    build_subdistrict(session, caller, first_day.subdistrict_id, draft.version, PROFILE)
    counts = text(
        "SELECT count(*), count(*) FILTER (WHERE b.schematic),"
        " count(*) FILTER (WHERE c.community_id = b.community_id AND ST_Covers(c.geometry, ST_Centroid(b.geometry)))"
        " FROM building b JOIN building_cell l ON l.building_id = b.id JOIN cell c ON c.id = l.cell_id"
    )
    assert tuple(session.execute(counts).one()) == (24, 24, 24)


def test_the_planner_with_the_right_puts_the_grids_in_force(
    session: Session, caller: Caller, first_day: FirstDay
) -> None:
    draft = save_whole_draft(session, caller, first_day.subdistrict_id)
    built = build_subdistrict(session, caller, first_day.subdistrict_id, draft.version, PROFILE)
    today = get_today(session)
    for community_id, revision_id in built.revisions.items():
        revision = revisions.get_revision(session, caller, revision_id)
        adoption.approve(session, caller, revision, adoption.AdoptionRequest(today))
        (now,) = revisions.list_community_revisions(session, caller, community_id)
        assert now.status == "in_force"


def test_land_is_built_once(session: Session, caller: Caller, first_day: FirstDay) -> None:
    draft = save_whole_draft(session, caller, first_day.subdistrict_id)
    build_subdistrict(session, caller, first_day.subdistrict_id, draft.version, PROFILE)
    with pytest.raises(NotPossible, match="built already"):
        build_subdistrict(session, caller, first_day.subdistrict_id, draft.version + 1, PROFILE)
    with pytest.raises(NotPossible, match="built already"):
        drafts.save_shapes(session, caller, first_day.subdistrict_id, [], draft.version + 1)


def test_the_report_tells_of_faults_of_the_traced_grids(session: Session, caller: Caller, first_day: FirstDay) -> None:
    draft = save_whole_draft(session, caller, first_day.subdistrict_id)
    build_subdistrict(session, caller, first_day.subdistrict_id, draft.version, PROFILE)
    sentences = [str(each) for each in load_report(session, caller, first_day.subdistrict_id)]
    assert any("without a code" in each for each in sentences)
    assert not any("buildings in no grid" in each for each in sentences), sentences


def test_communities_without_traced_grids_are_left_to_the_partition(
    session: Session, caller: Caller, first_day: FirstDay
) -> None:
    draft = save_whole_draft(session, caller, first_day.subdistrict_id)
    built = build_subdistrict(session, caller, first_day.subdistrict_id, draft.version, PROFILE)
    rest = PartitionAllRequest(first_day.subdistrict_id, 100, 300, seed=0, only_without_revision=True)
    assert {row.id for row in list_requested(session, caller, rest)} == (
        {row.id for row in draft.communities} - set(built.revisions)
    )
    everything = replace(rest, only_without_revision=False)
    assert len(list_requested(session, caller, everything)) == 3


@pytest.mark.parametrize("code", COMMUNITIES)
def test_a_community_without_a_boundary_is_named(
    session: Session, caller: Caller, first_day: FirstDay, code: str
) -> None:
    shapes = [each for each in traced_shapes() if each.code != code]
    saved = drafts.save_shapes(session, caller, first_day.subdistrict_id, shapes, 0)
    draft = drafts.save_buildings(session, caller, first_day.subdistrict_id, listed_buildings(), saved.version)
    assert any(COMMUNITIES[code] in str(each) for each in drafts.check_draft(draft).missing)
    with pytest.raises(NotPossible, match="not complete"):
        build_subdistrict(session, caller, first_day.subdistrict_id, draft.version, PROFILE)
