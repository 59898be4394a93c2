"""Reasons with cures: a plan carries them as messages, and pages take them apart."""

from dataclasses import replace

import numpy as np
import pytest

from gridmap.core.array_types import IntArray
from gridmap.core.explanations.cure_ground import Cure
from gridmap.core.explanations.cured_reasons import PlanCures, add_cures, split_reason
from gridmap.core.explanations.cures import CureSearch
from gridmap.core.land.build import build_land
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.plan import ExceptionCertificate, GridPlan
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


def count_searches(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the list that gets an entry for every exception whose cures are looked for."""
    searches: list[object] = []
    search = CureSearch._find_cures

    def counted(self: CureSearch, certificate: ExceptionCertificate, core: IntArray) -> list[Cure]:
        searches.append(certificate)
        return search(self, certificate, core)

    monkeypatch.setattr(CureSearch, "_find_cures", counted)
    return searches


def renumbered(plan: GridPlan) -> GridPlan:
    """Return the same plan with its grids in the opposite order."""
    last = len(plan) - 1
    certificates = tuple(replace(each, grid=last - each.grid) for each in plan.certificates)
    return replace(
        plan,
        grid_of_cell=last - plan.grid_of_cell,
        community=plan.community[::-1],
        kind=plan.kind[::-1],
        reason=plan.reason[::-1],
        certificates=certificates,
    )


def test_plans_with_the_same_exception_share_its_cures(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = town("ABC", households={"A": 368, "B": 264, "C": 368})
    land, settings, searches = build_land(drawn), PartitionSettings(), count_searches(monkeypatch)
    plan = partition_town(drawn, land, settings)
    cures = PlanCures(drawn, land, settings)
    first, second = cures.add(plan), cures.add(renumbered(plan))
    assert len(searches) == 1
    assert second.reason == first.reason[::-1]
    assert add_cures(drawn, land, renumbered(plan), settings).reason == second.reason


def test_the_same_exception_among_other_grids_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = town("ABCDE", households={"A": 368, "B": 264, "C": 368, "D": 100, "E": 200})
    land, settings, searches = build_land(drawn), PartitionSettings(), count_searches(monkeypatch)
    plan = partition_town(drawn, land, settings)
    [certificate, *_] = plan.certificates
    cell_of = dict(zip(drawn.buildings["building_id"], land.cell_of_building.tolist(), strict=True))
    split = plan.grid_of_cell.copy()
    split[cell_of["E"]] = len(plan)
    other = replace(
        plan,
        grid_of_cell=split,
        community=np.append(plan.community, 0),
        kind=(*plan.kind, plan.kind[0]),
        reason=(*plan.reason, None),
    )
    cures = PlanCures(drawn, land, settings)
    cures.add(plan)
    before = len(searches)
    cures.add(other)
    assert (certificate in searches[:before], certificate in searches[before:]) == (True, True)
