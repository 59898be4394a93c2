"""Steps of cases by plain SQL: who takes which, what follows, and what everybody else sees of it."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, token_of
from tests.fixtures.web_app import execute_sql
from tests.store.access.test_row_security import assert_refused, count_rows
from tests.store.conftest import ConnectAs

REPORT = text(
    "INSERT INTO incident (subdistrict_id, number, category, title, channel, occurred_at, reported_by, cell_id,"
    " geometry) SELECT :subdistrict, next_incident_number(:subdistrict, :category), :category, 'a lamp', 'worker',"
    " now(), my_account(), c.id, ST_Centroid(c.geometry) FROM cell c WHERE c.subdistrict_id = :subdistrict"
    " ORDER BY c.id LIMIT 1"
)
OWN_REPORT = text("SELECT find_my_report((SELECT max(number) FROM incident), NULL)")
WORKER = (
    "INSERT INTO worker (subdistrict_id, community_id, name, account_id, valid)"
    " VALUES ({subdistrict_id}, {community_id}, '{name}', {account}, daterange('2020-01-01', NULL))"
)
DUTY = (
    "INSERT INTO duty (subdistrict_id, worker_id, kind, grid_id, role, in_charge, valid) SELECT {subdistrict_id}, id,"
    " 'own_grid', {grid}, 'grid_leader', true, daterange('2020-01-01', NULL) FROM worker WHERE name = '{name}'"
)
Take = Callable[..., int | None]


@pytest.fixture(scope="module", autouse=True)
def roster(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> None:
    """Put the worker of each subdistrict in charge of its first grid."""
    for name, place in subdistricts.items():
        values = {"subdistrict_id": place.subdistrict_id, "community_id": place.community_id, "name": f"Worker {name}"}
        execute_sql(filled_database, WORKER.format(account=place.account_ids["worker"], **values))
        execute_sql(filled_database, DUTY.format(grid=place.grid_ids[0], **values))


class Office:
    """Accounts of the subdistrict east, who take steps of one case within a transaction."""

    def __init__(self, connection: Connection, place: SubdistrictIds) -> None:
        self.connection, self.place = connection, place
        self.incident_id = 0

    def act_as(self, role: str) -> Connection:
        self.connection.execute(text("SELECT act_as(:token)"), {"token": token_of(self.place.account_ids[role])})
        return self.connection

    def report(self, role: str = "worker", category: str = "lifts") -> int:
        self.act_as(role).execute(REPORT, {"subdistrict": self.place.subdistrict_id, "category": category})
        self.incident_id = int(self.connection.execute(OWN_REPORT).scalar_one())
        return self.incident_id

    def take(self, role: str, action: str, version: int | None = None, **values: object) -> int | None:
        self.act_as(role)
        seen = self.value("version") if version is None else version
        call = text("SELECT take_case_step(:incident, :version, :action, cast(:values AS jsonb))")
        parameters = {"incident": self.incident_id, "version": seen, "action": action, "values": json.dumps(values)}
        step: int | None = self.connection.execute(call, parameters).scalar()
        return step

    def value(self, column: str) -> object:
        query = text(f"SELECT {column} FROM incident_case WHERE incident_id = :id")
        return self.connection.execute(query, {"id": self.incident_id}).scalar()

    def worker_id(self) -> int:
        query = text("SELECT id FROM worker WHERE account_id = :account")
        return int(self.connection.execute(query, {"account": self.place.account_ids["worker"]}).scalar_one())

    def assign(self) -> int | None:
        self.act_as("station")
        return self.take("station", "assign", handler_id=self.worker_id(), basis="grid")

    def notices(self, role: str) -> list[str]:
        rows = self.act_as(role).execute(text("SELECT kind FROM case_notice ORDER BY id"))
        return list(rows.scalars())


@pytest.fixture
def office(connect_as: ConnectAs, east: SubdistrictIds) -> Office:
    return Office(connect_as(east.account_ids["worker"]), east)


def test_a_report_is_received_with_a_promised_day(office: Office) -> None:
    office.report()
    assert office.value("state || ' ' || (due_on - today())") == "received 7"


def test_a_case_goes_from_report_to_result(office: Office) -> None:
    office.report()
    for role, action, values in (
        ("station", "accept", {}),
        ("station", "assign", {"handler_id": office.worker_id(), "basis": "grid"}),
        ("worker", "begin", {}),
        ("worker", "note", {"text": "ladder ordered"}),
        ("worker", "close", {"text": "lamp replaced"}),
    ):
        assert office.take(role, action, **values) is not None
    status = office.connection.execute(text("SELECT status FROM incident WHERE id = :id"), {"id": office.incident_id})
    assert (office.value("state"), status.scalar_one()) == ("closed", "closed")
    steps = office.connection.execute(text("SELECT action, actor_name, text FROM case_step ORDER BY id")).all()
    assert [tuple(step) for step in steps] == [
        ("accept", "East-Station", None),
        ("assign", "East-Station", None),
        ("begin", "Worker east", None),
        ("note", "Worker east", "ladder ordered"),
        ("close", "Worker east", "lamp replaced"),
    ]


def test_the_first_receiver_owns_a_case_until_another_accepts(office: Office) -> None:
    office.report()
    office.take("station", "accept")
    office.assign()
    assert office.value("owner_name") == "East-Station"
    office.take("worker", "begin")
    assert office.value("owner_name") == "Worker east"
    office.take("worker", "send_back", text="not mine")
    assert (office.value("owner_name"), office.value("state")) == ("East-Station", "accepted")


def test_a_step_on_an_older_version_changes_nothing(office: Office) -> None:
    office.report()
    assert office.take("station", "accept", version=1) is not None
    assert office.take("station", "close", version=1, text="done") is None
    assert (office.value("state"), count_rows(office.connection, "case_step")) == ("accepted", 1)


@pytest.mark.parametrize(
    ("role", "action"),
    [
        ("worker", "accept"),
        ("planner", "accept"),
        ("leader", "accept"),
        ("admin", "accept"),
        ("leader", "close"),
        ("worker", "close"),
        ("station", "begin"),
        ("station", "hand_over"),
        ("station", "supervise"),
        ("station", "reopen"),
    ],
)
def test_nobody_takes_a_step_of_another_part_or_state(office: Office, role: str, action: str) -> None:
    office.report()
    with assert_refused(office.connection):
        office.take(role, action, version=1, text="a reason")


def test_a_reason_is_needed(office: Office) -> None:
    office.report()
    office.take("station", "accept")
    with assert_refused(office.connection):
        office.take("station", "close", text="  ")


def test_accounts_of_another_subdistrict_take_no_step(office: Office, west: SubdistrictIds) -> None:
    incident = office.report()
    office.place = west
    with assert_refused(office.connection):
        office.take("station", "accept", version=1)
    assert count_rows(office.act_as("station"), "incident_case", f"incident_id = {incident}") == 0


def test_each_party_is_told_of_what_others_do(office: Office) -> None:
    office.report("station")
    office.assign()
    office.take("leader", "supervise")
    assert office.notices("worker") == ["assigned", "supervised"]
    office.take("worker", "close", text="done")
    assert office.notices("station") == ["supervised", "closed"]
    office.connection.execute(text("SELECT see_case_notices(NULL)"))
    assert count_rows(office.connection, "case_notice", "seen_at IS NULL") == 0


def test_the_reporter_is_told_of_each_step_of_others(office: Office) -> None:
    office.report()
    office.take("station", "ask_reporter", text="which lamp?")
    office.take("worker", "answer", text="the one at the gate")
    office.take("station", "accept")
    office.take("station", "close", text="done")
    office.take("station", "reopen", text="it is out again")
    assert office.notices("worker") == ["asked", "accepted", "closed", "reopened"]


def test_a_leader_supervises_ordinary_cases_only(office: Office) -> None:
    office.report(category="theft")
    office.take("station", "accept")
    with assert_refused(office.connection):
        office.take("leader", "supervise", version=2)
    assert count_rows(office.act_as("leader"), "case_step") == 0


def test_planners_read_no_steps(office: Office) -> None:
    office.report()
    office.take("station", "accept")
    assert count_rows(office.act_as("planner"), "incident_case") == 1
    assert count_rows(office.connection, "case_step") == 0


def test_a_report_is_withdrawn_within_ten_minutes_if_untouched(office: Office) -> None:
    incident = office.report()
    withdraw = text("SELECT withdraw_report(:id)")
    assert office.connection.execute(withdraw, {"id": incident}).scalar_one() is True
    assert count_rows(office.connection, "incident", f"id = {incident}") == 0
    assert count_rows(office.connection, "withdrawn_report") == 1


def test_a_report_that_was_accepted_is_not_withdrawn(office: Office) -> None:
    incident = office.report()
    office.take("station", "accept")
    office.act_as("worker")
    assert office.connection.execute(text("SELECT withdraw_report(:id)"), {"id": incident}).scalar_one() is False
    assert count_rows(office.connection, "incident", f"id = {incident}") == 1


def test_a_report_has_three_photos_at_most_and_none_twice(office: Office) -> None:
    incident = office.report()
    add = text("SELECT add_incident_photo(:id, NULL, :content, 4, 3)")
    added = [
        office.connection.execute(add, {"id": incident, "content": content}).scalar()
        for content in (b"a", b"b", b"a", b"c", b"d")
    ]
    assert added[0] == added[2]
    assert [photo is None for photo in added] == [False, False, False, False, True]


def test_a_file_that_closes_an_incident_closes_its_case(office: Office) -> None:
    office.report("station")
    update = text("UPDATE incident SET status = 'closed', closed_at = now() WHERE id = :id")
    office.connection.execute(update, {"id": office.incident_id})
    assert (office.value("state"), office.value("version")) == ("closed", 2)


@pytest.fixture
def owned_office(owner_connection: Connection, east: SubdistrictIds) -> Office:
    """The office on a connection of the owner, who runs the periodic task within the transaction of the test."""
    office = Office(owner_connection, east)
    office.report("station")
    office.assign()
    office.take("worker", "begin")
    return office


def hand_over(office: Office) -> int:
    office.connection.execute(text("SELECT act_as('')"))
    return int(office.connection.execute(text("SELECT hand_over_cases()")).scalar_one())


def replace_worker(office: Office, account: str) -> None:
    """Give the first grid to another person from today on."""
    values = {"subdistrict_id": office.place.subdistrict_id, "community_id": office.place.community_id, "name": "New"}
    office.connection.execute(text("DELETE FROM account_scope WHERE account_id = :id"), {"id": office_account(office)})
    office.connection.execute(text("DELETE FROM duty WHERE subdistrict_id = :id"), {"id": values["subdistrict_id"]})
    office.connection.execute(text(WORKER.format(account=account, **values)))
    office.connection.execute(text(DUTY.format(grid=office.place.grid_ids[0], **values)))


def office_account(office: Office) -> int:
    return office.place.account_ids["worker"]


def add_account(office: Office) -> int:
    """Add another worker's account and return its key."""
    query = "INSERT INTO account (name, display_name, role) VALUES ('second', 'Second', 'worker') RETURNING id"
    return int(office.connection.execute(text(query)).scalar_one())


