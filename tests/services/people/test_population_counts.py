"""Residents by counts of buildings: one rule for each statistical area, never a mix of counts and roster."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.vocabulary import Role
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.grids.population import PopulationRow, load_population_by_grid
from gridmap.store.queries.plans.norms import count_judged_residents
from gridmap.store.writes.installation import set_rehearsal_date
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import rolled_back_account_session, rolled_back_session
from tests.fixtures.people.counted_town import COUNT_DAY, CountedTown, load_counted_town
from tests.fixtures.subdistricts import token_of

TODAY, NEXT_MONTH = date(2026, 3, 14), date(2026, 4, 2)
HOUSEHOLD = """
INSERT INTO household (subdistrict_id, building_id, kind, source, valid)
    SELECT subdistrict_id, id, 'resident', '花名册', '[2026-03-02,)' FROM building WHERE code = :building RETURNING id
"""
RESIDENT = """
INSERT INTO resident (subdistrict_id, household_id, name, birth_year, source, valid)
    SELECT subdistrict_id, id, '示例', :year, '花名册', '[2026-03-02,)' FROM household WHERE id = :household
"""
RECOUNT = """
INSERT INTO population_count (subdistrict_id, building_id, kind, persons, source, as_of)
    SELECT subdistrict_id, id, 'residents', :persons, '人口台账', :day FROM building WHERE code = :building
"""
GROUP_COUNT = """
INSERT INTO service_group_count (subdistrict_id, building_id, service_group_id, persons, source, as_of)
    SELECT b.subdistrict_id, b.id, g.id, :persons, '台账', :day
    FROM building b JOIN service_group g USING (subdistrict_id)
    WHERE b.code = :building AND g.key = :key
"""
GROUP_COUNTS = text("SELECT count(*) FROM service_group_count")
MEMBER = """
INSERT INTO service_group_member (subdistrict_id, resident_id, service_group_id, source, valid)
    SELECT r.subdistrict_id, r.id, g.id, '花名册', '[2026-03-02,)' FROM resident r, service_group g
    WHERE g.key = 'veteran'
"""


@pytest.fixture(scope="module")
def town(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> CountedTown:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(home))
        return load_counted_town(module_database_url, home)


@pytest.fixture
def session(town: CountedTown) -> Iterator[Session]:
    with rolled_back_session(town.owner_url) as opened:
        set_rehearsal_date(opened, TODAY)
        yield opened


def add_resident(session: Session, building: str, birth_year: int | None = 1990) -> None:
    household = session.scalar(text(HOUSEHOLD), {"building": building})
    session.execute(text(RESIDENT), {"household": household, "year": birth_year})


def exact(session: Session, on: date = TODAY) -> dict[int, PopulationRow]:
    """Return the residents as the owner's commands see them, by grid."""
    return dict(load_population_by_grid(session, OWNER, SubdistrictDay(1, on)))


def by_areas(session: Session, on: date = TODAY) -> dict[int, PopulationRow]:
    """Return the sums of statistical areas, by grid."""
    session.execute(text("SELECT count_areas_of_month(1)"))
    query = "SELECT r.* FROM area_residents_by_grid(1, :day, ARRAY(SELECT id FROM community)) r"
    return {row.grid_id: PopulationRow(*row[1:]) for row in session.execute(text(query), {"day": on})}


def grid_of(session: Session, building: str) -> int:
    query = """
        SELECT a.grid_id FROM assignment a JOIN building_cell c ON c.cell_id = a.cell_id
            JOIN building b ON b.id = c.building_id WHERE b.code = :building"""
    return int(session.execute(text(query), {"building": building}).scalar_one())


@pytest.mark.parametrize("figures", [exact, by_areas])
def test_grids_have_the_plain_sums_of_their_counts(session: Session, town: CountedTown, figures: type) -> None:
    rows = {grid: row for grid, row in figures(session).items() if row.residents}
    assert {grid: row.residents for grid, row in rows.items()} == {k: n for k, n in town.residents.items() if n}
    assert {row[2:] for row in rows.values()} == {(False, True, "town.gpkg", COUNT_DAY)}


@pytest.mark.parametrize("figures", [exact, by_areas])
def test_one_resident_in_the_roster_ends_the_counts_of_the_area(session: Session, figures: type) -> None:
    grid = grid_of(session, "b1")
    before = figures(session)[grid]
    same_area = session.scalars(
        text(
            "SELECT b.code FROM statistical_area_building a JOIN building b ON b.id = a.building_id WHERE"
            " a.statistical_area_id = (SELECT x.statistical_area_id FROM statistical_area_building x"
            " JOIN building o ON o.id = x.building_id WHERE o.code = 'b1') ORDER BY b.code"
        )
    ).all()
    assert "b2" not in same_area
    for _ in range(6):
        add_resident(session, "b1")
    after = figures(session)[grid]
    assert after.residents == before.residents - 310 + 6
    assert after.by_roster
    assert after.by_counts == (grid == grid_of(session, "b2"))


