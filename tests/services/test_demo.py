"""The built-in subdistrict as every role sees it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.errors import BadInput
from gridmap.core.names import HouseholdKind, Role
from gridmap.services import grids
from gridmap.services.demo import load_demo
from gridmap.services.demo_accounts import DemoReport
from gridmap.services.plans import adopt
from gridmap.services.revisions import save_revision
from gridmap.services.signing_in import sign_in
from gridmap.store import schema
from gridmap.store.in_force import Day
from gridmap.store.session import Database
from tests.loaded import undone
from tests.offices import app_url
from tests.seen import LONG_AGO, Seen, by_grid, incidents_by_grid

TODAY = date.today()  # noqa: DTZ011


@pytest.fixture(scope="module")
def report(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> DemoReport:
    """The demo, loaded once for the tests of this module, and a second subdistrict beside it."""
    database = Database(module_database_url, trusted=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(tmp_path_factory.mktemp("keys")))
        made = load_demo(database)
        load_demo(database, "towers")
    database.close()
    return made


@pytest.fixture
def owners(module_database_url: str, report: DemoReport) -> Iterator[Session]:
    with undone(module_database_url) as opened:
        yield opened


def number(session: Session, name: str) -> int:
    return session.scalars(select(schema.Account.id).where(schema.Account.name == name)).one()


def today(owners: Session) -> Day:
    home = owners.scalars(select(schema.Subdistrict.id).where(schema.Subdistrict.code == "440199001")).one()
    return Day(home, TODAY)


@contextmanager
def as_account(url: str, owners: Session, name: str | None) -> Iterator[Session]:
    """A session of an account, or of the owner."""
    with undone(*((app_url(url), number(owners, name)) if name else (url, None))) as session:
        yield session


def seen(url: str, owners: Session, name: str | None) -> list[Seen]:
    """The demo's grids today as an account sees them, or as the owner."""
    with as_account(url, owners, name) as session:
        return list(by_grid(session, today(owners)).values())


def test_every_role_has_an_account_whose_password_works(module_database_url: str, report: DemoReport) -> None:
    database = Database(app_url(module_database_url))
    assert [account.role for account in report.accounts] == list(Role)
    assert all(sign_in(database, account.name, account.password or "") for account in report.accounts)
    database.close()


def test_where_the_demo_is_nothing_happens_and_no_password_is_known(
    module_database_url: str, report: DemoReport, owners: Session
) -> None:
    database = Database(module_database_url, trusted=True)
    again = load_demo(database)
    database.close()
    assert not again.made
    assert {account.password for account in again.accounts} == {None}
    assert owners.scalar(select(func.count()).select_from(schema.Subdistrict)) == 2


def test_passwords_are_kept_nowhere(report: DemoReport, owners: Session) -> None:
    kept = owners.scalars(select(schema.Credential.password)).all()
    assert all(each.startswith("$argon2id$") for each in kept)


def test_figures_are_those_of_the_requirement(module_database_url: str, owners: Session) -> None:
    found = seen(module_database_url, owners, None)
    assert sum(each.households[HouseholdKind.RESIDENT] for each in found) == 4_800
    assert sum(each.residents or 0 for each in found) == 12_000
    assert sum(each.incidents for each in found) == 4_290
    assert len({each.community for each in found}) == 2


def test_codes_are_those_of_the_subdistrict(owners: Session) -> None:
    pairs = select(schema.Subdistrict.code, schema.Grid.code).join(
        schema.Grid, schema.Grid.subdistrict_id == schema.Subdistrict.id
    )
    assert all(grid.startswith(code) and len(grid) == 15 for code, grid in owners.execute(pairs))


def test_one_grid_is_vacant(module_database_url: str, owners: Session) -> None:
    assert sum(not each.workers for each in seen(module_database_url, owners, None)) == 1


@pytest.mark.parametrize(("name", "communities"), [("planner", 2), ("leader", 2), ("station", 1)])
def test_households_are_the_same_for_all(
    module_database_url: str, owners: Session, name: str, communities: int
) -> None:
    mine, everything = (seen(module_database_url, owners, account) for account in (name, None))
    theirs = {each.community for each in mine}
    assert [each.households for each in mine] == [each.households for each in everything if each.community in theirs]
    assert len(theirs) == communities


def test_a_worker_sees_incidents_of_the_own_grid_only(module_database_url: str, owners: Session) -> None:
    with as_account(module_database_url, owners, "worker") as session:
        happened = incidents_by_grid(session, today(owners), LONG_AGO)
        own = [grid for grid in grids.all_of(session, today(owners)) if grid.id in happened]
    assert [grid.workers for grid in own] == [["网格员01"]]
    assert len(happened) == 1


def test_the_planner_of_another_subdistrict_sees_nothing(module_database_url: str, owners: Session) -> None:
    with as_account(module_database_url, owners, "planner-towers") as session:
        assert not by_grid(session, today(owners))
        assert not incidents_by_grid(session, today(owners), LONG_AGO)


def moved(session: Session) -> schema.Revision:
    """A revision in which the first grid has joined a neighbour."""
    before = session.scalars(select(schema.Revision).order_by(schema.Revision.id)).first()
    assert before
    rows = select(schema.Assignment.cell_id, schema.Grid.code).join(schema.Grid)
    of = {row.cell_id: row.code for row in session.execute(rows.where(schema.Assignment.revision_id == before.id))}
    mine = [cell for cell, code in of.items() if code == min(of.values())]
    for code in sorted(set(of.values()))[1:]:
        with suppress(BadInput):
            return save_revision(session, before.id, dict.fromkeys(mine, code), day=TODAY, note="joined")
    raise AssertionError("no neighbour")


@pytest.fixture(scope="module")
def around(module_database_url: str, report: DemoReport) -> Sequence[dict[int, Seen]]:
    """What the planner sees of today, and once a changed plan is adopted for tomorrow of today and of tomorrow."""
    with undone(module_database_url) as owners:
        account, day = number(owners, "planner"), today(owners)
    with undone(app_url(module_database_url), account) as session:
        untouched = by_grid(session, day)
        tomorrow = Day(day.home, TODAY + timedelta(days=1))
        adopt(session, moved(session).id, tomorrow.on)
        return untouched, by_grid(session, day), by_grid(session, tomorrow)


def test_from_the_day_of_a_changed_plan_everything_follows(around: Sequence[dict[int, Seen]]) -> None:
    _, before, after = around
    (gone,) = set(before) - set(after)
    (grown,) = (grid for grid in after if after[grid].buildings != before[grid].buildings)
    for figure in ("residents", "incidents", "open_incidents", "facilities", "shops", "buildings"):
        both = before[gone].number(figure) + before[grown].number(figure)
        assert after[grown].number(figure) == both
    assert after[grown].workers == before[grown].workers != before[gone].workers


def test_what_a_changed_plan_leaves_alone_stays(around: Sequence[dict[int, Seen]]) -> None:
    _, before, after = around
    changed = {grid for grid in before if after.get(grid) != before[grid]}
    assert len(changed) == 2


def test_the_day_before_a_changed_plan_is_as_it_was(around: Sequence[dict[int, Seen]]) -> None:
    untouched, before, _ = around
    assert before == untouched


def test_the_page_of_a_grid_lists_what_the_overview_counts(around: Sequence[dict[int, Seen]]) -> None:
    today, _, tomorrow = around
    assert all(each.number("standing") == each.buildings for day in (today, tomorrow) for each in day.values())
