"""Grid codes follow the standard: numbered from west to east, then from north to south."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.plans.grid_codes import generate_grid_codes, reading_order

COMMUNITY = "370203001005"


def test_a_grid_code_is_the_community_code_and_three_digits() -> None:
    assert generate_grid_codes(COMMUNITY, 2) == ["370203001005001", "370203001005002"]


@pytest.mark.parametrize("code", ["TP", "37020300100", "3702030010051", "37020300100x", "社区一", ""])
def test_a_hyphen_follows_a_community_code_that_is_not_statistical(code: str) -> None:
    assert generate_grid_codes(code, 1) == [f"{code}-001"]


def test_beyond_999_all_codes_have_four_digits_and_keep_their_order() -> None:
    codes = generate_grid_codes(COMMUNITY, 1000)
    assert (codes[0], codes[-1]) == (f"{COMMUNITY}0001", f"{COMMUNITY}1000")
    assert sorted(codes) == list(codes)


def test_grids_side_by_side_are_numbered_from_the_west() -> None:
    xy = np.array([[300.0, 4.0], [100.0, 0.0], [200.0, 9.0]])
    assert reading_order(xy, np.full(3, 10_000.0)).tolist() == [1, 2, 0]


def test_rows_are_numbered_from_the_north() -> None:
    xy = np.array([[0.0, 0.0], [0.0, 500.0], [0.0, 250.0]])
    assert reading_order(xy, np.full(3, 10_000.0)).tolist() == [1, 2, 0]


def test_an_empty_community_has_no_codes() -> None:
    assert reading_order(np.empty((0, 2)), np.empty(0)).tolist() == []
    assert generate_grid_codes(COMMUNITY, 0) == []


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), min_size=1, max_size=40))
def test_every_place_has_one_number(places: list[tuple[int, int]]) -> None:
    order = reading_order(np.array(places, dtype=float), np.full(len(places), 1e4))
    assert sorted(order.tolist()) == list(range(len(places)))