def test_a_case_stays_where_its_worker_keeps_the_grid(owned_office: Office) -> None:
    assert (hand_over(owned_office), owned_office.value("state")) == (0, "in_progress")


def test_a_case_follows_the_grid_to_another_worker(owned_office: Office) -> None:
    replace_worker(owned_office, str(add_account(owned_office)))
    assert (hand_over(owned_office), hand_over(owned_office), owned_office.value("state")) == (1, 0, "assigned")
    rows = owned_office.connection.execute(text("SELECT account_id, kind FROM case_notice ORDER BY id DESC LIMIT 3"))
    assert {kind: account == office_account(owned_office) for account, kind in rows} == {
        "taken_over": False,
        "handed_over": True,
        "passed_on": False,
    }


def test_a_case_goes_back_to_the_station_where_nobody_is_in_charge(owned_office: Office) -> None:
    replace_worker(owned_office, "NULL")
    assert (hand_over(owned_office), owned_office.value("state")) == (1, "accepted")
    assert owned_office.value("handler_id") is None


def test_a_case_by_choice_stays_with_its_worker(owned_office: Office) -> None:
    owned_office.take("station", "assign", handler_id=owned_office.worker_id(), basis="choice")
    replace_worker(owned_office, str(add_account(owned_office)))
    assert hand_over(owned_office) == 0


