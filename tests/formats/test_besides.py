"""Incidents, resident groups and shops in."""

from pathlib import Path

import pytest

from gridmap.core.errors import BadInput
from gridmap.formats.besides import Besides, read_besides
from gridmap.formats.town import read_town
from tests.formats.packages import Layers, box, geopackage, good_town
from tests.loaded import points, whole_town


def read(folder: Path, layers: Layers) -> Besides:
    source = geopackage(layers, folder / "town.gpkg")
    return read_besides(source, read_town(source))


def incident(**columns: list[object]) -> Layers:
    told: dict[str, list[object]] = {"category": ["order"], "occurred_at": ["2026-03-01 08:00"], **columns}
    return {**good_town(), "incidents": points((30, 25), **told)}


def test_layers_that_are_not_there_are_empty(tmp_path: Path) -> None:
    found = read(tmp_path, good_town())
    assert [len(layer) for layer in (found.incidents, found.resident_groups, found.shops)] == [0, 0, 0]


def test_whatever_is_there_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, whole_town())
    assert found.incidents["occurred_at"].iloc[0].isoformat() == "2026-03-01T08:00:00"
    assert found.resident_groups["community"].tolist() == [0]
    assert found.shops["name"].tolist() == ["便利店"]


def test_an_incident_is_open_while_others_of_the_file_are_closed(tmp_path: Path) -> None:
    told: dict[str, list[object]] = {"category": ["a", "b"], "occurred_at": ["2026-03-01", "2026-03-02"]}
    layer = points((30, 25), (31, 25), **told, closed_at=["2026-03-05", None])
    found = read(tmp_path, {**good_town(), "incidents": layer})
    assert found.incidents["closed_at"].map(str).tolist() == ["2026-03-05 00:00:00", "None"]


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"occurred_at": ["last week"]}, "occurred_at is no date and time"),
        ({"occurred_at": [None]}, "occurred_at is empty"),
        ({"category": [None]}, "category is empty"),
        ({"closed_at": ["2026-02-28 08:00"]}, "closed before it happened"),
        ({"closed_at": ["2026-02-30 08:00"]}, "closed_at is no date and time"),
    ],
)
def test_a_wrong_incident_is_named(tmp_path: Path, columns: dict[str, list[object]], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        read(tmp_path, incident(**columns))


def test_numbers_of_incidents_are_given_once(tmp_path: Path) -> None:
    told: dict[str, list[object]] = {"category": ["a", "b"], "occurred_at": ["2026-03-01"] * 2, "number": ["7", "7"]}
    with pytest.raises(BadInput, match="number is used before"):
        read(tmp_path, {**good_town(), "incidents": points((30, 25), (31, 25), **told)})


def test_a_group_of_an_unknown_community_is_named(tmp_path: Path) -> None:
    groups = good_town()["communities"].iloc[:1].assign(community_code="999")
    with pytest.raises(BadInput, match="no community has this code"):
        read(tmp_path, {**good_town(), "resident_groups": groups})


def test_a_group_outside_every_community_is_named(tmp_path: Path) -> None:
    groups = good_town()["communities"].iloc[:1].set_geometry([box(500, 0, 50, 50)])
    with pytest.raises(BadInput, match="in no community"):
        read(tmp_path, {**good_town(), "resident_groups": groups})


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as bad:
        read(tmp_path, {**incident(category=[None]), "shops": points((25, 155), name=[None])})
    assert {fault.layer for fault in bad.value.faults} == {"incidents", "shops"}
