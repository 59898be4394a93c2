"""Land built anew: buildings keep their grids, earlier dates their figures, and places both of their cells."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import shapely
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import InvalidInput, NotPossible
from gridmap.services.grids.incident_counts import DateRange, IncidentFilter, count_by_grid
from gridmap.services.land import buildings, rebuild
from gridmap.services.land.buildings import BuildingRequest
from gridmap.services.land.rebuild import RebuildRequest
from gridmap.services.plans.adoption import adopt
from gridmap.services.plans.changes import save_revision
from gridmap.services.plans.revisions import list_community_revisions
from gridmap.store import incident_months
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.grids import grids_in_force, link_counts
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans.adoptions import list_community_adoptions
from gridmap.store.schema import Building, Cell, Community, Incident, IncidentFormerCell, Land
from gridmap.store.session import Database
from gridmap.store.writes.change_sets import open_change_set, undo_change_set
from gridmap.store.writes.land import new_land
from tests.fixtures.loaded_town import EFFECTIVE_DATE, rolled_back_session
from tests.fixtures.subdistricts import token_of
from tests.services.land.land_town import (
    EAST_CODE,
    WEST_CODE,
    LandTown,
    building_id,
    grid_of_buildings,
    place,
    session_of,
)

DAY = timedelta(days=1)
MAY = date(2026, 5, 1)
COPY_INCIDENT = text("""
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
SELECT subdistrict_id, 'copy', category, channel, occurred_at, cell_id, geometry FROM incident WHERE id = :id
""")
MOVE_INCIDENT = text("""
UPDATE incident i SET (cell_id, geometry) = (SELECT l.cell_id, ST_PointOnSurface(b.geometry)
    FROM building b JOIN building_cell l ON l.building_id = b.id
        JOIN cell c ON c.id = i.cell_id AND c.land_id = l.land_id
    WHERE l.cell_id <> i.cell_id ORDER BY b.id LIMIT 1) WHERE i.id = :id
