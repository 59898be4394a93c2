"""Reasons with cures: a plan carries them as messages, and pages take them apart."""

import pytest

from gridmap.core.explanations.cured_reasons import add_cures, split_reason
from gridmap.core.land.build import build_land
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.plan import GridPlan
from gridmap.core.vocabulary import SearchEffort
from gridmap.store.message_json import message_from_json, message_to_json
from tests.fixtures.ascii_towns import town


def cured_plan(effort: SearchEffort = SearchEffort.DEFAULT) -> GridPlan:
    """Return the plan of three towers in a row, of which the middle one has no room."""
    drawn = town("ABC", households={"A": 368, "B": 264, "C": 368})
    land, settings = build_land(drawn), PartitionSettings(effort=effort)
    return add_cures(drawn, land, partition_town(drawn, land, settings), settings)


def test_the_exception_has_its_proof_and_its_cures_after_a_way_through_the_database() -> None:
    plan = cured_plan()
    [reason] = [each for each in plan.reason if each]
    found = split_reason("A-002", message_from_json(message_to_json(reason)))
    assert "only neighbours that would bring its grid above 500" in str(found.reason)
    assert sorted(map(str, found.cures)) == [
        "allow 264 households in this grid; a higher minimum would not do",
        "divide building B with 264 households by stairs or storeys",
    ]
    assert str(reason).startswith(f"{found.reason}; would help: {found.cures[0]}; would help: ")


@pytest.mark.parametrize("effort", [SearchEffort.FAST])
def test_without_cures_the_reason_stays_alone(effort: SearchEffort) -> None:
    [reason] = [each for each in cured_plan(effort).reason if each]
    assert split_reason("A-002", reason).cures == []
