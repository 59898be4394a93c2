"""Members of service groups as readers see them who see no persons: pooled, by whole areas, once a month or quarter."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.core.privacy.disclosure import suppression_groups
from gridmap.services.grids import group_counts
from gridmap.store import schema
from gridmap.store.access.callers import load_caller
from gridmap.store.session import Database
from tests.fixtures.loaded_town import load_demo_presets, rolled_back_account_session, rolled_back_session
from tests.fixtures.subdistricts import open_sessions
from tests.services.people.test_statistical_areas import _move, read_areas

JOIN = text("""
    INSERT INTO service_group_member (subdistrict_id, resident_id, service_group_id, source, valid)
    SELECT r.subdistrict_id, r.id, g.id, 'test', daterange('2020-01-01', NULL)
    FROM service_group g, (
        SELECT r.id, r.subdistrict_id, row_number() OVER (ORDER BY r.id) AS number FROM resident r
            JOIN household h ON h.id = r.household_id AND h.valid @> today()
            JOIN building_cell c ON c.building_id = h.building_id
            JOIN assignment a ON a.cell_id = c.cell_id
            JOIN adoption p ON p.revision_id = a.revision_id AND p.valid @> today()
        WHERE r.valid @> today() AND a.grid_id = :grid) r
    WHERE g.key = :key AND r.number <= :count
""")
END_RESIDENT = text("""
    UPDATE resident SET valid = daterange(lower(valid), today()) WHERE id = (
        SELECT min(m.resident_id) FROM service_group_member m JOIN service_group g ON g.id = m.service_group_id
        WHERE g.key = :key)
""")
USE = text("UPDATE service_group SET legal_basis = '《残疾人保障法》', in_use = true WHERE key = 'disability'")
GRIDS = text("""
    SELECT DISTINCT a.grid_id FROM assignment a JOIN adoption p ON p.revision_id = a.revision_id AND p.valid @> today()
        JOIN building_cell c ON c.cell_id = a.cell_id JOIN statistical_area_building b ON b.building_id = c.building_id
    WHERE p.community_id = (SELECT min(community_id) FROM adoption) ORDER BY 1
""")
POOLED = text("SELECT * FROM subdistrict s, pooled_group_counts(s.id, :group_id, today(), :minimum)")
EARLIER = text("SELECT * FROM service_group_counts((SELECT id FROM subdistrict), DATE '2020-01-01')")


@pytest.fixture(scope="module")
def demo_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Load the demo once for the tests of this module."""
    load_demo_presets(module_database_url, tmp_path_factory.mktemp("keys"), "strip")
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        open_sessions(session)
        session.execute(USE)
    database.close()
    return module_database_url


@pytest.fixture
def owner_session(demo_url: str) -> Iterator[Session]:
    with rolled_back_session(demo_url) as session:
        yield session


def join(session: Session, key: str, grid: int, count: int) -> None:
    session.execute(JOIN, {"key": key, "grid": grid, "count": count})


def group_id(session: Session, key: str) -> int:
    return session.scalars(select(schema.GroupOfSubdistrict.id).where(schema.GroupOfSubdistrict.key == key)).one()


def pooled(session: Session, key: str, minimum: int) -> dict[int | None, int | None]:
    values = {"group_id": group_id(session, key), "minimum": minimum}
    community = session.scalars(text("SELECT min(community_id) FROM adoption")).one()
    rows = session.execute(POOLED, values).all()
    return {row.grid_id: row.members for row in rows if row.community_id == community}


def members_of_areas(session: Session, key: str) -> dict[int, int]:
    """Return the members by grid as sums of whole areas, computed anew."""
    areas = read_areas(session)
    owners = areas.groupby(["area", "grid"])["households"].sum().reset_index()
    owners = owners.sort_values(["area", "households", "grid"], ascending=[True, False, True]).drop_duplicates("area")
    grid_of_area = dict(zip(owners["area"], owners["grid"], strict=True))
    area_of_building = dict(zip(areas["building"], areas["area"], strict=True))
    rows = session.execute(
        text(
            "SELECT h.building_id FROM service_group_member m JOIN resident r ON r.id = m.resident_id"
            " JOIN household h ON h.id = r.household_id WHERE m.service_group_id = :id"
        ),
        {"id": group_id(session, key)},
    )
    sums: dict[int, int] = defaultdict(int)
    for (building,) in rows:
        sums[int(grid_of_area[area_of_building[building]])] += 1
    return sums


