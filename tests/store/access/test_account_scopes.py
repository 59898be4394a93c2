"""Functions of accounts: an admin governs only what lies within the own scope, and gives no more than he has."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import IntegrityError

from tests.fixtures.second_community import TwoCommunities, create_second_community
from tests.fixtures.subdistricts import FilledDatabase, auth_url
from tests.store.access.test_row_security import assert_refused

ActAs = Callable[[str], Connection]
CREATE = (
    "SELECT create_account('new-account', 'New', '{role}', 'hash', {subdistrict}, {community}, {grid},"
    " daterange('2020-01-01', NULL), {can_approve})"
)
GRANT = (
    "SELECT grant_scope({account}, {subdistrict}, {community}, {grid}, daterange('2030-01-01', '2031-01-01'), false)"
)


@pytest.fixture(scope="module")
def two(filled_database: FilledDatabase) -> TwoCommunities:
    """Add the community east2, and accounts of one community."""
    return create_second_community(filled_database)


@pytest.fixture
def act_as(module_database_url: str, two: TwoCommunities) -> Iterator[ActAs]:
    """Function that makes a connection of the login for accounts act for an account; rolled back at the end."""
    engine = create_engine(auth_url(module_database_url))
    with engine.connect() as connection:

        def act(name: str) -> Connection:
            connection.execute(text("SELECT act_as(:token)"), {"token": two.token(name)})
            return connection

        yield act
    engine.dispose()


def create_statement(two: TwoCommunities, role: str, place: str, *, can_approve: bool = False) -> str:
    """Return the statement that creates an account of a role in ``east``, ``east1``, ``east2`` or a grid of these."""
    community = {"east1": two.east1, "east2": two.east2}.get(place[:5])
    return CREATE.format(
        role=role,
        subdistrict=two.east1.subdistrict_id,
        community=community.community_id if community else "NULL",
        grid=community.grid_id if community and place.endswith("grid") else "NULL",
        can_approve=can_approve,
    )


@pytest.mark.parametrize("name", ["leader", "planner", "admin", "leader of east2", "admin of east2", "worker of east2"])
def test_the_admin_of_a_community_resets_no_password_outside_it(act_as: ActAs, two: TwoCommunities, name: str) -> None:
    with assert_refused(connection := act_as("admin of east1"), "not allowed"):
        connection.execute(text(f"SELECT set_password({two.account_ids[name]}, 'hash', NULL)"))


@pytest.mark.parametrize("name", ["leader of east1", "station of east1", "worker of east1", "ended station"])
def test_the_admin_of_a_community_resets_passwords_within_it(act_as: ActAs, two: TwoCommunities, name: str) -> None:
    act_as("admin of east1").execute(text(f"SELECT set_password({two.account_ids[name]}, 'hash', NULL)"))


@pytest.mark.parametrize("name", ["leader", "leader of east2", "admin"])
@pytest.mark.parametrize("call", ["set_active({0}, false)", "end_scope({1})"])
def test_the_admin_of_a_community_ends_nothing_outside_it(
    act_as: ActAs, two: TwoCommunities, name: str, call: str
) -> None:
    with assert_refused(connection := act_as("admin of east1"), "not allowed"):
        connection.execute(text(f"SELECT {call.format(two.account_ids[name], two.scope_ids[name])}"))


@pytest.mark.parametrize("name", ["admin of east1", "leader of east1", "station of east1"])
@pytest.mark.parametrize("place", ["east", "east2"])
def test_the_admin_of_a_community_gives_no_scope_beyond_it(
    act_as: ActAs, two: TwoCommunities, name: str, place: str
) -> None:
    community = two.east2.community_id if place == "east2" else "NULL"
    keys = {"subdistrict": two.east1.subdistrict_id, "community": community, "grid": "NULL"}
    with assert_refused(connection := act_as("admin of east1"), "not allowed"):
        connection.execute(text(GRANT.format(account=two.account_ids[name], **keys)))


@pytest.mark.parametrize("name", ["admin of east1", "admin"])
def test_nobody_gives_a_scope_to_himself(act_as: ActAs, two: TwoCommunities, name: str) -> None:
    keys = {"subdistrict": two.east1.subdistrict_id, "community": two.east1.community_id, "grid": "NULL"}
    with assert_refused(connection := act_as(name), "not allowed"):
        connection.execute(text(GRANT.format(account=two.account_ids[name], **keys)))


@pytest.mark.parametrize(
    ("name", "role", "place"),
    [
        ("admin of east1", "station", "east"),
        ("admin of east1", "station", "east2"),
        ("admin of east1", "worker", "east2 grid"),
        ("admin of east1", "admin", "east"),
        ("leader of east1", "worker", "east1 grid"),
        ("planner", "worker", "east1 grid"),
        ("ended admin", "station", "east1"),
        ("future admin", "station", "east1"),
    ],
)
def test_an_account_beyond_the_own_scope_is_refused(
    act_as: ActAs, two: TwoCommunities, name: str, role: str, place: str
) -> None:
    with assert_refused(connection := act_as(name), "not allowed"):
        connection.execute(text(create_statement(two, role, place)))


@pytest.mark.parametrize("place", ["east1", "east1 grid"])
def test_the_admin_of_a_community_creates_accounts_within_it(act_as: ActAs, two: TwoCommunities, place: str) -> None:
    role = "worker" if place.endswith("grid") else "station"
    assert act_as("admin of east1").scalar(text(create_statement(two, role, place))) > 0


@pytest.mark.parametrize("role", ["planner", "leader", "station", "admin"])
def test_only_workers_have_a_scope_of_one_grid(act_as: ActAs, two: TwoCommunities, role: str) -> None:
    with assert_refused(connection := act_as("admin"), "no scope of this level", IntegrityError):
        connection.execute(text(create_statement(two, role, "east1 grid")))


@pytest.mark.parametrize("role", ["leader", "station", "admin", "worker"])
def test_only_planners_are_given_the_right_to_approve(act_as: ActAs, two: TwoCommunities, role: str) -> None:
    with assert_refused(connection := act_as("admin"), "only a planner", IntegrityError):
        connection.execute(text(create_statement(two, role, "east1", can_approve=True)))


@pytest.mark.parametrize(
    ("name", "worker", "account"),
    [
        ("admin of east1", "east2", "worker of east1"),
        ("admin of east1", "east1", "worker of east2"),
        ("admin of east2", "east1", "worker of east2"),
        ("admin", "east2", "planner of east2"),
        ("planner", "east2", "worker of east2"),
    ],
)
def test_a_link_to_the_roster_beyond_the_own_scope_is_refused(
    act_as: ActAs, two: TwoCommunities, name: str, worker: str, account: str
) -> None:
    worker_id = {"east1": two.east1, "east2": two.east2}[worker].worker_id
    with assert_refused(connection := act_as(name), "not allowed"):
        connection.execute(text(f"SELECT link_worker({worker_id}, {two.account_ids[account]})"))


def test_a_link_to_the_roster_is_recorded(act_as: ActAs, two: TwoCommunities) -> None:
    connection = act_as("admin of east2")
    connection.execute(text(f"SELECT link_worker({two.east2.worker_id}, {two.account_ids['worker of east2']})"))
    query = "SELECT action, subject_id, community_id FROM audit WHERE subject = 'account'"
    recorded = connection.execute(text(query)).all()
    assert recorded == [("worker_linked", two.account_ids["worker of east2"], two.east2.community_id)]