@pytest.mark.parametrize(("residents", "shown"), [(3, None), (4, None), (5, 5)])
def test_sums_of_areas_leave_out_a_grid_of_less_than_five_residents(
    session: Session, residents: int, shown: int | None
) -> None:
    grid = grid_of(session, "b4")
    session.execute(text("DELETE FROM population_count"))
    for _ in range(residents):
        add_resident(session, "b4")
    for _ in range(30):
        add_resident(session, "b1")
    assert {key: row.residents for key, row in exact(session).items()} == {grid_of(session, "b1"): 30, grid: residents}
    sums = {key: row.residents for key, row in by_areas(session).items()}
    assert (sums[grid], sum(filter(None, sums.values()))) == (shown, 30 + (shown or 0))


@pytest.mark.parametrize(("day", "persons"), [(date(2026, 3, 14), 300), (date(2026, 3, 15), 310)])
def test_the_newest_count_up_to_the_day_holds(session: Session, day: date, persons: int) -> None:
    before = exact(session)[grid_of(session, "b1")].residents
    session.execute(text(RECOUNT), {"building": "b1", "persons": 300, "day": day})
    now = exact(session)[grid_of(session, "b1")]
    assert (now.residents or 0) - (before or 0) == persons - 310
    assert now.source == ("人口台账" if persons == 300 else "town.gpkg")


def test_counts_of_a_demolished_building_are_left_out(session: Session) -> None:
    grid = grid_of(session, "b4")
    before = exact(session)[grid].residents or 0
    session.execute(text("UPDATE building SET valid = '[2026-03-01,2026-03-10)' WHERE code = 'b4'"))
    assert [(exact(session, day).get(grid) or PopulationRow(0)).residents for day in (date(2026, 3, 9), TODAY)] == [
        before,
        before - 400,
    ]


def test_residents_of_60_count_by_the_year_of_birth(session: Session) -> None:
    grid = grid_of(session, "b5")
    for year in (1965, 1966, 1967, 1930, None, 1990):
        add_resident(session, "b5", year)
    rest = 55 if grid == grid_of(session, "b6") else 0
    assert exact(session)[grid].residents_60 == rest + 3


def test_residents_of_60_are_unknown_where_a_building_of_the_grid_lacks_them(session: Session) -> None:
    session.execute(text("DELETE FROM population_count WHERE kind = 'residents_60' AND persons = 60"))
    row = exact(session)[grid_of(session, "b1")]
    assert row.residents_60 is None
    assert row.residents


@pytest.mark.parametrize(
    ("part", "whole", "disclosed"),
    [(0, 9, 0), (1, 30, None), (4, 30, None), (5, 30, 5), (25, 30, 25), (26, 30, None), (29, 30, None), (30, 30, 30)],
)
def test_a_part_is_disclosed_if_neither_it_nor_the_rest_is_small(
    session: Session, part: int, whole: int, disclosed: int | None
) -> None:
    assert session.scalar(text("SELECT disclose_part(:part, :whole)"), {"part": part, "whole": whole}) == disclosed


def test_a_norm_in_persons_is_judged_by_counts(session: Session, town: CountedTown) -> None:
    revisions = session.scalars(text("SELECT revision_id FROM adoption ORDER BY 1")).all()
    judged = count_judged_residents(session, OWNER, SubdistrictDay(1, TODAY), list(revisions))
    assert {grid: number for (_, grid), number in judged.items() if number} == {
        grid: number for grid, number in town.residents.items() if number
    }


def test_an_area_that_was_counted_by_the_roster_keeps_its_value_in_the_month(session: Session) -> None:
    grid = grid_of(session, "b1")
    for _ in range(6):
        add_resident(session, "b1")
    first = by_areas(session)[grid]
    session.execute(text("UPDATE resident SET valid = '[2026-03-02,2026-03-14)'"))
    assert by_areas(session)[grid] == first
    set_rehearsal_date(session, NEXT_MONTH)
    session.execute(text("SELECT count_areas_of_month(1)"))
    assert exact(session, NEXT_MONTH)[grid].by_counts
    assert not exact(session, NEXT_MONTH)[grid].by_roster