@pytest.mark.parametrize(("days", "told"), [(0, 0), (-1, 2)])
def test_an_overdue_case_is_told_once_to_owner_and_worker(owned_office: Office, days: int, told: int) -> None:
    owned_office.assign()
    update = text("UPDATE incident_case SET due_on = today() + :days, owner_id = :station WHERE incident_id = :id")
    values = {"days": days, "id": owned_office.incident_id, "station": owned_office.place.account_ids["station"]}
    owned_office.connection.execute(update, values)
    owned_office.connection.execute(text("SELECT act_as('')"))
    tell = text("SELECT tell_overdue_cases()")
    assert [owned_office.connection.execute(tell).scalar_one() for _ in range(2)] == [told, 0]


def test_a_reporter_settles_the_own_report_on_the_spot(office: Office) -> None:
    office.report()
    assert office.take("worker", "settle", text="bulb changed") is not None
    assert (office.value("state"), office.value("owner_name")) == ("closed", "Worker east")


def test_nobody_settles_without_a_result_or_after_it_was_taken_in(office: Office) -> None:
    office.report()
    with assert_refused(office.connection):
        office.take("worker", "settle", text=" ")
    office.take("station", "accept")
    with assert_refused(office.connection):
        office.take("worker", "settle", text="bulb changed")


