"""What a move does to both grids and to the rules, before anybody saves it."""

import numpy as np
import pytest

from gridmap.core.errors import BadInput, Unseen
from gridmap.core.land import build_land
from gridmap.core.moving import Divided
from gridmap.core.names import GridKind
from gridmap.services import moving
from gridmap.services.moving import Effect, Ground, Wish
from gridmap.services.versions import Version
from gridmap.store import schema
from gridmap.store.kept import KeptTown
from tests.towns import town

HALVES = "AB|CD\nEF|GH"


def ground(
    picture: str = HALVES, courtyards: dict[str, str] | None = None, allowed: tuple[int, int] = (300, 500)
) -> Ground:
    """A town in two grids, W and E of its middle, buildings keyed in the order of their letters."""
    drawn = town(picture, courtyards=courtyards)
    land = build_land(drawn)
    middle = drawn.communities.union_all().centroid.x
    of_cell = np.array([int(cell.centroid.x < middle) for cell in land.cells], dtype=np.int64)
    kept = KeptTown(drawn, land, 1, np.arange(len(land.cells)), np.arange(len(drawn.buildings)))
    revision = schema.Revision(minimum=allowed[0], maximum=allowed[1])
    version = Version(revision, "first", None, {}, [], "draft")
    kinds = [GridKind.HOUSEHOLD] * 2
    return Ground(version, kept, Divided(drawn, land, of_cell), ["E", "W"], kinds, {"E": None, "W": "west"})


def effect(found: Ground, name: str, grid: str = "E", *, alone: bool = False) -> Effect:
    return moving.effect(found, Wish(key(found, name), grid, alone))


def key(found: Ground, name: str) -> int:
    return int(found.kept.town.buildings["building_id"].tolist().index(name))


def test_both_grids_are_told_before_and_after() -> None:
    west, east = effect(ground(), "B").sides
    assert (west.code, west.households, west.buildings) == ("W", (400, 300), (4, 3))
    assert (east.code, east.households, east.buildings) == ("E", (400, 500), (4, 5))


def test_a_sound_move_needs_no_reason() -> None:
    found = effect(ground(), "B")
    assert (found.along, found.broken, found.wants_reason) == (["B"], [], [])


def test_a_grid_in_pieces_is_refused() -> None:
    found = effect(ground(), "A")
    assert [str(each) for each in found.broken] == ["Grid E would lie in 2 pieces that do not touch"]


def test_who_leaves_the_range_wants_a_reason() -> None:
    found = effect(ground(allowed=(350, 450)), "B")
    assert [str(each) for each in found.wants_reason] == [
        "Grid W would leave the range: 300 households, asked for are 350 to 450",
        "Grid E would leave the range: 500 households, asked for are 350 to 450",
    ]


def test_a_courtyard_goes_along() -> None:
    found = effect(ground(courtyards={"1号院": "BF"}), "B")
    assert sorted(found.along) == ["B", "F"]
    assert not any("Courtyard" in str(each) for each in found.wants_reason)


def test_a_courtyard_is_divided_for_a_reason_only() -> None:
    found = effect(ground(courtyards={"1号院": "BF"}), "B", alone=True)
    assert found.along == ["B"]
    assert str(found.wants_reason[0]) == "Courtyard 1号院 would be divided between 2 grids"


def test_the_neighbouring_grid_comes_first_with_its_border() -> None:
    (east,) = moving.targets(ground(), key(ground(), "B"), alone=False)
    assert (east.code, east.households, east.state) == ("E", 400, "in_range")
    assert east.border > 10


def test_a_grid_that_is_not_touched_is_offered_without_border() -> None:
    (east,) = moving.targets(ground(), key(ground(), "A"), alone=False)
    assert east.border == 0


@pytest.mark.parametrize(("grid", "said"), [("W", "in grid W already"), ("X", "no grid X")])
def test_a_move_to_nowhere_is_refused(grid: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        effect(ground(), "B", grid)


def test_a_building_of_elsewhere_is_not_there() -> None:
    with pytest.raises(Unseen):
        moving.effect(ground(), Wish(99, "E"))


def test_what_is_chosen_says_how_many_go_along() -> None:
    found = ground(courtyards={"1号院": "BF"})
    chosen = moving.chosen(found, key(found, "B"))
    assert (chosen.code, chosen.grid, chosen.courtyard, chosen.together) == ("B", "W", "1号院", 2)
