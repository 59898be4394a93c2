"""Incidents 事件台账: found by number; category, times and place as the sheet says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import shapely

from gridmap.core.errors import N_, Message
from gridmap.core.incidents.categories import CategoryCatalogue, IncidentCategory
from gridmap.core.incidents.times import is_long_ago, is_to_come
from gridmap.core.vocabulary import DifferenceKind, IncidentStatus
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.contradictions import Offer, SourceCheck
from gridmap.services.imports.sheets.places import locate_rows
from gridmap.services.imports.sheets.plan import Difference, ImportContext, SheetPlan
from gridmap.services.imports.sheets.rows import list_sound_rows, read_records
from gridmap.store.day_bounds import get_local_time
from gridmap.store.queries.imports.incidents import StoredIncident, list_incidents
from gridmap.store.queries.incidents.categories import list_categories
from gridmap.store.schema import Incident
from gridmap.store.writes.imports.rows import insert_rows, update_rows

NO_CATEGORY = N_("there is no category {category}: import it with the kind incident-categories first")
NO_BASIS = N_("the category {category} is sensitive and has no legal basis: an administrator enters it first")
OTHER_CLASS = N_("the incident is stored in another class than that of {category}; its class never changes")
REPEATED = N_("the same number is in row {row} already")
NOT_YET = N_("{field} is still to come")
LONG_AGO = N_("{field} is before 1990")
CLOSED_BEFORE = N_("it was closed before it happened")
NO_CLOSING = N_("it is closed: fill in 办结时间")
CLOSED_AND_OPEN = N_("it has 办结时间, but 办理状态 says that it is not closed")
FIELDS = ("number", "category", "occurred_at", "title", "status", "closed_at", "channel", "urgent")
PLACE = ("geometry", "cell_id", "building_id")
TIMES = ("occurred_at", "closed_at", "status")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("category", "title", "channel", "urgent")},
    **dict.fromkeys(("occurred_at", "closed_at"), TIMES),
    "geometry": PLACE,
}
"""Columns that are written together where a field differs: both times, as the second one is never earlier."""
SAME_PLACE_DEGREES = 1.5e-5
"""Points nearer than about a metre are one."""


@dataclass(eq=False)
class ListedIncident:
    """An incident of the sheet with the values of its columns.

    Parameters
    ----------
    row : int
    number : str
    values : dict
        By column; those that the sheet does not state are missing.
    """

    row: int
    number: str
    values: dict[str, object]
    present: StoredIncident | None = None
    changed: Sequence[str] = field(default=())


def plan_incidents(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a sheet of incidents; those that it does not name stay, as a sheet has some days only."""
    return _IncidentPlanner(context, sheet).plan()


