"""The built-in subdistrict as every role sees it."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.errors import BadInput
from gridmap.core.names import HouseholdKind, Role
from gridmap.services.demo import load_demo
from gridmap.services.demo_accounts import DemoReport
from gridmap.services.plans import adopt
from gridmap.services.revisions import save_revision
from gridmap.services.signing_in import sign_in
from gridmap.store import figures, schema
from gridmap.store.figures import Figures
from gridmap.store.session import Database
from tests.loaded import undone
from tests.offices import app_url

TODAY = date.today()  # noqa: DTZ011
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


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


def seen(url: str, owners: Session, name: str | None) -> list[Figures]:
    """Figures of the demo's grids today as an account sees them, or as the owner."""
    home = owners.scalars(select(schema.Subdistrict.id).where(schema.Subdistrict.code == "440199001")).one()
    told = (app_url(url), number(owners, name)) if name else (url, None)
    with undone(*told) as session:
        return list(figures.by_grid(session, home, TODAY, *ALWAYS).values())


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
    assert sum(not each.in_charge for each in seen(module_database_url, owners, None)) == 1


@pytest.mark.parametrize("name", ["planner", "leader", "station"])
def test_households_are_the_same_for_all(module_database_url: str, owners: Session, name: str) -> None:
    mine = [each.households for each in seen(module_database_url, owners, name)]
    assert mine == [each.households for each in seen(module_database_url, owners, None)]


def test_a_worker_sees_incidents_of_the_own_grid_only(module_database_url: str, owners: Session) -> None:
    found = [each for each in seen(module_database_url, owners, "worker") if each.incidents]
    assert [each.in_charge for each in found] == [["网格员01"]]


def test_the_planner_of_another_subdistrict_sees_nothing(module_database_url: str, owners: Session) -> None:
    assert not seen(module_database_url, owners, "planner-towers")


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


def test_from_the_day_of_a_changed_plan_everything_follows(module_database_url: str, owners: Session) -> None:
    with undone(app_url(module_database_url), number(owners, "planner")) as session:
        made = moved(session)
        adopt(session, made.id, TODAY + timedelta(days=1))
        days = [TODAY, TODAY + timedelta(days=1)]
        home = made.subdistrict_id
        before, after = (figures.by_grid(session, home, day, *ALWAYS) for day in days)
    (gone,) = set(before) - set(after)
    (grown,) = (grid for grid in after if after[grid].buildings != before[grid].buildings)
    for figure in ("residents", "incidents", "facilities", "buildings"):
        both = getattr(before[gone], figure) + getattr(before[grown], figure)
        assert getattr(after[grown], figure) == both
