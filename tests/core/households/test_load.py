"""Loads: sums of columns, with weights."""

import pandas as pd
import pytest

from gridmap.core.errors import InvalidInput
from gridmap.core.households.load import parse_load


@pytest.mark.parametrize(
    ("text", "name", "loads"),
    [
        ("households", "households", [10, 3]),
        ("households+shops", "households + shops", [13, 4]),
        (" 2*shops + households ", "2 × shops + households", [16, 5]),
        ("0.5*shops", "0.5 × shops", [2, 1]),
    ],
)
def test_a_load_is_a_sum_with_weights_and_halves_count_up(text: str, name: str, loads: list[int]) -> None:
    load = parse_load(text)
    assert str(load) == name
    assert load.sum_columns(pd.DataFrame({"households": [10, 3], "shops": [3, 1]})).tolist() == loads


@pytest.mark.parametrize("text", ["", "+shops", "households+", "0*shops", "-1*shops", "inf*shops", "x*shops", "2*"])
def test_what_is_no_sum_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="this is no sum of columns") as refused:
        parse_load(text)
    assert "households+shops" in str(refused.value.faults[0].expected)