""")
MY_BUILDINGS = text("SELECT my_buildings()")


@pytest.fixture
def session(land_town: LandTown) -> Iterator[Session]:
    """Open a session of the owner, in which a building was added and another one demolished."""
    with rolled_back_session(land_town.url) as opened:
        west = land_town.communities[WEST_CODE]
        buildings.add_building(opened, OWNER, west, BuildingRequest("n1", place(60, 50, 20, 10), MAY, households=30))
        buildings.demolish_building(opened, OWNER, building_id(opened, "b3"), MAY)
        yield opened


@pytest.fixture
def west(land_town: LandTown) -> RebuildRequest:
    return RebuildRequest(land_town.communities[WEST_CODE], note="重建")


def mend(town: LandTown, code: str, boundary: shapely.Geometry) -> RebuildRequest:
    """Return the request that gives a community another boundary."""
    community_id = town.communities[code]
    return RebuildRequest(community_id, {community_id: boundary})


def day_of(town: LandTown, on: date) -> SubdistrictDay:
    return SubdistrictDay(town.subdistrict_id, on)


def figures(session: Session, town: LandTown, on: date) -> dict[str, tuple[int, int]]:
    """Return buildings and households of each grid in force."""
    grids = grids_in_force.list_grids(session, OWNER, day_of(town, on))
    return {grid.code: (grid.buildings, grid.households.households) for grid in grids}


def incident_counts(session: Session, town: LandTown, on: date) -> dict[int | None, int]:
    """Return the ordinary incidents of March by grid in force on a day."""
    march = IncidentFilter(DateRange(date(2026, 3, 1), date(2026, 3, 31)))
    counts = count_by_grid(session, OWNER, day_of(town, on), march)
    return {grid: count.current for grid, count in counts.items() if count.current}


def test_standing_buildings_keep_their_grids_and_every_date_its_figures(
    session: Session, land_town: LandTown, west: RebuildRequest
) -> None:
    today = get_today(session)
    days = [EFFECTIVE_DATE, MAY - DAY, MAY, today - DAY, today, today + 400 * DAY]
    before = [(figures(session, land_town, day), grid_of_buildings(session, day_of(land_town, day))) for day in days]
    report = rebuild.rebuild_land(session, OWNER, west)
    session.expire_all()
    after = [(figures(session, land_town, day), grid_of_buildings(session, day_of(land_town, day))) for day in days]
    assert after == before
    assert [each.code for each in report.communities] == [WEST_CODE]
    assert [carried.left_norm for carried in report.communities[0].carried] == [[]]


def test_the_new_building_has_a_cell_of_its_own_on_the_new_land(session: Session, west: RebuildRequest) -> None:
    shared = (
        "SELECT count(*) FROM building_cell WHERE cell_id ="
        " (SELECT max(cell_id) FROM building_cell WHERE building_id = :id)"
    )
    key = building_id(session, "n1")
    assert session.scalar(text(shared), {"id": key}) == 2
    rebuild.rebuild_land(session, OWNER, west)
    assert session.scalar(text(shared), {"id": key}) == 1


def test_the_adoption_is_split_at_today_without_gap_or_overlap(
    session: Session, land_town: LandTown, west: RebuildRequest
) -> None:
    community_id, today = west.community_id, get_today(session)
    [before] = list_community_adoptions(session, OWNER, community_id)
    rebuild.rebuild_land(session, OWNER, west)
    first, second = list_community_adoptions(session, OWNER, community_id)
    assert (first.revision_id, first.first, first.end) == (before.revision_id, before.first, today)
    assert (second.first, second.end, second.note) == (today, None, before.note)
    carried, original = list_community_revisions(session, OWNER, community_id)
    assert (carried.id, carried.row.parent_id, carried.status) == (second.revision_id, original.id, "in_force")


def test_planned_adoptions_and_the_latest_draft_are_carried_and_other_drafts_are_stale(
    session: Session, land_town: LandTown, west: RebuildRequest
) -> None:
    community_id, today = west.community_id, get_today(session)
    first = list_community_revisions(session, OWNER, community_id)[0]
    planned, stale, draft = (save_revision(session, OWNER, first.id, {}, on=today) for _ in range(3))
    adopt(session, OWNER, planned.id, today + 30 * DAY)
    report = rebuild.rebuild_land(session, OWNER, west).communities[0]
    periods = [(row.first, row.end) for row in list_community_adoptions(session, OWNER, community_id)]
    assert periods == [(EFFECTIVE_DATE, today), (today, today + 30 * DAY), (today + 30 * DAY, None)]
    assert [each.parent.number for each in report.carried] == [first.number, planned.number, draft.number]
    assert report.stale == [stale.number]
    latest = list_community_revisions(session, OWNER, community_id)[0]
    assert (latest.row.parent_id, latest.status) == (draft.id, "draft")
    with pytest.raises(NotPossible, match="built anew since this plan"):
        adopt(session, OWNER, stale.id, today + 60 * DAY)
    adopt(session, OWNER, latest.id, today + 60 * DAY)


def test_an_import_of_before_is_undone_on_the_new_land(
    session: Session, land_town: LandTown, west: RebuildRequest
) -> None:
    """Former cells follow from the land; a place that moves back has its cell in the newest land."""
    moved_id, place = session.execute(text("SELECT min(id), min(subdistrict_id) FROM incident")).one()
    inserted = open_change_set(session, "new.xlsx", subdistrict_id=place)
    session.execute(COPY_INCIDENT, {"id": moved_id})
    moved = open_change_set(session, "moved.xlsx", subdistrict_id=place)
    session.execute(MOVE_INCIDENT, {"id": moved_id})
    rebuild.rebuild_land(session, OWNER, west)
    copied = select(func.count(IncidentFormerCell.incident_id)).join(Incident).where(Incident.number == "copy")
    assert session.scalar(copied) == 1
    undo_change_set(session, inserted)
    undo_change_set(session, moved)
    assert session.scalar(copied) == 0
    newest = select(Cell.land_id).join(Incident, Incident.cell_id == Cell.id).where(Incident.id == moved_id)
    assert session.scalar(newest) == session.scalar(select(func.max(Land.id)))


def test_places_have_their_new_cell_and_keep_the_former_one_for_the_days_before(
    session: Session, land_town: LandTown, west: RebuildRequest
) -> None:
    days = [EFFECTIVE_DATE, get_today(session) - DAY, get_today(session)]
    incidents = [incident_counts(session, land_town, day) for day in days]
    shops = [link_counts.count_services(session, OWNER, day_of(land_town, day), "shops") for day in days]
    assert incidents[0]
    rebuild.rebuild_land(session, OWNER, west)
    assert [incident_counts(session, land_town, day) for day in days] == incidents
    assert [link_counts.count_services(session, OWNER, day_of(land_town, day), "shops") for day in days] == shops
    newest = select(func.max(Land.id)).where(Land.community_id == west.community_id).scalar_subquery()
    on_newest = select(func.count(Incident.id)).join(Cell, Cell.id == Incident.cell_id).where(Cell.land_id == newest)
    assert session.scalar(on_newest) == session.scalar(select(func.count(IncidentFormerCell.incident_id)))


def test_packed_months_follow(session: Session, land_town: LandTown, west: RebuildRequest) -> None:
    rebuild.rebuild_land(session, OWNER, west)
    by_rows = incident_counts(session, land_town, get_today(session))
    incident_months.pack_changed(session.connection())
    assert not incident_months.list_differences(session.connection())
    assert incident_counts(session, land_town, get_today(session)) == by_rows


def test_it_happens_at_most_once_a_day(session: Session, west: RebuildRequest) -> None:
    rebuild.rebuild_land(session, OWNER, west)
    with pytest.raises(NotPossible, match="built anew today"):
        rebuild.rebuild_land(session, OWNER, west)


def test_a_second_time_on_a_later_day_keeps_the_first(
    session: Session, land_town: LandTown, west: RebuildRequest
) -> None:
    session.execute(text("UPDATE installation SET rehearsal_date = '2026-09-01'"))
    rebuild.rebuild_land(session, OWNER, west)
    session.execute(text("UPDATE installation SET rehearsal_date = '2026-10-01'"))
    days = [EFFECTIVE_DATE, date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 1)]
    before = [(figures(session, land_town, day), incident_counts(session, land_town, day)) for day in days]
    rebuild.rebuild_land(session, OWNER, west)
    assert [(figures(session, land_town, day), incident_counts(session, land_town, day)) for day in days] == before
    periods = select(IncidentFormerCell.valid).order_by(IncidentFormerCell.incident_id, IncidentFormerCell.valid)
    found = [(each.lower, each.upper) for each in session.scalars(periods)]
    assert found[:2] == [(None, date(2026, 9, 1)), (date(2026, 9, 1), date(2026, 10, 1))]


def test_a_plan_on_new_land_holds_from_its_day_on(session: Session, land_town: LandTown) -> None:
    session.execute(text("DELETE FROM adoption"))
    request = RebuildRequest(land_town.communities[WEST_CODE])
    rebuild.rebuild_land(session, OWNER, request)
    draft = list_community_revisions(session, OWNER, request.community_id)[0]
    with pytest.raises(NotPossible, match="holds since"):
        adopt(session, OWNER, draft.id, get_today(session) - DAY)
    assert adopt(session, OWNER, draft.id, get_today(session))


def test_a_preview_changes_nothing(land_town: LandTown, west: RebuildRequest) -> None:
    database = Database(land_town.url, trusted=True)
    report = rebuild.preview_rebuild(database, OWNER, west)
    with database.transaction() as session:
        assert session.scalar(select(func.count(Land.id))) == 2
    database.close()
    assert report.as_json()["holds_from"]


def test_a_mended_boundary_moves_the_border_and_the_buildings_beyond_it(session: Session, land_town: LandTown) -> None:
    today, west = get_today(session), land_town.communities[WEST_CODE]
    before = grid_of_buildings(session, day_of(land_town, today - DAY))
    mended = place(0, 0, 280, 200)  # up to now 200 m; b4 and b5 stand beyond
    report = rebuild.rebuild_land(session, OWNER, RebuildRequest(west, {west: mended}, "调整社区边界"))
    session.expire_all()
    assert report.changed_community == {WEST_CODE: ["b4", "b5"]}
    assert [each.code for each in report.communities] == [WEST_CODE, EAST_CODE]
    communities = dict(session.execute(select(Building.code, Building.community_id)).all())
    assert (communities["b4"], communities["b6"]) == (west, land_town.communities[EAST_CODE])
    after = grid_of_buildings(session, day_of(land_town, today))
    assert grid_of_buildings(session, day_of(land_town, today - DAY)) == before
    assert after["b4"].startswith(WEST_CODE)  # type: ignore[union-attr]
    assert {code: after[code] for code in ("b1", "b2", "b6")} == {code: before[code] for code in ("b1", "b2", "b6")}
    shared = select(func.ST_Area(func.ST_Union(Community.geometry)) / func.sum(func.ST_Area(Community.geometry)))
    assert session.scalar(shared) == pytest.approx(1, abs=1e-9)


def test_earlier_dates_show_buildings_in_the_community_of_the_time(session: Session, land_town: LandTown) -> None:
    today = get_today(session)
    before = figures(session, land_town, today - DAY)
    rebuild.rebuild_land(session, OWNER, mend(land_town, WEST_CODE, place(0, 0, 280, 200)))
    assert figures(session, land_town, today - DAY) == before
    found = grids_in_force.select_buildings(OWNER, day_of(land_town, today - DAY)).subquery()
    rows = select(Building.code, found.c.community_id).join(found, found.c.id == Building.id)
    communities: dict[str, int] = dict(session.execute(rows).all())
    assert communities["b4"] == land_town.communities[EAST_CODE]


@pytest.mark.parametrize(
    ("corner", "size", "message"),
    [
        ((0, 0), (200, 200), "holds already"),
        ((0, 0), (400, 200), "leaves no land to 放鹰台社区"),
        ((60, 0), (140, 200), "leaves out buildings that stand: b1"),
    ],
)
def test_a_boundary_that_cannot_be_is_refused(
    session: Session, land_town: LandTown, corner: tuple[int, int], size: tuple[int, int], message: str
) -> None:
    request = mend(land_town, WEST_CODE, place(*corner, *size))
    with pytest.raises(InvalidInput, match=message):
        rebuild.rebuild_land(session, OWNER, request)


def test_a_community_without_buildings_is_refused(session: Session, land_town: LandTown, west: RebuildRequest) -> None:
    for code in ("b1", "b2", "n1"):
        buildings.demolish_building(session, OWNER, building_id(session, code), get_today(session))
    with pytest.raises(NotPossible, match="would have no building"):
        rebuild.rebuild_land(session, OWNER, west)


def test_a_station_sees_a_building_no_more_that_went_to_another_community(land_town: LandTown) -> None:
    with session_of(land_town, "west_station"), rolled_back_session(land_town.url) as session:
        session.execute(text("SELECT act_as(:token)"), {"token": token_of(land_town.accounts["west_station"])})
        key = building_id(session, "b2")
        assert key in session.scalars(MY_BUILDINGS).all()
        request = mend(land_town, EAST_CODE, place(50, 0, 350, 200))
        assert rebuild.rebuild_land(session, OWNER, request).changed_community == {EAST_CODE: ["b2"]}
        assert key not in session.scalars(MY_BUILDINGS).all()


def test_a_killed_rebuild_leaves_the_land_as_it_was(land_town: LandTown, west: RebuildRequest) -> None:
    database, other = (Database(land_town.url, trusted=True) for _ in range(2))
    tables = ("land", "cell", "building_cell", "assignment", "adoption", "revision", "incident_former_cell")
    count = text("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables))
    with other.transaction() as session:
        before = session.execute(count).one()

    def kill(session: Session, *_: object) -> None:
        process_id = session.scalar(text("SELECT pg_backend_pid()"))
        with other.transaction() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:id, 5000)"), {"id": process_id})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(new_land, "save_report", kill)  # the last thing that it writes
        with pytest.raises(DBAPIError), database.transaction() as session:
            rebuild.rebuild_land(session, OWNER, west)
    with other.transaction() as session:
        assert session.execute(count).one() == before
    database.close()
    other.close()


def test_a_report_that_was_located_before_is_linked_to_the_new_land(session: Session, west: RebuildRequest) -> None:
    former = session.scalars(
        select(Incident.cell_id).where(Incident.cell_id.is_not(None)).order_by(Incident.id)
    ).first()
    point = session.scalars(select(func.ST_AsEWKT(Incident.geometry)).where(Incident.cell_id == former)).first()
    newest = select(func.newest_cell(Incident.subdistrict_id, func.ST_GeomFromEWKT(point), former)).limit(1)
    assert session.scalar(newest) == former
    rebuild.rebuild_land(session, OWNER, west)
    now = session.scalar(newest)
    assert now != former
    assert (
        now in session.scalars(select(Cell.id).where(Cell.land_id == select(func.max(Land.id)).scalar_subquery())).all()
    )
