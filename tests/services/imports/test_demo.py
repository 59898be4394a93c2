"""Demo subdistrict: figures as every role sees them, before and after a change of its plan."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta

import pytest
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.cases.machine import OPEN_STATES
from gridmap.core.errors import InvalidInput
from gridmap.core.vocabulary import CaseState, HouseholdKind, Role
from gridmap.services.accounts.sign_in import sign_in
from gridmap.services.grids import in_force
from gridmap.services.imports.demo import load_demo
from gridmap.services.imports.demo_accounts import DemoReport
from gridmap.services.plans.adoption import adopt
from gridmap.services.plans.changes import save_revision
from gridmap.store import schema
from gridmap.store.queries.demo import is_demo
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans.revisions import RevisionRow
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.grid_snapshot import EARLIEST_DATE, GridSnapshot, count_incidents_by_grid, snapshot_grids
from tests.fixtures.loaded_town import load_demo_presets, rolled_back_account_session, rolled_back_session
from tests.fixtures.subdistricts import auth_url

TODAY = date.today()  # noqa: DTZ011 - the day of the machine


@pytest.fixture(scope="module")
def report(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> DemoReport:
    """Load the demo and a second subdistrict once for the tests of this module."""
    return load_demo_presets(module_database_url, tmp_path_factory.mktemp("keys"), "strip", "towers")


@pytest.fixture
def owner_session(module_database_url: str, report: DemoReport) -> Iterator[Session]:
    with rolled_back_session(module_database_url) as opened:
        yield opened


def account_id(session: Session, account_name: str) -> int:
    return session.scalars(select(schema.Account.id).where(schema.Account.name == account_name)).one()


def demo_today(owner_session: Session) -> SubdistrictDay:
    subdistrict_id = owner_session.scalars(
        select(schema.Subdistrict.id).where(schema.Subdistrict.code == "440199001")
    ).one()
    return SubdistrictDay(subdistrict_id, TODAY)


@contextmanager
def session_as(owner_url: str, owner_session: Session, name: str | None) -> Iterator[Session]:
    """Open a session of an account, or of the owner."""
    opened = rolled_back_account_session(owner_url, account_id(owner_session, name)) if name else None
    with opened or rolled_back_session(owner_url) as session:
        yield session


def snapshots_as(owner_url: str, owner_session: Session, name: str | None) -> list[GridSnapshot]:
    """Return the grids of the demo today as an account sees them, or as the owner does."""
    with session_as(owner_url, owner_session, name) as session:
        return list(snapshot_grids(session, demo_today(owner_session)).values())


def test_every_role_has_an_account_whose_password_works(module_database_url: str, report: DemoReport) -> None:
    database = Database(auth_url(module_database_url))
    assert [account.role for account in report.accounts] == list(Role)
    assert all(sign_in(database, account.name, account.password or "") for account in report.accounts)
    database.close()


def test_a_loaded_demo_stays_unchanged_and_its_passwords_unknown(
    module_database_url: str, report: DemoReport, owner_session: Session
) -> None:
    database = Database(module_database_url, trusted=True)
    again = load_demo(database)
    database.close()
    assert not again.created
    assert {account.password for account in again.accounts} == {None}
    assert owner_session.scalar(select(func.count()).select_from(schema.Subdistrict)) == 2


def test_a_demo_is_told_from_real_data(report: DemoReport, owner_session: Session) -> None:
    assert is_demo(owner_session)
    person = owner_session.scalars(select(schema.Resident).limit(1)).one()
    person.source = "register of residents"
    owner_session.flush()
    assert not is_demo(owner_session)


def test_only_hashes_of_passwords_are_stored(report: DemoReport, owner_session: Session) -> None:
    hashes = owner_session.scalars(select(schema.Credential.password_hash)).all()
    assert all(re.fullmatch(r"[0-9a-f]{8}\$argon2id\$.*", each) for each in hashes)


def test_the_demo_has_the_required_figures(module_database_url: str, owner_session: Session) -> None:
    snapshots = snapshots_as(module_database_url, owner_session, None)
    assert sum(each.households[HouseholdKind.RESIDENT] for each in snapshots) == 4_800
    assert sum(each.residents or 0 for each in snapshots) == 12_000
    assert sum(each.incidents for each in snapshots) == 4_290
    assert len({each.community_id for each in snapshots}) == 2


def test_the_demo_has_cases_in_every_state_and_some_overdue(owner_session: Session) -> None:
    states = owner_session.scalars(select(schema.Case.state).distinct()).all()
    assert set(states) == set(CaseState) - {CaseState.WITHDRAWN}
    assert count_cases(owner_session, schema.Case.due_on < TODAY) >= 3
    assert count_cases(owner_session, schema.Case.due_on.between(TODAY, TODAY + timedelta(days=2))) >= 3
    assert count_cases(owner_session, schema.Case.supervised_at.is_not(None)) >= 1


def test_cases_of_the_demo_are_as_steps_would_have_left_them(owner_session: Session) -> None:
    last = select(schema.CaseStep.target_state).where(schema.CaseStep.incident_id == schema.Case.incident_id)
    last_state = last.order_by(schema.CaseStep.id.desc()).limit(1).scalar_subquery()
    wrong = select(func.count()).select_from(schema.Case).where(last_state != schema.Case.state)
    steps = select(func.count()).select_from(schema.CaseStep)
    assert owner_session.scalar(wrong) == 0
    assert (owner_session.scalar(steps) or 0) > 500
    assert owner_session.scalar(steps.where(schema.CaseStep.taken_at > func.now())) == 0


def test_no_case_of_the_demo_changes_hands_at_once(owner_session: Session) -> None:
    assert owner_session.scalar(select(func.hand_over_cases())) == 0


def count_cases(session: Session, *conditions: ColumnElement[bool]) -> int:
    """Return the number of open cases that meet some conditions."""
    is_open = schema.Case.state.in_(OPEN_STATES)
    return int(session.scalar(select(func.count()).select_from(schema.Case).where(is_open, *conditions)) or 0)


def test_codes_of_grids_begin_with_the_code_of_the_subdistrict(owner_session: Session) -> None:
    pairs = select(schema.Subdistrict.code, schema.Grid.code).join(
        schema.Grid, schema.Grid.subdistrict_id == schema.Subdistrict.id
    )
    assert all(grid.startswith(code) and len(grid) == 15 for code, grid in owner_session.execute(pairs))


def test_one_grid_is_vacant(module_database_url: str, owner_session: Session) -> None:
    assert sum(not each.workers for each in snapshots_as(module_database_url, owner_session, None)) == 1


@pytest.mark.parametrize(("name", "communities"), [("planner", 2), ("leader", 2), ("station", 1)])
def test_households_are_the_same_for_all(
    module_database_url: str, owner_session: Session, name: str, communities: int
) -> None:
    own, everything = (snapshots_as(module_database_url, owner_session, account) for account in (name, None))
    own_communities = {each.community_id for each in own}
    assert [each.households for each in own] == [
        each.households for each in everything if each.community_id in own_communities
    ]
    assert len(own_communities) == communities


def test_a_worker_sees_incidents_of_the_own_grid_only(module_database_url: str, owner_session: Session) -> None:
    with session_as(module_database_url, owner_session, "worker") as session:
        counts = count_incidents_by_grid(session, demo_today(owner_session), EARLIEST_DATE)
        own = [
            grid
            for grid in in_force.list_grids(session, caller_of(session), demo_today(owner_session))
            if grid.id in counts
        ]
    assert [tuple(grid.workers) for grid in own] == [("网格员01",)]
    assert len(counts) == 1


def test_the_planner_of_another_subdistrict_sees_nothing(module_database_url: str, owner_session: Session) -> None:
    with session_as(module_database_url, owner_session, "planner-towers") as session:
        assert not snapshot_grids(session, demo_today(owner_session))
        assert not count_incidents_by_grid(session, demo_today(owner_session), EARLIEST_DATE)


def revision_with_merged_grid(session: Session) -> RevisionRow:
    """Save a revision in which the first grid has joined a neighbour."""
    before = session.scalars(select(schema.Revision).order_by(schema.Revision.id)).first()
    assert before
    rows = select(schema.Assignment.cell_id, schema.Grid.code).join(schema.Grid)
    code_by_cell = {
        row.cell_id: row.code for row in session.execute(rows.where(schema.Assignment.revision_id == before.id))
    }
    own = [cell for cell, code in code_by_cell.items() if code == min(code_by_cell.values())]
    for code in sorted(set(code_by_cell.values()))[1:]:
        with suppress(InvalidInput):
            return save_revision(
                session, caller_of(session), before.id, dict.fromkeys(own, code), on=TODAY, note="joined"
            )
    raise AssertionError("no neighbour")


@pytest.fixture(scope="module")
def snapshots_around_adoption(module_database_url: str, report: DemoReport) -> Sequence[dict[int, GridSnapshot]]:
    """Return the grids of today; and of today and tomorrow after a changed plan is adopted for tomorrow."""
    with rolled_back_session(module_database_url) as owners:
        account, day = account_id(owners, "planner"), demo_today(owners)
    with rolled_back_account_session(module_database_url, account) as session:
        untouched = snapshot_grids(session, day)
        tomorrow = SubdistrictDay(day.subdistrict_id, TODAY + timedelta(days=1))
        adopt(session, caller_of(session), revision_with_merged_grid(session).id, tomorrow.date)
        return untouched, snapshot_grids(session, day), snapshot_grids(session, tomorrow)


def test_from_the_day_of_a_changed_plan_everything_follows(
    snapshots_around_adoption: Sequence[dict[int, GridSnapshot]],
) -> None:
    _, before, after = snapshots_around_adoption
    (gone,) = set(before) - set(after)
    (grown,) = (grid for grid in after if after[grid].buildings != before[grid].buildings)
    for figure in ("residents", "incidents", "open_incidents", "facilities", "shops", "buildings"):
        both = before[gone].count(figure) + before[grown].count(figure)
        assert after[grown].count(figure) == both
    assert after[grown].workers == before[grown].workers != before[gone].workers


def test_a_changed_plan_changes_no_other_grid(snapshots_around_adoption: Sequence[dict[int, GridSnapshot]]) -> None:
    _, before, after = snapshots_around_adoption
    changed = {grid for grid in before if after.get(grid) != before[grid]}
    assert len(changed) == 2


def test_the_day_before_a_changed_plan_is_as_it_was(
    snapshots_around_adoption: Sequence[dict[int, GridSnapshot]],
) -> None:
    untouched, before, _ = snapshots_around_adoption
    assert before == untouched


def test_the_page_of_a_grid_lists_what_the_overview_counts(
    snapshots_around_adoption: Sequence[dict[int, GridSnapshot]],
) -> None:
    today, _, tomorrow = snapshots_around_adoption
    assert all(each.count("listed_buildings") == each.buildings for day in (today, tomorrow) for each in day.values())
