"""Statements of people about files: encoding, CRS and datum, for all layers or for one."""

from pathlib import Path

import pytest

from gridmap.core.errors import InvalidInput
from gridmap.core.geodesy.datums import Datum
from gridmap.services.files.inputs import input_source

TOWN = Path("town.gpkg")


@pytest.mark.parametrize(
    ("text", "layer", "epsg"),
    [
        ("EPSG:4547", "", 4547),
        ("4547", "", 4547),
        ("epsg:4490", "", 4490),
        ("Buildings = 4526", "buildings", 4526),
        ("+proj=utm +zone=50 +datum=WGS84", "", 32650),
    ],
)
def test_a_crs_is_for_all_layers_or_for_one(text: str, layer: str, epsg: int) -> None:
    [(name, crs)] = input_source(TOWN, crs=[text]).options.crs.items()
    assert (name, crs.to_authority()) == (layer, ("EPSG", str(epsg)))


def test_a_datum_is_for_all_layers_or_for_one() -> None:
    options = input_source(TOWN, datum=["WGS84", "streets=bd09"]).options
    assert options.datum == {"": Datum.WGS84, "streets": Datum.BD09}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"crs": ["EPSG:99"]}, ("--crs", "there is no such coordinate reference system", "EPSG:99")),
        ({"crs": ["houses=4547"]}, ("--crs", "there is no such layer", "houses=4547")),
        ({"datum": ["buildings=gcj-02"]}, ("--datum", "there is no such datum", "buildings=gcj-02")),
        ({"datum": ["gcj02", "bd09"]}, ("--datum", "the option is given twice for the same layers", "bd09")),
    ],
)
def test_wrong_values_are_refused_with_what_is_expected(
    options: dict[str, list[str]], expected: tuple[str, str, str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        input_source(TOWN, **options)  # type: ignore[arg-type]
    [fault] = refused.value.faults
    assert (fault.file, str(fault.problem), fault.value) == expected


def test_all_wrong_values_are_refused_together() -> None:
    with pytest.raises(InvalidInput) as refused:
        input_source(TOWN, crs=["no"], datum=["no", "grids=no"])
    assert len(refused.value.faults) == 3
