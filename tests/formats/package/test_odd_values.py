"""Every odd value in every column of every layer is read or refused, and can be shown in each language."""

import json
import re

import pandas as pd
import pytest

from gridmap.formats.package.columns import read_column
from gridmap.formats.row_faults import FaultLocation
from gridmap.services.operations.error_log import fault_values, format_fault
from tests.cli.arbitrary_towns import COLUMNS, ODD_TEXTS, SCHEMAS

NUMBERS = (float("nan"), float("inf"), -float("inf"), 1e308, -0.0, 0.5, 1e15, 2**62, -(2**62))
OTHERS = (True, False, None, b"ab\xff", [1], {"a": 1}, pd.NaT, pd.Timestamp(2026, 3, 1))
VALUES: tuple[object, ...] = (*ODD_TEXTS, *NUMBERS, *OTHERS)
UNPRINTABLE = re.compile(r"[\0-\x1f\x7f-\x9f\u202e\ud800-\udfff]")
SCHEMA_OF_COLUMN = {(schema.name, column.name): column for schema in SCHEMAS for column in schema.columns}


def read_and_show(layer: str, column: str, values: list[object]) -> None:
    frame = pd.DataFrame({column: pd.Series(values, dtype=object)})
    result = read_column(FaultLocation("file", layer, values), frame, SCHEMA_OF_COLUMN[layer, column])
    assert len(result.values) == len(values)
    for fault in (*result.faults, *result.notes):
        assert json.dumps(fault_values(fault, "zh-CN"), allow_nan=False)
        assert not UNPRINTABLE.search(format_fault(fault, "en"))


@pytest.mark.parametrize(("layer", "column"), COLUMNS)
def test_all_odd_values_together_are_read_or_refused(layer: str, column: str) -> None:
    read_and_show(layer, column, list(VALUES))


@pytest.mark.full
@pytest.mark.parametrize(("layer", "column"), COLUMNS)
def test_each_odd_value_alone_is_read_or_refused(layer: str, column: str) -> None:
    for value in VALUES:
        read_and_show(layer, column, [value])
