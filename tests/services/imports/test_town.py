"""Import of a town package into the database: complete, exact, and only once."""

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

from gridmap.core.errors import InvalidInput, NotPossible
from gridmap.core.land.point_links import PointLinks, link_points
from gridmap.core.plans.rules import InvalidPlanError
from gridmap.services.grids import in_force
from gridmap.services.grids.incident_counts import find_recorded_days
from gridmap.services.imports import first_plans
from gridmap.services.imports.load_report import LoadReport
from gridmap.store import schema
from gridmap.store.queries.grids import grid_details
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.grid_details import GridDay
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.point_location import locate_point
from gridmap.store.reprojection import to_degrees, to_metres
from gridmap.store.writes import bulk
from gridmap.store.writes.towns import StoredTown
from tests.fixtures.callers import caller_of
from tests.fixtures.grid_snapshot import count_incidents_by_grid
from tests.fixtures.loaded_town import (
    EFFECTIVE_DATE,
    SUBDISTRICT_CODE,
    load_town,
    point_layer,
    rolled_back_session,
    town_with_extras,
)
from tests.fixtures.town_package import moved_to_town

END_OF_MARCH = date(2026, 3, 31)


@pytest.fixture(scope="module")
def report(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    """The town, loaded once for the tests of this module."""
    return load_town(module_database_url, tmp_path_factory.mktemp("town"))


@pytest.fixture
def session(module_database_url: str, report: LoadReport) -> Iterator[Session]:
    with rolled_back_session(module_database_url) as opened:
        yield opened


def geometries_of(session: Session, column: InstrumentedAttribute[Any]) -> np.ndarray:
    """All geometries of a column, by the number of their rows."""
    return np.array([to_shape(each) for each in session.scalars(select(column))], dtype=object)


def count_rows(session: Session, table: type[schema.Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("column", [schema.Cell.geometry, schema.RevisionGrid.geometry, schema.Community.geometry])
def test_stored_geometries_are_a_coverage(session: Session, column: InstrumentedAttribute[Any]) -> None:
    assert shapely.coverage_is_valid(geometries_of(session, column))


def test_communities_are_their_cells_and_nothing_else(session: Session) -> None:
    cells, communities = geometries_of(session, schema.Cell.geometry), geometries_of(session, schema.Community.geometry)
    assert shapely.coverage_is_valid(np.append(cells, communities)) is np.False_
    assert shapely.coverage_union_all(cells).normalize() == shapely.coverage_union_all(communities).normalize()


def test_stored_cells_are_exact(session: Session, report: LoadReport) -> None:
    stored = select(schema.Cell.geometry).order_by(schema.Cell.id)
    back = to_metres(np.array([to_shape(each) for each in session.scalars(stored)]), report.loaded.town.crs)
    assert shapely.equals_exact(back, report.loaded.land.cells, tolerance=0).all()


def test_the_land_has_its_metric_crs(session: Session) -> None:
    assert {CRS(crs) for crs in session.scalars(select(schema.Land.crs))} == {CRS(4547)}


def test_every_building_stands_on_a_cell_of_its_community(session: Session) -> None:
    pairs = (
        select(schema.Building.community_id, schema.Cell.community_id)
        .join(schema.BuildingCell, schema.BuildingCell.building_id == schema.Building.id)
        .join(schema.Cell, schema.Cell.id == schema.BuildingCell.cell_id)
    )
    rows = session.execute(pairs).all()
    assert len(rows) == 6
    assert all(community == community_of_cell for community, community_of_cell in rows)


def test_incidents_in_and_near_a_building_have_cells_and_others_none(session: Session) -> None:
    stored = select(schema.Incident.building_id, schema.Incident.cell_id).order_by(schema.Incident.number)
    inside, nearby, outside = session.execute(stored)
    assert inside.building_id
    assert (nearby.building_id, nearby.cell_id) == (None, inside.cell_id)
    assert tuple(outside) == (None, None)


def test_an_incident_on_the_other_pavement_has_the_nearest_cell_and_is_said(database_url: str, tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"category": ["parking"] * 3, "occurred_at": ["2026-03-01 08:00"] * 3}
    places = point_layer((198, -7.9), (202, -7.9), (198, -8.1), **columns)
    report = load_town(database_url, tmp_path, {**town_with_extras(), "incidents": places})
    said = [(warning["row"], warning["problem"]) for warning in report.as_json()["warnings"]]  # type: ignore[attr-defined]
    assert said == [
        (1, "outside by 7.9 m; counted in the nearest grid"),
        (2, "outside by 7.9 m; counted in the nearest grid"),
        (3, "outside by 8.1 m; counted in no grid"),
    ]
    with rolled_back_session(database_url) as session:
        communities = (
            select(schema.Cell.community_id)
            .select_from(schema.Incident)
            .outerjoin(schema.Cell, schema.Cell.id == schema.Incident.cell_id)
            .order_by(schema.Incident.number)
        )
        first, second = report.loaded.stored.community_ids.tolist()
        assert session.scalars(communities).all() == [first, second, None]


@pytest.mark.parametrize(("distance_m", "is_near"), [(4.9, True), (5.1, False)])
def test_an_incident_knows_the_cells_within_five_metres(
    database_url: str, tmp_path: Path, distance_m: float, is_near: bool
) -> None:
    columns: dict[str, list[object]] = {"category": ["parking"], "occurred_at": ["2026-03-01 08:00"]}
    place = point_layer((200 - distance_m, 50), **columns)
    report = load_town(database_url, tmp_path, {**town_with_extras(), "incidents": place})
    with rolled_back_session(database_url) as session:
        communities = session.scalars(
            select(schema.Cell.community_id).join(
                schema.Incident, schema.Cell.id == func.any(schema.Incident.near_cell_ids)
            )
        )
        assert (int(report.loaded.stored.community_ids[1]) in communities.all()) is is_near


def test_incidents_of_a_file_without_closing_times_are_closed(session: Session) -> None:
    assert set(session.scalars(select(schema.Incident.status))) == {"closed"}


def test_incidents_of_a_file_have_the_class_of_their_category(session: Session) -> None:
    stored = select(schema.Incident.category, schema.Incident.access_class).order_by(schema.Incident.number)
    assert [tuple(row) for row in session.execute(stored)] == [
        ("parking", "ordinary"),
        ("street_lamp", "ordinary"),
        ("hardship", "personal"),
    ]


def test_a_category_that_nobody_knows_is_personal_and_named(database_url: str, tmp_path: Path) -> None:
    unknown = point_layer((30, 25), (30, 25), category=["渔船", "渔船"], occurred_at=["2026-03-01 08:00"] * 2)
    report = load_town(database_url, tmp_path, {**town_with_extras(), "incidents": unknown}, settings=None)
    assert report.as_json()["unknown_categories"] == ["渔船"]
    assert "渔船" in str(report.summary()[2])
    with rolled_back_session(database_url) as session:
        stored = session.execute(select(schema.Incident.category, schema.Incident.access_class).distinct()).all()
        assert [tuple(row) for row in stored] == [("渔船", "personal")]


def test_an_incident_to_come_is_stored_and_is_no_record_until_its_day(database_url: str, tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"category": ["parking"] * 2, "occurred_at": ["2026-03-01 08:00", "2999-01-01"]}
    places = point_layer((30, 25), (90, 25), **columns)
    report = load_town(database_url, tmp_path, {**town_with_extras(), "incidents": places}, settings=None)
    assert [(each["row"], each["problem"]) for each in report.as_json()["implausible"]] == [  # type: ignore[attr-defined]
        (2, "occurred_at is still to come"),
    ]
    with rolled_back_session(database_url) as session:
        assert count_rows(session, schema.Incident) == 2
        days = find_recorded_days(session, caller_of(session), report.loaded.stored.subdistrict_id)
        assert days == DateRange(date(2026, 3, 1), date(2026, 3, 1))


def test_times_without_a_zone_are_local(session: Session) -> None:
    first = session.scalar(select(func.min(schema.Incident.occurred_at)))
    assert first == datetime(2026, 3, 1, tzinfo=UTC)


def grid_sums(session: Session, day: SubdistrictDay) -> list[list[int]]:
    """Households, buildings, shops and incidents in the grids of each community, and incidents in none."""
    incident_counts = count_incidents_by_grid(session, day, EFFECTIVE_DATE)
    sums: dict[int, np.ndarray] = {}
    for grid in in_force.list_grids(session, caller_of(session), day):
        shops = len(grid_details.list_services(session, caller_of(session), GridDay(day, grid.id), "shops"))
        row = [grid.households.number, grid.buildings, shops, incident_counts.pop(grid.id, 0)]
        sums[grid.community_id] = sums.get(grid.community_id, 0) + np.array(row)
    return [*(each.tolist() for each in sums.values()), list(incident_counts.values())]


def test_counts_by_grid_add_up_to_the_file(session: Session, report: LoadReport) -> None:
    sums = grid_sums(session, SubdistrictDay(report.loaded.stored.subdistrict_id, END_OF_MARCH))
    assert sums == [[200, 3, 1, 2], [300, 3, 0, 0], [1]]


def test_nothing_is_in_force_the_day_before(session: Session, report: LoadReport) -> None:
    before = EFFECTIVE_DATE.replace(month=2, day=28)
    assert not in_force.list_grids(
        session, caller_of(session), SubdistrictDay(report.loaded.stored.subdistrict_id, before)
    )


def test_a_code_is_not_loaded_twice(
    module_database_url: str, session: Session, report: LoadReport, tmp_path: Path
) -> None:
    with pytest.raises(NotPossible, match=SUBDISTRICT_CODE):
        load_town(module_database_url, tmp_path)


def test_the_report_has_the_counts_of_the_town(report: LoadReport) -> None:
    values = report.as_json()
    assert (values["communities"], values["buildings"], values["households"], values["incidents"]) == (2, 6, 500, 3)


def test_a_town_may_be_loaded_without_plans(database_url: str, tmp_path: Path) -> None:
    load_town(database_url, tmp_path, settings=None)
    with rolled_back_session(database_url) as session:
        assert count_rows(session, schema.Cell)
        assert not count_rows(session, schema.Plan)


def test_a_wrong_incident_leaves_nothing_behind(database_url: str, tmp_path: Path) -> None:
    wrong = point_layer((30, 25), category=["parking"], occurred_at=["yesterday"])
    with pytest.raises(InvalidInput, match="not a date and time"):
        load_town(database_url, tmp_path, {**town_with_extras(), "incidents": wrong})
    with rolled_back_session(database_url) as session:
        assert not count_rows(session, schema.Subdistrict)


def test_a_plan_that_breaks_a_rule_leaves_nothing_behind(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_plans, "find_violations", lambda *_: ["a rule"])
    with pytest.raises(InvalidPlanError):
        load_town(database_url, tmp_path)
    with rolled_back_session(database_url) as session:
        assert not count_rows(session, schema.Subdistrict)


@pytest.mark.parametrize(
    ("x", "y"), [(30, 25), (15, 25), (900, 25), (100, 50), (209, 105), (350, 40), (198, -7), (-7.9, 50), (-8.1, 50)]
)
def test_a_single_point_is_linked_like_points_of_a_file(
    session: Session, report: LoadReport, x: float, y: float
) -> None:
    loaded = report.loaded
    place = np.array([moved_to_town(shapely.Point(x, y))], dtype=object)
    links = link_points(place, loaded.town, loaded.land, max_outside_m=8)
    (degrees,) = to_degrees(place, loaded.town.crs)
    location = locate_point(session, caller_of(session), loaded.stored.subdistrict_id, degrees.x, degrees.y)
    expected = [bulk.ids_at(rows, positions)[0] for rows, positions in _stored_and_expected_cells(loaded.stored, links)]
    assert [location.building_id, location.cell_id] == expected


def _stored_and_expected_cells(stored: StoredTown, links: PointLinks) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(stored.building_ids, links.building), (stored.cell_ids, links.cell)]
