"""Moves of a building: the effect on both grids and on the rules."""

import re
from datetime import UTC, date, datetime

import numpy as np
import pytest

from gridmap.core.errors import InvalidInput, NotFound
from gridmap.core.land.build import build_land
from gridmap.core.plans.moves import GridAssignment
from gridmap.core.plans.norm import Norm
from gridmap.core.vocabulary import GridKind, HouseholdKind
from gridmap.services.grids.norms import NormInForce
from gridmap.services.plans import move_options, moves
from gridmap.services.plans.move_context import MoveContext
from gridmap.services.plans.moves import MovePreview, MoveRequest
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store.queries.plans.community_town import StoredCommunity
from gridmap.store.queries.plans.revisions import RevisionRow
from tests.fixtures.ascii_towns import town

HALVES = "AB|CD\nEF|GH"


def make_context(
    picture: str = HALVES,
    courtyards: dict[str, str] | None = None,
    norm_range: tuple[int, int] = (300, 500),
    radius_m: int = 0,
) -> MoveContext:
    """Return a town in two grids, W and E of its middle; keys of buildings follow their letters.

    The revision was made with another range than the norm.
    """
    drawn = town(picture, courtyards=courtyards)
    land = build_land(drawn)
    middle = drawn.communities.union_all().centroid.x
    grid_of_cell = np.array([int(cell.centroid.x < middle) for cell in land.cells], dtype=np.int64)
    counted = np.ones(len(drawn.buildings), dtype=np.bool_)
    stored = StoredCommunity(drawn, land, 1, np.arange(len(land.cells)), np.arange(len(drawn.buildings)), counted)
    return MoveContext(
        revision=RevisionSummary(revision_row(), None, {}, [], "draft"),
        stored=stored,
        assignment=GridAssignment(drawn, land, grid_of_cell),
        grid_codes=["E", "W"],
        grid_kinds=[GridKind.HOUSEHOLD] * 2,
        grid_names={"E": None, "W": "west"},
        on=date(2026, 6, 1),
        norm=NormInForce(Norm(*norm_range, max_radius_m=radius_m)),
        persons={},
    )


def revision_row() -> RevisionRow:
    return RevisionRow(
        id=1,
        subdistrict_id=1,
        community_id=1,
        plan_id=1,
        plan_name="first",
        land_id=1,
        number=1,
        parent_id=None,
        minimum=100,
        maximum=900,
        household_kind=HouseholdKind.RESIDENT,
        max_radius_m=0,
        note=None,
        reasons=[],
        created_at=datetime(2026, 6, 1, tzinfo=UTC),
        created_by=None,
    )


def preview_move(context: MoveContext, name: str, grid: str = "E", *, alone: bool = False) -> MovePreview:
    return moves.preview_move(context, MoveRequest(building_id(context, name), grid, alone))


def building_id(context: MoveContext, name: str) -> int:
    return int(context.stored.town.buildings["building_id"].tolist().index(name))


def test_the_preview_has_both_grids_before_and_after() -> None:
    west, east = preview_move(make_context(), "B").changes
    assert (west.code, west.households, west.buildings) == ("W", (400, 300), (4, 3))
    assert (east.code, east.households, east.buildings) == ("E", (400, 500), (4, 5))


def test_a_move_without_side_effects_needs_no_reason() -> None:
    preview = preview_move(make_context(), "B")
    assert (preview.moved_codes, preview.violations, preview.reason_required_for) == (["B"], [], [])


def test_a_grid_in_pieces_is_refused() -> None:
    preview = preview_move(make_context(), "A")
    assert [str(each) for each in preview.violations] == ["Grid E would lie in 2 pieces that do not touch"]


def test_leaving_the_range_requires_a_reason() -> None:
    preview = preview_move(make_context(norm_range=(350, 450)), "B")
    assert [str(each) for each in preview.reason_required_for] == [
        "Grid W would leave the range: 300 households, the norm is 350 to 450",
        "Grid E would leave the range: 500 households, the norm is 350 to 450",
    ]


@pytest.mark.parametrize(("radius_m", "grids"), [(40, []), (30, ["E"]), (0, [])])
def test_a_grid_that_becomes_wider_than_the_norm_requires_a_reason(radius_m: int, grids: list[str]) -> None:
    preview = preview_move(make_context(radius_m=radius_m), "B")
    pattern = re.compile(r"Grid (\w) would become too wide: its farthest building is \d+ m from its centre")
    found = [pattern.match(str(each)) for each in preview.reason_required_for]
    assert [each[1] for each in found if each] == grids


def test_a_courtyard_moves_as_a_whole() -> None:
    preview = preview_move(make_context(courtyards={"1号院": "BF"}), "B")
    assert sorted(preview.moved_codes) == ["B", "F"]
    assert not any("Courtyard" in str(each) for each in preview.reason_required_for)


def test_splitting_a_courtyard_requires_a_reason() -> None:
    preview = preview_move(make_context(courtyards={"1号院": "BF"}), "B", alone=True)
    assert preview.moved_codes == ["B"]
    assert str(preview.reason_required_for[0]) == "Courtyard 1号院 would be split between 2 grids"


def test_the_neighbouring_grid_comes_first_with_its_border() -> None:
    (east,) = move_options.list_targets(make_context(), building_id(make_context(), "B"), alone=False)
    assert (east.code, east.households, east.status) == ("E", 400, "in_range")
    assert east.border_m > 10


def test_a_grid_that_does_not_touch_has_no_border() -> None:
    (east,) = move_options.list_targets(make_context(), building_id(make_context(), "A"), alone=False)
    assert east.border_m == 0


@pytest.mark.parametrize(("grid", "message"), [("W", "in grid W already"), ("X", "no grid X")])
def test_a_move_to_the_same_or_an_unknown_grid_is_refused(grid: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        preview_move(make_context(), "B", grid)


def test_an_unknown_building_is_not_found() -> None:
    with pytest.raises(NotFound):
        moves.preview_move(make_context(), MoveRequest(99, "E"))


def test_a_candidate_has_the_size_of_its_courtyard() -> None:
    preview = make_context(courtyards={"1号院": "BF"})
    candidate = move_options.get_candidate(preview, building_id(preview, "B"))
    assert (candidate.code, candidate.grid_code, candidate.courtyard, candidate.courtyard_buildings) == (
        "B",
        "W",
        "1号院",
        2,
    )


def test_a_courtyard_has_the_name_of_its_estate_where_names_repeat() -> None:
    context = make_context(courtyards={"1号院": "BF"})
    buildings = context.stored.town.buildings
    buildings["estate"] = [{"B": "东湖花园", "F": "西苑"}.get(each) for each in buildings["building_id"]]
    candidate = move_options.get_candidate(context, building_id(context, "B"))
    assert (candidate.courtyard, candidate.courtyard_buildings) == ("东湖花园 · 1号院", 1)
    assert preview_move(context, "B").moved_codes == ["B"]
