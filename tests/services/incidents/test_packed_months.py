"""Packed months of incidents: counts equal those of the rows after any change, by anyone, at any time."""

from collections.abc import Iterator
from datetime import date, timedelta
from threading import Thread
from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridmap.core.errors import Message
from gridmap.services.operations.database_checks import MONTHS_PACKED, check_database
from gridmap.store import incident_months, schema
from gridmap.store.queries.grids import incident_counts, packed_incidents
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.incidents import daily_counts
from tests.fixtures import postgis
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import load_demo_presets, rolled_back_account_session, rolled_back_session

SUBDISTRICT_CODE = "440199001"
TODAY = date.today()  # noqa: DTZ011 - the day of the machine
CHANGES = {
    "insert": """
        INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
        SELECT c.subdistrict_id, 'random-' || :number, k.key, 'file', now() - :days * interval '1 day', c.id,
            (ST_Dump(ST_GeneratePoints(c.geometry, 1, :seed))).geom
        FROM (SELECT * FROM cell WHERE subdistrict_id = :home ORDER BY id OFFSET :cell LIMIT 1) c,
            (SELECT key FROM incident_category WHERE subdistrict_id = :home AND legal_basis IS NOT NULL
                OR subdistrict_id = :home AND access_class <> 'sensitive' ORDER BY key OFFSET :seed % 20 LIMIT 1) k""",
    "close": "UPDATE incident SET status = 'closed', closed_at = now() WHERE id = :id AND occurred_at <= now()",
    "reopen": "UPDATE incident SET status = 'open', closed_at = NULL WHERE id = :id",
    "correct": """
        UPDATE incident i SET category = (SELECT key FROM incident_category c WHERE c.subdistrict_id = :home
            AND c.access_class = i.access_class ORDER BY key DESC OFFSET :seed % 3 LIMIT 1) WHERE i.id = :id""",
    "shift": """
        UPDATE incident SET occurred_at = occurred_at - :days * interval '1 day', status = 'open', closed_at = NULL
        WHERE id = :id""",
    "relink": """
        UPDATE incident SET cell_id = (SELECT id FROM cell WHERE subdistrict_id = :home ORDER BY id OFFSET :cell
            LIMIT 1) WHERE id = :id""",
    "unlink": "UPDATE incident SET cell_id = NULL WHERE id = :id",
    "delete": """
        DELETE FROM incident WHERE id = :id AND id NOT IN (SELECT incident_id FROM case_step)
            AND id NOT IN (SELECT duplicate_of FROM incident_case WHERE duplicate_of IS NOT NULL)""",
    "forget a street": "UPDATE incident SET street_id = NULL WHERE id = :id",
}


@pytest.fixture(scope="module")
def demo_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    load_demo_presets(module_database_url, tmp_path_factory.mktemp("keys"), "strip", "towers")
    return module_database_url


@pytest.fixture
def session(demo_url: str) -> Iterator[Session]:
    with rolled_back_session(demo_url) as opened:
        yield opened


@pytest.fixture
def home(session: Session) -> int:
    code = schema.Subdistrict.code == SUBDISTRICT_CODE
    return session.scalars(select(schema.Subdistrict.id).where(code)).one()


def count(session: Session, home: int, days: DateRange) -> tuple[Any, ...]:
    """Return the counts of a range by grid, by square, and by grid and day."""
    day, caller = SubdistrictDay(home, TODAY), caller_of(session)
    daily = daily_counts.count_by_grid_and_day(session, caller, day, days, ["rubbish", "noise"])
    return (
        incident_counts.count_by_grid(session, caller, day, days),
        incident_counts.count_by_square(session, caller, home, days),
        {grid: numbers.tolist() for grid, numbers in daily.by_grid.items() if numbers.any()},
        daily.total.tolist(),
    )


