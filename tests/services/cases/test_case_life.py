"""Lives of cases at random: all parts try all actions in any order; no state is illegal, and no event is lost."""

import json

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError

from tests.fixtures.cases.incident_cases import INSERT_WORKER
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, token_of
from tests.services.cases.case_model import ACTIONS, OPEN, ROLES, CaseModel

REPORT = text(
    "INSERT INTO incident (subdistrict_id, number, category, title, channel, occurred_at, reported_by, cell_id,"
    " geometry) SELECT :subdistrict, next_incident_number(:subdistrict, :category), :category, 'a lamp', 'worker',"
    " now(), my_account(), c.id, ST_Centroid(c.geometry) FROM cell c JOIN assignment a ON a.cell_id = c.id"
    " WHERE a.grid_id = :grid RETURNING id"
)
TAKE = text("SELECT take_case_step(:incident, :version, :action, cast(:values AS jsonb))")
STEPS_IN_ORDER = "SELECT json_agg(json_build_array(s.action, s.source_state, s.target_state) ORDER BY s.id)"
LOOK = text(
    "SELECT c.state, c.version, i.status, i.closed_at IS NOT NULL AS is_closed, coalesce(("
    f"{STEPS_IN_ORDER} FROM case_step s WHERE s.incident_id = c.incident_id), '[]') AS steps,"
    " (SELECT count(*) FROM case_notice n WHERE n.incident_id = c.incident_id AND n.kind = 'assigned') AS told"
    " FROM incident_case c JOIN incident i ON i.id = c.incident_id WHERE c.incident_id = :id"
)
SET_IN_CHARGE = text(
    "UPDATE duty SET in_charge = :holds, role = CASE WHEN :holds THEN 'grid_leader' ELSE 'grid_worker' END;"
    "UPDATE account_scope SET valid = daterange('2020-01-01', CASE WHEN NOT :holds THEN today() END)"
    " WHERE grid_id IS NOT NULL"
)
QUICK_LIVES, FULL_LIVES = 40, 10_000
MAX_EVENTS = 12