@pytest.mark.parametrize("sizes", [(12, 3, 20, 9), (5, 5, 4, 30), (30, 40, 50, 25), (1, 0, 0, 0)])
def test_small_counts_are_joined_by_the_rule_of_published_counts(
    owner_session: Session, sizes: tuple[int, ...]
) -> None:
    grids = owner_session.scalars(GRIDS).all()
    for grid, size in zip(grids, sizes, strict=False):
        join(owner_session, "volunteer", grid, size)
    counts = {grid: members_of_areas(owner_session, "volunteer")[grid] for grid in grids}
    groups = suppression_groups(counts)
    sums = {next(iter(group)) if len(group) == 1 else None: sum(counts[each] for each in group) for group in groups}
    expected = {grid: None if 0 < number < 5 else number for grid, number in sums.items()}
    assert pooled(owner_session, "volunteer", 5) == expected


def test_a_sensitive_count_below_ten_is_small(owner_session: Session) -> None:
    for grid, size in zip(owner_session.scalars(GRIDS).all(), (9, 10, 40, 50), strict=False):
        join(owner_session, "disability", grid, size)
    shown = [number for number in pooled(owner_session, "disability", 10).values() if number]
    assert shown
    assert min(shown) >= 10
    assert sum(shown) == sum(members_of_areas(owner_session, "disability").values())


def test_no_plan_that_moves_one_building_tells_its_members(owner_session: Session) -> None:
    join(owner_session, "volunteer", owner_session.scalars(GRIDS).all()[0], 40)
    shared = read_areas(owner_session)
    shared = shared[shared.groupby("area")["building"].transform("size") > 1].drop_duplicates("area")
    owner_session.execute(text("SELECT publish_group_counts(id) FROM subdistrict"))
    published = text("SELECT grid_id, members FROM published_group_count ORDER BY id")
    before = owner_session.execute(published).all()
    for building, community, grid in shared[["building", "community", "grid"]].to_numpy(int)[:3]:
        _move(owner_session, int(building), int(community), int(grid))
        owner_session.execute(text("SELECT publish_group_counts(id) FROM subdistrict"))
    assert owner_session.execute(published).all() == before != []


@pytest.mark.parametrize(("members", "is_published"), [(4, False), (5, True)])
def test_a_group_is_published_from_five_members_on(owner_session: Session, members: int, *, is_published: bool) -> None:
    join(owner_session, "veteran", owner_session.scalars(GRIDS).all()[0], members)
    owner_session.execute(text("SELECT publish_group_counts(id) FROM subdistrict"))
    rows = owner_session.execute(
        text("SELECT FROM published_group_count WHERE service_group_id = :id"),
        {"id": group_id(owner_session, "veteran")},
    )
    assert bool(rows.all()) is is_published


def test_members_whose_record_has_ended_do_not_publish_a_group(owner_session: Session) -> None:
    join(owner_session, "veteran", owner_session.scalars(GRIDS).all()[0], 5)
    owner_session.execute(END_RESIDENT, {"key": "veteran"})
    owner_session.execute(text("SELECT publish_group_counts(id) FROM subdistrict"))
    query = "SELECT count(*) FROM published_group_count WHERE service_group_id = :id"
    assert owner_session.scalar(text(query), {"id": group_id(owner_session, "veteran")}) == 0


def test_leaders_see_published_counts_and_stations_exact_ones(demo_url: str) -> None:
    database = Database(demo_url, trusted=True)
    with database.transaction() as session:
        for grid, size in zip(session.scalars(GRIDS).all(), (12, 3, 20), strict=False):
            join(session, "party_member", grid, size)
    database.close()
    seen = {role: counts_as(demo_url, role, "party_member") for role in ("station", "leader", "planner")}
    assert seen["station"] == ("35", None)
    assert seen["leader"] == seen["planner"]
    assert seen["leader"][1] is not None
    assert counts_as(demo_url, "admin", "party_member") == (None, None)


def counts_as(demo_url: str, role: str, key: str) -> tuple[str | None, date | None]:
    """Return the count of a group in the subdistrict as an account of a role sees it."""
    with rolled_back_session(demo_url) as owner:
        account_id = owner.scalars(select(schema.Account.id).where(schema.Account.name == role)).one()
        place = owner.scalars(select(schema.Subdistrict.id)).one()
    with rolled_back_account_session(demo_url, account_id) as session:
        caller, on = load_caller(session), session.scalars(text("SELECT today()")).one()
        rows = group_counts.count_in_subdistrict(session, caller, place, on)
        return next(((str(row.members), row.first_day) for row in rows if row.group.key == key), (None, None))


def test_the_past_before_the_first_count_is_not_told(demo_url: str) -> None:
    with rolled_back_session(demo_url) as owner:
        account_id = owner.scalars(select(schema.Account.id).where(schema.Account.name == "leader")).one()
    with rolled_back_account_session(demo_url, account_id) as session:
        assert session.execute(EARLIER).all() == []