def call(office: Office, role: str, function: str, *values: object) -> bool:
    names = [f"v{index}" for index in range(len(values))]
    query = text(f"SELECT {function}({', '.join(f':{name}' for name in names)})")
    return bool(office.act_as(role).execute(query, dict(zip(names, values, strict=True))).scalar())


def test_a_reporter_says_that_the_own_report_repeats_an_open_case_that_is_seen(office: Office) -> None:
    known, other_kind, own = (office.report(category=each) for each in ("lifts", "noise", "lifts"))
    for target in (other_kind, office.report(category="theft"), 0, own):
        assert call(office, "worker", "repeat_report", own, target) is False
    office.incident_id = own
    assert call(office, "worker", "repeat_report", office.incident_id, known) is True
    assert (office.value("state"), office.value("duplicate_of")) == ("duplicate", known)
    with assert_refused(office.connection):
        call(office, "station", "repeat_report", office.incident_id, known)
    assert call(office, "worker", "withdraw_report", known) is False  # others repeat it


def test_a_report_repeats_no_case_of_another_grid(owner_connection: Connection, east: SubdistrictIds) -> None:
    office = Office(owner_connection, east)
    known, own = office.report("station"), office.report()
    move = text(
        "UPDATE incident SET cell_id = (SELECT max(cell_id) FROM assignment WHERE grid_id = :grid) WHERE id = :id"
    )
    for grid_id, is_seen in ((east.grid_ids[1], False), (east.grid_ids[0], True)):
        office.connection.execute(move, {"grid": grid_id, "id": known})
        assert call(office, "worker", "repeat_report", own, known) is is_seen


def test_a_report_is_mended_by_its_reporter_only_and_while_nobody_has_touched_it(office: Office) -> None:
    incident = office.report()
    for role in ("station", "leader", "planner"):
        with assert_refused(office.connection):
            call(office, role, "mend_report", incident, "noise", "loud")
    assert call(office, "worker", "mend_report", incident, "noise", "loud") is True
    assert office.value("version") == 2
    with assert_refused(office.connection, "keeps its class"):
        call(office, "worker", "mend_report", incident, "theft", "stolen")
    office.take("station", "accept")
    assert call(office, "worker", "mend_report", incident, "lifts", None) is False
