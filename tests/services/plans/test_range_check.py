"""Arithmetic of a partition before its work: refused ranges, and buildings that alone exceed the maximum."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import InvalidInput
from gridmap.core.plans.feasibility import CommunityLoad, list_refusals
from gridmap.core.plans.profile import Profile
from gridmap.services.plans import partition, range_check
from gridmap.services.plans.partition import PartitionRequest
from gridmap.services.plans.revisions import get_community, list_community_revisions
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.plans.partition_loads import BuildingLoad
from tests.fixtures.loaded_town import rolled_back_session
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds

INSERT_COUNTS = text(
    "INSERT INTO household_count (subdistrict_id, building_id, kind, households, low, high, source, as_of)"
    " SELECT subdistrict_id, id, 'resident', h, h, h, 'test', '2020-01-01'"
    " FROM building, LATERAL (SELECT CASE code WHEN 'B0' THEN 388 ELSE 612 END AS h) n WHERE community_id = :community"
)


@pytest.fixture
def owner(filled_database: FilledDatabase, east: SubdistrictIds) -> Iterator[Session]:
    """A session of the owner, in which the community has 1,000 households in two buildings."""
    with rolled_back_session(filled_database.owner_url) as opened:
        opened.execute(INSERT_COUNTS, {"community": east.community_id})
        yield opened


def check(session: Session, east: SubdistrictIds, minimum: int, maximum: int) -> range_check.RangeCheck:
    community = get_community(session, OWNER, east.community_id)
    return range_check.check_range(session, OWNER, community, Profile(minimum, maximum), get_today(session))


def request(session: Session, east: SubdistrictIds, minimum: int, maximum: int) -> PartitionRequest:
    latest = list_community_revisions(session, OWNER, east.community_id)[0].id
    return PartitionRequest(east.community_id, minimum, maximum, seed=0, base_revision_id=latest)


def test_a_range_that_fits_no_number_of_grids_is_refused_before_a_job_is_made(
    owner: Session, east: SubdistrictIds
) -> None:
    with pytest.raises(InvalidInput) as error:
        partition.submit_partition(owner, OWNER, request(owner, east, 400, 450))
    (fault,) = error.value.faults
    assert fault.column == "maximum"
    assert "400 to 500 (2 grids), or 333 to 450 (3 grids)" in str(fault.problem)


@pytest.mark.parametrize(("minimum", "maximum", "possible"), [(400, 499, False), (400, 500, True), (334, 450, False)])
def test_the_refusal_begins_where_the_arithmetic_says(
    owner: Session, east: SubdistrictIds, minimum: int, maximum: int, possible: bool
) -> None:
    assert (check(owner, east, minimum, maximum).refusal is None) == possible


def test_a_building_above_the_maximum_is_named_and_not_refused(owner: Session, east: SubdistrictIds) -> None:
    found = check(owner, east, 300, 500)
    assert (found.households, found.refusal) == (1000, None)
    assert [str(warning) for warning in found.warnings] == [
        "Building B1 alone has 612 households, more than the maximum of 500."
    ]
    assert not check(owner, east, 300, 612).warnings


def test_a_courtyard_above_the_maximum_is_named_with_the_sum_of_its_buildings() -> None:
    loads = [BuildingLoad(code, None, 7, "东湖花园 1号院", 300) for code in ("B1", "B2")]
    texts = [str(warning) for warning in range_check.list_oversize(loads, Profile(300, 599))]
    assert texts == ["Courtyard 东湖花园 1号院 has 600 households, more than the maximum of 599: it will be divided."]
    assert not range_check.list_oversize(loads, Profile(300, 600))


@pytest.mark.parametrize(
    ("households", "is_refused"),
    [((799, 800), False), ((901, 900), True), ((451, 450), True), ((451, 399), True), ((399, 80), False)],
)
def test_a_range_for_several_communities_is_refused_where_it_fails_for_most_households(
    households: tuple[int, int], is_refused: bool
) -> None:
    """Grids of 400 to 450 fit 400 to 450 households, 800 to 900, and not between; fewer than 400 do not count."""
    loads = [CommunityLoad("East", households[0]), CommunityLoad("West", households[1])]
    assert bool(list_refusals(loads, Profile(400, 450))) == is_refused