def count_rows(session: Session, home: int, days: DateRange) -> tuple[Any, ...]:
    """Return the same counts from the rows only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed_incidents, "can_read", lambda *_: False)
        return count(session, home, days)


def change(session: Session, home: int, rng: np.random.Generator, number: int) -> None:
    """Make a random change of an incident."""
    ids = session.scalars(select(schema.Incident.id).where(schema.Incident.subdistrict_id == home)).all()
    values = {"home": home, "number": number, "id": int(rng.choice(ids))}
    values |= {"days": int(rng.integers(0, 120)), "cell": int(rng.integers(0, 40)), "seed": int(rng.integers(1, 999))}
    name = rng.choice(list(CHANGES))
    session.execute(text(CHANGES[str(name)]), values)


def random_range(rng: np.random.Generator) -> DateRange:
    last = TODAY - timedelta(int(rng.integers(0, 200)))
    return DateRange(last - timedelta(int(rng.integers(0, 400))), last)


@pytest.mark.parametrize("changes", [150, pytest.param(10_000, marks=pytest.mark.full)])
def test_counts_equal_those_of_the_rows_after_random_changes(session: Session, home: int, changes: int) -> None:
    rng = np.random.default_rng(changes)
    for number in range(changes):
        change(session, home, rng, number)
        if number % (changes // 10) == 0:
            days = random_range(rng)
            assert count(session, home, days) == count_rows(session, home, days), (number, days)
    incident_months.pack_changed(session.connection())
    assert not incident_months.list_differences(session.connection())
    assert not session.scalar(select(schema.IncidentMonthChange.id).limit(1))
    days = DateRange(TODAY - timedelta(800), TODAY)
    assert packed_incidents.read_months(session, caller_of(session), home, days, ()).months
    assert count(session, home, days) == count_rows(session, home, days)


def test_the_leader_counts_what_the_rows_hold(demo_url: str, session: Session, home: int) -> None:
    leader = session.scalars(select(schema.Account.id).where(schema.Account.name == "leader")).one()
    days = DateRange(TODAY - timedelta(400), TODAY)
    with rolled_back_account_session(demo_url, leader) as own:
        packed = packed_incidents.read_months(own, caller_of(own), home, days, ())
        assert len(packed.months) > 10
        assert count(own, home, days) == count_rows(own, home, days)


@pytest.mark.parametrize(("name", "sees"), [("leader", True), ("leader-towers", False), ("worker", False)])
def test_packed_months_are_for_those_who_see_all_of_their_rows(
    demo_url: str, session: Session, home: int, name: str, sees: bool
) -> None:
    account = session.scalars(select(schema.Account.id).where(schema.Account.name.startswith(name))).first()
    with rolled_back_account_session(demo_url, account or 0) as own:
        months = select(schema.IncidentMonth.month).where(schema.IncidentMonth.subdistrict_id == home)
        assert bool(own.scalars(months).first()) is sees


def test_incidents_about_persons_leave_no_trace(session: Session, home: int) -> None:
    incident_months.pack_changed(session.connection())
    category = session.scalars(
        select(schema.CategoryOfSubdistrict.key).where(schema.CategoryOfSubdistrict.access_class == "personal")
    ).first()
    packed = select(schema.IncidentMonth.month, schema.IncidentMonth.categories, schema.IncidentMonth.packed_at)
    before = session.execute(packed.order_by(schema.IncidentMonth.month)).all()
    session.execute(
        text("""INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, geometry)
            SELECT id, 'about-a-person', :category, 'file', now(), ST_PointOnSurface(geometry)
            FROM subdistrict WHERE id = :home"""),
        {"home": home, "category": category},
    )
    session.execute(text("UPDATE incident SET urgent = true WHERE number = 'about-a-person'"))
    assert not session.scalar(select(schema.IncidentMonthChange.id).limit(1))
    assert session.execute(packed.order_by(schema.IncidentMonth.month)).all() == before


INSERT = text("""INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, geometry)
    SELECT id, :number, 'rubbish', 'file', now(), ST_PointOnSurface(geometry) FROM subdistrict WHERE id = :home""")


def total(demo_url: str, home: int) -> int:
    """Return the ordinary incidents of a year, in a transaction that packs and commits."""
    with Session(create_engine(demo_url)) as session, session.begin():
        day, days = SubdistrictDay(home, TODAY), DateRange(TODAY - timedelta(364), TODAY)
        counts = incident_counts.count_by_grid(session, caller_of(session), day, days).values()
        return sum(sum(each.current.values()) for each in counts)


def test_writers_do_not_wait_and_what_they_commit_counts(demo_url: str, home: int) -> None:
    before = total(demo_url, home)
    engine = create_engine(demo_url, connect_args={"options": "-c lock_timeout=2s"})
    with engine.connect() as one, engine.connect() as other:
        for number, connection in enumerate((one, other)):
            connection.execute(INSERT, {"home": home, "number": f"writer-{number}"})
        assert total(demo_url, home) == before
        one.commit()
        assert total(demo_url, home) == before + 1
        other.commit()
    assert total(demo_url, home) == before + 2


def test_packing_that_is_killed_changes_no_count(demo_url: str, home: int) -> None:
    before = total(demo_url, home)
    engine = create_engine(demo_url)
    with engine.begin() as connection:
        connection.execute(INSERT, {"home": home, "number": "before-the-kill"})
    connection = engine.connect()
    incident_months.pack_changed(connection)
    with pytest.raises(DBAPIError):
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    connection.close()
    assert total(demo_url, home) == before + 1
    with engine.connect() as connection:
        assert not incident_months.list_differences(connection)


def test_readers_at_once_pack_a_month_once(demo_url: str, home: int) -> None:
    with create_engine(demo_url).begin() as connection:
        connection.execute(INSERT, {"home": home, "number": "for-many-readers"})
    expected, found = total(demo_url, home), list[int]()
    with create_engine(demo_url).begin() as connection:
        connection.execute(INSERT, {"home": home, "number": "for-many-readers-2"})
    readers = [Thread(target=lambda: found.append(total(demo_url, home))) for _ in range(6)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert found == [expected + 1] * 6


def test_a_packed_month_that_is_wrong_is_found_and_repaired(demo_url: str) -> None:
    postgis.migrate_template(demo_url)
    engine = create_engine(demo_url)
    with engine.begin() as connection:
        incident_months.pack_changed(connection)
        month = connection.scalar(
            text(
                "UPDATE incident_month SET days = days || days WHERE month = (SELECT max(month)"
                " FROM incident_month) RETURNING month"
            )
        )
    (check,) = (each for each in check_database(demo_url) if each.subject == Message(MONTHS_PACKED))
    assert not check.holds
    assert f"{month:%Y-%m}" in check.found
    with engine.begin() as connection:
        incident_months.pack_all(connection)
    (check,) = (each for each in check_database(demo_url) if each.subject == Message(MONTHS_PACKED))
    assert check.holds


def test_months_packed_for_another_time_zone_are_not_used(session: Session, home: int) -> None:
    days = DateRange(TODAY - timedelta(100), TODAY)
    session.execute(text("UPDATE incident_month SET time_zone = 'Asia/Urumqi'"))
    packed = packed_incidents.read_months(session, caller_of(session), home, days, ())
    assert (packed.months, packed.rest) == ([], [days])
    incident_months.pack_changed(session.connection())
    packed = packed_incidents.read_months(session, caller_of(session), home, days, ())
    months = {(TODAY - timedelta(number)).replace(day=1) for number in range(101)}
    assert {each.month for each in packed.months} | {TODAY.replace(day=1)} == months  # which may begin without any