class _IncidentPlanner:
    def __init__(self, context: ImportContext, sheet: SheetRows) -> None:
        self.context, self.sheet = context, sheet
        self.problems: list[RowProblem] = []
        categories = list_categories(context.session, context.caller, context.subdistrict_id)
        self.catalogue = CategoryCatalogue({}, {each.key: each for each in categories})
        self.category_of: dict[str, IncidentCategory | None] = {}
        self.now = get_local_time(context.session)
        self.tells_closing = bool({"status", "closed_at"} & set(sheet.choice.headers))
        self.rows = self._read_rows()

    def plan(self) -> SheetPlan:
        self._match()
        check = SourceCheck(self.context, "incident")
        check.load(row.present.id for row in self.rows if row.present)
        differences = [self._compare(check, row) for row in self.rows]
        points = {row.row: row.values["geometry"] for row in self.rows}
        shapes = {row: each for row, each in points.items() if isinstance(each, shapely.Geometry)}
        return SheetPlan("incident", differences, self.problems, self._apply, shapes=shapes)

    def _refuse(self, row: int, field_name: str, template: str, values: Mapping[str, object] | None = None) -> None:
        self.problems.append(RowProblem(row, Message(template, values or {}), field_name))

    def _read_rows(self) -> list[ListedIncident]:
        places = locate_rows(self.context, self.sheet.values, len(self.sheet))
        self.problems += places.problems
        first: dict[str, int] = {}
        rows = []
        sound = list_sound_rows(self.sheet, places.problems)
        for row, record in zip(sound, read_records(self.sheet, sound, FIELDS), strict=True):
            number = str(record["number"])
            if first.setdefault(number, row) != row:
                self._refuse(row, "number", REPEATED, {"row": self.sheet.row_number(first[number])})
                continue
            values = self._read_values(row, record)
            if values is not None:
                place = (places.points[row], places.cell_ids[row], places.building_ids[row])
                rows.append(ListedIncident(row, number, {**values, **dict(zip(PLACE, place, strict=True))}))
        return rows

    def _read_values(self, row: int, record: Mapping[str, object]) -> dict[str, object] | None:
        """Return the columns that a row states, without its place; None where it has a fault."""
        category, times = self._find_category(row, str(record["category"])), self._read_times(row, record)
        if category is None or times is None:
            return None
        others = {name: record[name] for name in ("title", "channel", "urgent") if record[name] is not None}
        return {"category": category.key, **times, **others}

    def _find_category(self, row: int, text: str) -> IncidentCategory | None:
        if text not in self.category_of:
            self.category_of[text] = self.catalogue.find(text)
        found = self.category_of[text]
        if found is None:
            self._refuse(row, "category", NO_CATEGORY, {"category": text})
        elif not found.reportable:
            self._refuse(row, "category", NO_BASIS, {"category": text})
            return None
        return found

    def _read_times(self, row: int, record: Mapping[str, object]) -> dict[str, object] | None:
        """Return the times of a row, and its status where the row states it."""
        occurred_at, closed_at, status = record["occurred_at"], record["closed_at"], record["status"]
        if not self.tells_closing:
            closed_at = occurred_at
        known = len(self.problems)
        self._check_time(row, "occurred_at", occurred_at)
        self._check_time(row, "closed_at", closed_at)
        if isinstance(closed_at, datetime) and isinstance(occurred_at, datetime) and closed_at < occurred_at:
            self._refuse(row, "closed_at", CLOSED_BEFORE)
        if status == IncidentStatus.CLOSED and closed_at is None:
            self._refuse(row, "closed_at", NO_CLOSING)
        if status == IncidentStatus.OPEN and closed_at is not None:
            self._refuse(row, "status", CLOSED_AND_OPEN)
        if any(not each.is_warning for each in self.problems[known:]):
            return None
        if closed_at is None and status is None:
            return {"occurred_at": occurred_at}
        return {"occurred_at": occurred_at, "closed_at": closed_at, "status": _status(closed_at)}

    def _check_time(self, row: int, name: str, time: object) -> None:
        title = self.sheet.kind.title_of(name)
        if isinstance(time, datetime) and is_to_come(time, self.now):
            self._refuse(row, name, NOT_YET, {"field": title})
        elif isinstance(time, datetime) and is_long_ago(time):
            self.problems.append(RowProblem(row, Message(LONG_AGO, {"field": title}), name, is_warning=True))

    def _match(self) -> None:
        """Find the stored incident of each row; one of another class is never changed."""
        context = self.context
        numbers = [row.number for row in self.rows]
        present = list_incidents(context.session, context.caller, context.subdistrict_id, numbers)
        fitting = []
        for row in self.rows:
            row.present = present.get(row.number)
            category = self.catalogue.categories[str(row.values["category"])]
            is_other = row.present is not None and row.present.category != category.key
            if row.present and is_other and row.present.access_class != category.access_class:
                self._refuse(row.row, "category", OTHER_CLASS, {"category": category.name_zh})
            elif _closes_too_early(row):
                self._refuse(row.row, "occurred_at", CLOSED_BEFORE)
            else:
                fitting.append(row)
        self.rows = fitting

    def _compare(self, check: SourceCheck, row: ListedIncident) -> Difference:
        if row.present is None:
            return Difference(DifferenceKind.NEW, row.row)
        names = [name for name in COLUMNS if name in row.values and _differs(row.present, name, row.values[name])]
        known = {"title": row.present.title is not None, "closed_at": row.present.closed_at is not None}
        fields, kind = check.sort(row.present.id, [Offer(name, {}) for name in names], known)
        row.changed = fields if kind is DifferenceKind.CHANGED else ()
        shown = tuple("address" if name == "geometry" else name for name in fields)
        return Difference(kind, row.row, row.present.id, shown)

    def _apply(self) -> dict[int, int]:
        context = self.context
        new = [row for row in self.rows if row.present is None]
        columns: dict[str, Sequence[object]] = {
            "subdistrict_id": [context.subdistrict_id] * len(new),
            "number": [row.number for row in new],
            "reported_by": [context.caller.account_id] * len(new),
            **{
                name: [row.values.get(name, default) for row in new]
                for name, default in (("category", None), ("title", None), ("channel", "file"), ("urgent", False))
            },
            "occurred_at": [row.values["occurred_at"] for row in new],
            "closed_at": [row.values.get("closed_at") for row in new],
            "status": [_status(row.values.get("closed_at")) for row in new],
            **{name: [row.values[name] for row in new] for name in PLACE},
        }
        insert_rows(context.session, context.caller, Incident, columns)
        for names in dict.fromkeys(COLUMNS.values()):
            self._update(names)
        numbers = [row.number for row in new]
        stored = list_incidents(context.session, context.caller, context.subdistrict_id, numbers)
        return {row.row: stored[row.number].id for row in new if row.number in stored}

    def _update(self, names: Sequence[str]) -> None:
        """Write columns of the incidents in which one of them differs."""
        rows = [row for row in self.rows if any(COLUMNS[name] == names for name in row.changed)]
        ids = [row.present.id for row in rows if row.present]
        columns = {name: [_value(row, name) for row in rows] for name in names}
        update_rows(self.context.session, Incident, ids, columns)


def _closes_too_early(row: ListedIncident) -> bool:
    """Return whether a time of closing that the sheet leaves as it is would be before the event."""
    occurred_at, closed_at = _value(row, "occurred_at"), _value(row, "closed_at")
    return isinstance(occurred_at, datetime) and isinstance(closed_at, datetime) and closed_at < occurred_at


def _status(closed_at: object) -> str:
    return (IncidentStatus.OPEN if closed_at is None else IncidentStatus.CLOSED).value


def _value(row: ListedIncident, name: str) -> object:
    """Return the value of a column that is written: that of the sheet, else the present one."""
    if name in row.values or row.present is None:
        return row.values.get(name)
    return _status(row.present.closed_at) if name == "status" else getattr(row.present, name)


def _differs(present: StoredIncident, name: str, value: object) -> bool:
    if isinstance(value, shapely.Point):
        distance = max(abs(value.x - present.longitude), abs(value.y - present.latitude))
        return bool(distance > SAME_PLACE_DEGREES)
    return bool(getattr(present, name) != value)
