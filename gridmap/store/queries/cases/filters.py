"""Filters of open cases."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from gridmap.store.queries.columns import present_day
from gridmap.store.schema import Case, Cell, Incident, Worker

SOON_DAYS = 1
"""Days left up to which a promised day is shown as near."""


@dataclass(frozen=True)
class CaseFilter:
    """Filter of open cases; an empty value filters nothing.

    Parameters
    ----------
    state, category, worker : str
        State, key of the category, name of the worker.
    due : {"", "overdue", "soon"}
        Cases whose promised day has passed, or is today or tomorrow.
    supervised : bool
        Only cases for which a leader has asked for speed.
    community_id, subdistrict_id : int or None
    """

    state: str = ""
    category: str = ""
    worker: str = ""
    due: str = ""
    supervised: bool = False
    community_id: int | None = None
    subdistrict_id: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions of a query of cases with incident, cell and worker."""
        days_left = Case.due_on - present_day()
        chosen: list[tuple[object, ColumnElement[bool]]] = [
            (self.state, Case.state == self.state),
            (self.category, Incident.category == self.category),
            (self.worker, Worker.name == self.worker),
            (self.due == "overdue", days_left < 0),
            (self.due == "soon", days_left.between(0, SOON_DAYS)),
            (self.supervised, Case.supervised_at.is_not(None)),
            (self.community_id is not None, Cell.community_id == self.community_id),
            (self.subdistrict_id is not None, Case.subdistrict_id == self.subdistrict_id),
        ]
        return [condition for value, condition in chosen if value]
