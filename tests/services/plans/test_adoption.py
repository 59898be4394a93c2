"""Adoption of revisions: they are in force from the effective date, and not a day before."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridmap.core.errors import NotPossible
from gridmap.services.plans.adoption import adopt
from gridmap.store.queries.grids import grids_in_force
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.schema import AccountScope, Adoption, Revision
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import rolled_back_session
from tests.fixtures.subdistricts import SubdistrictIds, set_rehearsal_date

TODAY = date(2026, 6, 1)
SUMMER, AUTUMN = date(2026, 7, 1), date(2026, 9, 1)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def planner(module_database_url: str, database: Database, east: SubdistrictIds) -> Iterator[Session]:
    """Open a session of the planner of east, on the first of June."""
    set_rehearsal_date(module_database_url, TODAY)
    url = database.engine.url.render_as_string(hide_password=False)
    with rolled_back_session(url, east.token("planner")) as session:
        yield session
    set_rehearsal_date(module_database_url, None)


def create_next_revision(session: Session, number: int = 2) -> int:
    """Insert the next revision of the plan."""
    first = session.scalars(select(Revision).where(Revision.number == 1)).one()
    names = ("subdistrict_id", "plan_id", "community_id", "land_id", "minimum", "maximum")
    saved = Revision(number=number, **{name: getattr(first, name) for name in names})
    session.add(saved)
    session.flush()
    return saved.id


def select_first_revision_id(session: Session) -> int:
    """Return the key of a revision, or one that does not exist for accounts that see none."""
    return session.scalars(select(Revision.id).order_by(Revision.id)).first() or 0


def set_approval(owner_database: Database, account_id: int, *, granted: bool) -> None:
    with owner_database.transaction() as session:
        change = update(AccountScope).where(AccountScope.account_id == account_id)
        session.execute(change.values(can_approve=granted))


def adoption_periods(session: Session) -> list[Range[date]]:
    return list(session.scalars(select(Adoption.valid).order_by(Adoption.valid)))


def revision_number_on(session: Session, subdistrict: SubdistrictIds, on: date) -> int | None:
    """Return the number of the revision in force in the community of a subdistrict."""
    row = session.execute(
        grids_in_force.select_revisions(caller_of(session), SubdistrictDay(subdistrict.subdistrict_id, on))
    ).one_or_none()
    return row.Revision.number if row else None


def test_a_revision_is_in_force_from_its_day_and_not_a_day_before(planner: Session, east: SubdistrictIds) -> None:
    adopt(planner, caller_of(planner), create_next_revision(planner), SUMMER)
    assert [revision_number_on(planner, east, day) for day in (SUMMER - ONE_DAY, SUMMER)] == [1, 2]


def test_every_earlier_date_still_has_its_plan(planner: Session, east: SubdistrictIds) -> None:
    adopt(planner, caller_of(planner), create_next_revision(planner), TODAY)
    assert revision_number_on(planner, east, date(2020, 1, 1)) == 1


def test_the_plan_before_ends_where_the_next_begins(planner: Session) -> None:
    adopt(planner, caller_of(planner), create_next_revision(planner), SUMMER)
    assert [period.upper for period in adoption_periods(planner)] == [SUMMER, None]


def test_plans_may_be_adopted_one_after_the_other(planner: Session, east: SubdistrictIds) -> None:
    adopt(planner, caller_of(planner), create_next_revision(planner), SUMMER)
    adopt(planner, caller_of(planner), create_next_revision(planner, 3), AUTUMN)
    assert [revision_number_on(planner, east, day) for day in (TODAY, SUMMER, AUTUMN)] == [1, 2, 3]


def test_a_plan_for_later_is_not_replaced_by_default(planner: Session) -> None:
    adopt(planner, caller_of(planner), create_next_revision(planner), AUTUMN)
    with pytest.raises(NotPossible, match="2026-09-01"):
        adopt(planner, caller_of(planner), create_next_revision(planner, 3), SUMMER)


def test_a_plan_for_later_is_replaced_on_request(planner: Session, east: SubdistrictIds) -> None:
    adopt(planner, caller_of(planner), create_next_revision(planner), AUTUMN)
    adopt(planner, caller_of(planner), create_next_revision(planner, 3), SUMMER, replace=True)
    assert [revision_number_on(planner, east, day) for day in (TODAY, SUMMER, AUTUMN)] == [1, 3, 3]


def test_several_plans_for_later_are_never_replaced_at_once(planner: Session) -> None:
    adopt(planner, caller_of(planner), create_next_revision(planner), SUMMER)
    adopt(planner, caller_of(planner), create_next_revision(planner, 3), AUTUMN)
    with pytest.raises(NotPossible, match="choose 2026-09-01"):
        adopt(planner, caller_of(planner), create_next_revision(planner, 4), TODAY, replace=True)


def test_a_past_day_is_refused(planner: Session) -> None:
    with pytest.raises(NotPossible, match="past"):
        adopt(planner, caller_of(planner), create_next_revision(planner), TODAY - ONE_DAY)


def test_today_is_early_enough(planner: Session, east: SubdistrictIds) -> None:
    adopt(planner, caller_of(planner), create_next_revision(planner), TODAY)
    assert revision_number_on(planner, east, TODAY) == 2


def test_a_plan_in_force_since_today_stays_for_the_day(planner: Session, east: SubdistrictIds) -> None:
    adopt(planner, caller_of(planner), create_next_revision(planner), TODAY)
    third = create_next_revision(planner, 3)
    with pytest.raises(NotPossible, match=f"choose {(TODAY + ONE_DAY).isoformat()}"):
        adopt(planner, caller_of(planner), third, TODAY, replace=True)
    adopt(planner, caller_of(planner), third, TODAY + ONE_DAY)
    assert [revision_number_on(planner, east, day) for day in (TODAY, TODAY + ONE_DAY)] == [2, 3]


@pytest.mark.parametrize("change", ["revision_id = :revision", "valid = daterange(:tomorrow, NULL)"])
def test_the_database_keeps_an_adoption_that_has_begun(planner: Session, change: str) -> None:
    saved = adopt(planner, caller_of(planner), create_next_revision(planner), TODAY)
    values = {"id": saved.id, "revision": create_next_revision(planner, 3), "tomorrow": TODAY + ONE_DAY}
    statement = text(f"UPDATE adoption SET {change} WHERE id = :id")
    used = {name: value for name, value in values.items() if f":{name}" in str(statement)}
    with pytest.raises(DBAPIError, match="has begun"):
        planner.execute(statement, used)


def test_the_adopting_account_is_stored(planner: Session, east: SubdistrictIds) -> None:
    saved = adopt(planner, caller_of(planner), create_next_revision(planner), SUMMER, note="decision 12")
    assert (saved.adopted_by, saved.note) == (east.account_ids["planner"], "decision 12")


def test_a_plan_of_another_subdistrict_does_not_exist(
    planner: Session, west: SubdistrictIds, owner_database: Database
) -> None:
    with owner_database.transaction() as session:
        foreign_id = session.scalars(select(Revision.id).where(Revision.community_id == west.community_id)).one()
    with pytest.raises(NotPossible, match="does not exist"):
        adopt(planner, caller_of(planner), foreign_id, SUMMER)


@pytest.mark.parametrize("role", ["worker", "station", "admin"])
def test_other_roles_do_not_adopt(database: Database, east: SubdistrictIds, role: str) -> None:
    with (
        pytest.raises(NotPossible),
        database.transaction(east.token(role)) as session,
    ):
        adopt(session, caller_of(session), select_first_revision_id(session), date(2090, 1, 1))


def test_a_leader_adopts(database: Database, east: SubdistrictIds) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    with rolled_back_session(url, east.token("leader")) as session:
        adopted = adopt(session, caller_of(session), select_first_revision_id(session), date(2090, 1, 1))
        assert adopted.adopted_by == east.account_ids["leader"]


def test_a_planner_without_the_right_does_not_adopt(
    database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    set_approval(owner_database, east.account_ids["planner"], granted=False)
    with pytest.raises(NotPossible, match="may not approve"), database.transaction(east.token("planner")) as session:
        adopt(session, caller_of(session), select_first_revision_id(session), date(2090, 1, 1))
    set_approval(owner_database, east.account_ids["planner"], granted=True)