class CaseLife(RuleBasedStateMachine):
    """A case in a transaction of the owner, who acts for one account after the other; a rollback ends it."""

    def __init__(self, connection: Connection, place: SubdistrictIds) -> None:
        super().__init__()
        self.connection, self.place = connection, place
        self.case: CaseModel | None = None
        self.other_id = self._report("station", "lifts")
        self.incident_id = 0
        query = text("SELECT id FROM worker WHERE name = 'Wang'")
        self.worker_id = int(connection.execute(query).scalar_one())

    @precondition(lambda self: self.case is None)
    @rule(reporter=st.sampled_from(["worker", "station"]), category=st.sampled_from(["lifts", "theft"]))
    def report(self, reporter: str, category: str) -> None:
        self.incident_id = self._report(reporter, category)
        self.case = CaseModel(reporter, category)

    @precondition(lambda self: self.case and self.case.list_possible())
    @rule(data=st.data(), by_grid=st.booleans())
    def take_possible_step(self, data: st.DataObject, by_grid: bool) -> None:
        role, action = data.draw(st.sampled_from(self._require_case().list_possible()))
        self._take(role, action, by_grid=by_grid)

    @precondition(lambda self: self.case)
    @rule(role=st.sampled_from(ROLES), action=st.sampled_from(ACTIONS))
    def try_any_step(self, role: str, action: str) -> None:
        self._take(role, action, by_grid=True)

    @precondition(lambda self: self.case and self.case.version > 1)
    @rule(role=st.sampled_from(ROLES), action=st.sampled_from(ACTIONS))
    def try_step_on_older_version(self, role: str, action: str) -> None:
        case = self._require_case()
        assert self._call(role, action, case.version - 1) == (None if case.parts(role) else "refused")

    @precondition(lambda self: self.case)
    @rule(role=st.sampled_from(["worker", "station"]))
    def withdraw(self, role: str) -> None:
        case = self._require_case()
        self._act_as(role)
        call = text("SELECT withdraw_report(:id)")
        expected = case.can_withdraw(role) if role == case.reporter else "refused"
        assert self._execute(call, {"id": self.incident_id}) == expected
        if expected is True:
            self.case = None

    @precondition(lambda self: self.case)
    @rule(closes=st.booleans())
    def follow_file(self, closes: bool) -> None:
        status = "status = 'closed', closed_at = now()" if closes else "status = 'open', closed_at = NULL"
        self._act_as(None)
        self.connection.execute(text(f"UPDATE incident SET {status} WHERE id = :id"), {"id": self.incident_id})
        self._require_case().follow_file(closes=closes)

    @precondition(lambda self: self.case and self.case.is_handled_by_worker)
    @rule()
    def leave_the_grid_to_nobody(self) -> None:
        self._act_as(None)
        self.connection.execute(SET_IN_CHARGE, {"holds": False})
        handed = self.connection.execute(text("SELECT hand_over_cases()")).scalar_one()
        self.connection.execute(SET_IN_CHARGE, {"holds": True})
        assert bool(handed) is self._require_case().lose_worker()

    @invariant()
    def the_database_has_the_expected_case(self) -> None:
        row = self.connection.execute(LOOK, {"id": self.incident_id}).first()
        if self.case is None:
            assert row is None
            return
        assert row is not None
        assert (row.state, row.version, row.told) == (self.case.state, self.case.version, self.case.told)
        assert [tuple(step) for step in row.steps] == self.case.steps
        assert (row.status == "open") is (self.case.state in OPEN) is not row.is_closed

    def teardown(self) -> None:
        self.connection.rollback()
        event(f"ends as {self.case.state if self.case else 'withdrawn'}")

    def _take(self, role: str, action: str, *, by_grid: bool) -> None:
        case = self._require_case()
        target, basis = case.target(role, action), "grid" if by_grid else "choice"
        if target is None:
            assert self._call(role, action, case.version, basis) == "refused"
            return
        assert isinstance(self._call(role, action, case.version, basis), int)
        case.take(action, target)
        if action == "assign":
            case.follows_grid = by_grid

    def _call(self, role: str, action: str, version: int, basis: str = "grid") -> object:
        values = {"text": "words", "handler_id": self.worker_id, "basis": basis, "duplicate_of": self.other_id}
        self._act_as(role)
        parameters = {"incident": self.incident_id, "version": version, "action": action}
        return self._execute(TAKE, parameters | {"values": json.dumps(values)})

    def _execute(self, statement: object, parameters: dict[str, object]) -> object:
        """Return the value of a statement; the word refused where a right is missing."""
        try:
            with self.connection.begin_nested():
                return self.connection.execute(statement, parameters).scalar_one()  # type: ignore[call-overload]
        except ProgrammingError as error:
            return "refused" if isinstance(error.orig, InsufficientPrivilege) else error

    def _report(self, role: str, category: str) -> int:
        self._act_as(role)
        keys = {"subdistrict": self.place.subdistrict_id, "grid": self.place.grid_ids[0]}
        return int(self.connection.execute(REPORT, {"category": category, **keys}).scalar_one())

    def _act_as(self, role: str | None) -> None:
        token = token_of(self.place.account_ids[role]) if role else ""
        self.connection.execute(text("SELECT act_as(:token)"), {"token": token})

    def _require_case(self) -> CaseModel:
        assert self.case is not None
        return self.case


@pytest.mark.parametrize("lives", [QUICK_LIVES, pytest.param(FULL_LIVES, marks=pytest.mark.full)])
def test_no_state_is_illegal_and_no_event_is_lost(
    filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds], lives: int
) -> None:
    place = subdistricts["east"]
    keys = {"subdistrict": place.subdistrict_id, "community": place.community_id, "grid": place.grid_ids[0]}
    engine = create_engine(filled_database.owner_url)
    with engine.begin() as connection:
        connection.execute(text(INSERT_WORKER.format(account=place.account_ids["worker"], **keys)))
    limits = settings(
        max_examples=lives, stateful_step_count=MAX_EVENTS, deadline=None, suppress_health_check=list(HealthCheck)
    )
    with engine.connect() as connection:

        class LifeInEast(CaseLife):
            def __init__(self) -> None:
                super().__init__(connection, place)

        run_state_machine_as_test(LifeInEast, settings=limits)
        connection.rollback()
        connection.execute(text("DELETE FROM duty; DELETE FROM worker WHERE name = 'Wang'"))
        connection.commit()
    engine.dispose()
