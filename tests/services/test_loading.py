"""A town package in the database: complete, exact, once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from geoalchemy2.shape import to_shape
from pyproj import CRS
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from gridmap.core.errors import BadInput, Unable
from gridmap.core.links import Links, link
from gridmap.core.rules import BrokenPlanError
from gridmap.services import grids, loading
from gridmap.services.loading import LoadReport
from gridmap.store import bulk, contents, schema
from gridmap.store.contents import Spot
from gridmap.store.in_force import Day
from gridmap.store.links import placed
from gridmap.store.metres import to_degrees, to_metres
from gridmap.store.towns import StoredTown
from tests.formats.packages import at
from tests.loaded import CODE, DAY, load, points, undone, whole_town
from tests.seen import incidents_by_grid

END_OF_MARCH = date(2026, 3, 31)


@pytest.fixture(scope="module")
def report(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    """The town, loaded once for the tests of this module."""
    return load(module_database_url, tmp_path_factory.mktemp("town"))


@pytest.fixture
def session(module_database_url: str, report: LoadReport) -> Iterator[Session]:
    with undone(module_database_url) as opened:
        yield opened


def shapes(session: Session, column: InstrumentedAttribute[Any]) -> np.ndarray:
    """All geometries of a column, by the number of their rows."""
    return np.array([to_shape(each) for each in session.scalars(select(column))], dtype=object)


def rows(session: Session, table: type[schema.Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("column", [schema.Cell.geometry, schema.RevisionGrid.geometry, schema.Community.geometry])
def test_what_comes_back_is_a_coverage(session: Session, column: InstrumentedAttribute[Any]) -> None:
    assert shapely.coverage_is_valid(shapes(session, column))


def test_communities_are_their_cells_and_nothing_else(session: Session) -> None:
    cells, communities = shapes(session, schema.Cell.geometry), shapes(session, schema.Community.geometry)
    assert shapely.coverage_is_valid(np.append(cells, communities)) is np.False_
    assert shapely.coverage_union_all(cells).normalize() == shapely.coverage_union_all(communities).normalize()


def test_cells_come_back_to_the_millimetre(session: Session, report: LoadReport) -> None:
    stored = select(schema.Cell.geometry).order_by(schema.Cell.id)
    back = to_metres(np.array([to_shape(each) for each in session.scalars(stored)]), report.loaded.town.crs)
    assert shapely.equals_exact(back, report.loaded.land.cells, tolerance=0).all()


def test_the_land_knows_its_metres(session: Session) -> None:
    assert {CRS(crs) for crs in session.scalars(select(schema.Land.crs))} == {CRS(4547)}


def test_every_building_stands_on_a_cell_of_its_community(session: Session) -> None:
    pairs = (
        select(schema.Building.community_id, schema.Cell.community_id)
        .join(schema.BuildingCell, schema.BuildingCell.building_id == schema.Building.id)
        .join(schema.Cell, schema.Cell.id == schema.BuildingCell.cell_id)
    )
    found = session.execute(pairs).all()
    assert len(found) == 6
    assert all(one == other for one, other in found)


def test_an_incident_in_a_building_and_one_beside_it_have_cells_and_one_far_off_has_none(session: Session) -> None:
    stored = select(schema.Incident.building_id, schema.Incident.cell_id).order_by(schema.Incident.number)
    inside, beside, outside = session.execute(stored)
    assert inside.building_id
    assert (beside.building_id, beside.cell_id) == (None, inside.cell_id)
    assert tuple(outside) == (None, None)


def test_a_file_without_closing_times_tells_of_what_is_over(session: Session) -> None:
    assert set(session.scalars(select(schema.Incident.status))) == {"closed"}


def test_times_without_a_zone_are_those_of_the_place(session: Session) -> None:
    first = session.scalar(select(func.min(schema.Incident.occurred_at)))
    assert first == datetime(2026, 3, 1, tzinfo=UTC)


def sums(session: Session, day: Day) -> list[list[int]]:
    """Households, buildings, shops and incidents in the grids of each community, and incidents in none."""
    happened = incidents_by_grid(session, day, DAY)
    found: dict[int, np.ndarray] = {}
    for grid in grids.all_of(session, day):
        shops = len(contents.services(session, Spot(day, grid.id), "shops"))
        row = [grid.households.number, grid.buildings, shops, happened.pop(grid.id, 0)]
        found[grid.community] = found.get(grid.community, 0) + np.array(row)
    return [*(each.tolist() for each in found.values()), list(happened.values())]


def test_figures_by_grid_add_up_to_the_file(session: Session, report: LoadReport) -> None:
    found = sums(session, Day(report.loaded.stored.subdistrict, END_OF_MARCH))
    assert found == [[200, 3, 1, 2], [300, 3, 0, 0], [1]]


def test_nothing_is_in_force_the_day_before(session: Session, report: LoadReport) -> None:
    before = DAY.replace(month=2, day=28)
    assert not grids.all_of(session, Day(report.loaded.stored.subdistrict, before))


def test_a_code_is_loaded_once(module_database_url: str, session: Session, report: LoadReport, tmp_path: Path) -> None:
    with pytest.raises(Unable, match=CODE):
        load(module_database_url, tmp_path)


def test_the_reports_figures_are_the_towns(report: LoadReport) -> None:
    told = report.as_json()
    assert (told["communities"], told["buildings"], told["households"], told["incidents"]) == (2, 6, 500, 3)


def test_a_town_may_stay_undivided(database_url: str, tmp_path: Path) -> None:
    load(database_url, tmp_path, settings=None)
    with undone(database_url) as session:
        assert rows(session, schema.Cell)
        assert not rows(session, schema.Plan)


def test_a_wrong_incident_leaves_nothing_behind(database_url: str, tmp_path: Path) -> None:
    wrong = points((30, 25), category=["order"], occurred_at=["yesterday"])
    with pytest.raises(BadInput, match="no date and time"):
        load(database_url, tmp_path, {**whole_town(), "incidents": wrong})
    with undone(database_url) as session:
        assert not rows(session, schema.Subdistrict)


def test_a_plan_that_breaks_a_rule_leaves_nothing_behind(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "breaches", lambda *_: ["a rule"])
    with pytest.raises(BrokenPlanError):
        load(database_url, tmp_path)
    with undone(database_url) as session:
        assert not rows(session, schema.Subdistrict)


@pytest.mark.parametrize(("x", "y"), [(30, 25), (15, 25), (900, 25), (100, 50), (209, 105), (350, 40)])
def test_a_place_alone_is_linked_like_those_of_a_file(session: Session, report: LoadReport, x: float, y: float) -> None:
    loaded = report.loaded
    place = np.array([at(shapely.Point(x, y))], dtype=object)
    links = link(place, loaded.town, loaded.land)
    (degrees,) = to_degrees(place, loaded.town.crs)
    found = placed(session, loaded.stored.subdistrict, degrees.x, degrees.y)
    told = [bulk.linked(rows, positions)[0] for rows, positions in _pairs(loaded.stored, links)]
    assert [found.building, found.cell] == told


def _pairs(stored: StoredTown, links: Links) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(stored.buildings, links.building), (stored.cells, links.cell)]
