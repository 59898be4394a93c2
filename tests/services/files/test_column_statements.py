"""Statements about columns: FIELD=HEADER for all layers, or LAYER.FIELD=HEADER for one."""

from pathlib import Path

import pytest

from gridmap.core.errors import InvalidInput
from gridmap.services.files.inputs import input_source

TOWN = Path("town.gpkg")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("households=户数", {"buildings": {"households": "户数"}}),
        (" Buildings.Households = 户数 ", {"buildings": {"households": "户数"}}),
        ("name=名称", {"": {"name": "名称"}}),
        ("grids.name=a=b.c", {"grids": {"name": "a=b.c"}}),
        ("streets.kind=", {"streets": {"kind": ""}}),
    ],
)
def test_a_column_is_for_all_layers_or_for_one(text: str, columns: dict[str, dict[str, str]]) -> None:
    assert input_source(TOWN, column=[text]).options.columns == columns


@pytest.mark.parametrize(
    ("texts", "problem", "expected"),
    [
        (["households"], "it names no column", "FIELD=HEADER such as households=户数"),
        (["houses.households=a"], "there is no such layer", "communities, buildings"),
        (["buildings.kind=a"], "there is no such field", "building_id, households"),
        (["storeys=a"], "there is no such field", "grid_code"),
        (["households=a", "buildings.households=b"], "a column is named twice for the same field", ""),
    ],
)
def test_wrong_statements_are_refused_with_what_is_expected(texts: list[str], problem: str, expected: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        input_source(TOWN, column=texts)
    [fault] = refused.value.faults
    assert (fault.file, str(fault.problem), fault.value) == ("--column", problem, texts[-1])
    assert expected in str(fault.expected or "")