@pytest.mark.parametrize(
    ("role", "rows"), [(Role.PLANNER, 12), (Role.STATION, 6), (Role.LEADER, 0), (Role.WORKER, 0), (Role.ADMIN, 0)]
)
def test_counts_of_buildings_are_for_planners_and_stations(town: CountedTown, role: Role, rows: int) -> None:
    with rolled_back_account_session(town.owner_url, town.account_ids[role]) as session:
        assert session.scalar(text("SELECT count(*) FROM population_count")) == rows
        assert caller_of(session).role is role


@pytest.mark.parametrize("role", [Role.WORKER, Role.LEADER, Role.ADMIN])
def test_other_roles_enter_no_counts(town: CountedTown, role: Role) -> None:
    values = {"building": "b1", "persons": 1, "day": TODAY}
    with (
        rolled_back_account_session(town.owner_url, town.account_ids[role]) as session,
        pytest.raises(ProgrammingError, match="row-level security"),
    ):
        session.execute(text(RECOUNT), values)


def enter_count(session: Session, building: str) -> None:
    session.execute(text(RECOUNT), {"building": building, "persons": 1, "day": TODAY})


def test_planners_enter_counts_of_every_building(town: CountedTown) -> None:
    with rolled_back_account_session(town.owner_url, town.account_ids[Role.PLANNER]) as session:
        for building in ("b1", "b2", "b3", "b4", "b5", "b6"):
            enter_count(session, building)


def test_stations_enter_counts_in_their_community_only(town: CountedTown) -> None:
    with rolled_back_account_session(town.owner_url, town.account_ids[Role.STATION]) as session:
        (own,) = caller_of(session).community_ids
        rows = session.execute(text("SELECT community_id, min(code) FROM building GROUP BY 1"))
        places: dict[int, str] = {row[0]: row[1] for row in rows}
        enter_count(session, places.pop(own))
        (foreign,) = places.values()
        with pytest.raises(ProgrammingError, match="row-level security"):
            enter_count(session, foreign)


def count_group(session: Session, members: dict[str, int], day: date = TODAY, key: str = "veteran") -> None:
    """Store the members of a group in buildings, as counted on a day."""
    values = [
        {"building": building, "persons": persons, "day": day, "key": key} for building, persons in members.items()
    ]
    session.execute(text(GROUP_COUNT), values)


def group_members(session: Session, on: date = TODAY) -> dict[int, int]:
    rows = session.execute(text("SELECT grid_id, members FROM exact_group_counts(1, :day)"), {"day": on})
    return {row.grid_id: row.members for row in rows}


def test_members_of_a_group_are_the_newest_counts_of_standing_buildings(session: Session) -> None:
    count_group(session, {"b1": 7, "b2": 4, "b4": 9}, COUNT_DAY)
    count_group(session, {"b1": 3}, TODAY)
    session.execute(text("UPDATE building SET valid = '[2026-03-01,2026-03-10)' WHERE code = 'b4'"))
    assert sum(group_members(session).values()) == 7
    assert sum(group_members(session, date(2026, 3, 9)).values()) == 20
    session.execute(text("UPDATE service_group SET in_use = false WHERE key = 'veteran'"))
    assert group_members(session) == {}


def test_one_resident_in_the_roster_ends_the_counts_of_members_in_the_area(session: Session) -> None:
    count_group(session, {"b1": 30, "b2": 40})
    add_resident(session, "b1")
    assert group_members(session) == {grid_of(session, "b2"): 40}
    session.execute(text(MEMBER))
    assert sum(group_members(session).values()) == 41


@pytest.mark.parametrize(("members", "published"), [(4, None), (5, 5)])
def test_counts_of_buildings_are_published_from_five_members_on(
    session: Session, members: int, published: int | None
) -> None:
    count_group(session, {"b1": members})
    session.execute(text("SELECT publish_group_counts(1)"))
    assert session.scalar(text("SELECT sum(members) FROM published_group_count")) == published


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.STATION])
def test_counts_of_groups_are_entered_and_read_by_stations_only(town: CountedTown, role: Role) -> None:
    with rolled_back_account_session(town.owner_url, town.account_ids[Role.STATION]) as session:
        count_group(session, {"b1": 3})
        assert session.scalar(GROUP_COUNTS) == 1
        session.execute(text("SELECT act_as(:token)"), {"token": token_of(town.account_ids[role])})
        assert session.scalar(GROUP_COUNTS) == 0
        with pytest.raises(ProgrammingError, match="row-level security"):
            count_group(session, {"b1": 3}, NEXT_MONTH)


def test_a_group_that_is_off_has_no_counts(session: Session) -> None:
    with pytest.raises(IntegrityError, match="not in use"):
        count_group(session, {"b1": 3}, key="disability")
