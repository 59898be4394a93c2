"""A subdistrict whose accounts use the services of cases, for their tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import CaseAction
from gridmap.services.cases import cases, steps
from gridmap.services.cases.cases import CaseDetails, Inbox
from gridmap.services.cases.steps import StepRequest
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.cases.incident_cases import add_incident, select_value
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import execute_sql

METRES_PER_DEGREE = 110_850.0
"""Length of a degree of latitude at 29° north."""


@dataclass(frozen=True)
class ServiceOffice:
    """Accounts of the subdistrict east, which call services; each call is a transaction of its own."""

    database: Database
    filled: FilledDatabase
    place: SubdistrictIds

    @contextmanager
    def act_as(self, role: str, place: SubdistrictIds | None = None) -> Iterator[tuple[Session, Caller]]:
        """Open a transaction of an account."""
        with self.database.transaction((place or self.place).token(role)) as session:
            yield session, caller_of(session)

    def report(self, category: str = "lifts", title: str = "a lamp is out") -> int:
        """Add an incident that the worker has reported in the first grid."""
        return add_incident(self.filled, self.place, category, title)

    def load(self, role: str, incident_id: int) -> CaseDetails:
        with self.act_as(role) as (session, caller):
            return cases.load_case(session, caller, incident_id)

    def inbox(self, role: str) -> Inbox:
        with self.act_as(role) as (session, caller):
            return cases.load_inbox(session, caller)

    def take(self, role: str, incident_id: int, action: CaseAction, **values: object) -> int:
        """Take a step on the present version, unless another one is given."""
        version = values.pop("version", None) or self.load(role, incident_id).case.version
        if action is CaseAction.ASSIGN:
            values = {"worker_id": self.worker_id()} | values
        request = StepRequest(incident_id, int(str(version)), action, **values)  # type: ignore[arg-type]
        with self.act_as(role) as (session, caller):
            return steps.take_step(session, caller, request)

    def worker_id(self) -> int:
        return self.value("SELECT id FROM worker WHERE name = 'Wang'")

    def value(self, query: str, **values: object) -> int:
        return select_value(self.filled, query, **values)

    def change(self, statement: str) -> None:
        """Run a statement as the owner."""
        execute_sql(self.filled, statement)

    def move_north(self, incident_id: int, metres: float) -> None:
        degrees = metres / METRES_PER_DEGREE
        self.change(f"UPDATE incident SET geometry = ST_Translate(geometry, 0, {degrees}) WHERE id = {incident_id}")
