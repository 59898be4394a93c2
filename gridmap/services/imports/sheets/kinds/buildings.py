"""Attributes of buildings 楼栋信息: found by code, else by the words that name them; shapes never come with a sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely

from gridmap.core.addresses.address_parts import building_label, fold_address
from gridmap.core.errors import N_, Message
from gridmap.core.text_comparison import fold_text
from gridmap.core.vocabulary import DifferenceKind
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.contradictions import Offer, SourceCheck
from gridmap.services.imports.sheets.places import match_buildings
from gridmap.services.imports.sheets.plan import Difference, ImportContext, SheetPlan
from gridmap.services.imports.sheets.rows import list_sound_rows, read_records
from gridmap.store.queries.imports.buildings import StoredBuilding, list_buildings, list_estates
from gridmap.store.queries.imports.places import BuildingPlace, load_building_places
from gridmap.store.schema import Building
from gridmap.store.writes.imports.rows import update_rows

REPEATED = N_("the same building is in row {row} already")
NO_STOREY = N_("{field} is 0: fill in the storeys above ground, or leave it empty")
NO_ESTATE = N_("no building of the community belongs to an estate {estate} yet; there are: {known}")
NOT_YOURS = N_("the building is in a community that is not yours")
COLUMNS: Mapping[str, str] = {
    "estate": "estate_id",
    "building": "name",
    "address": "address",
    "use": "use",
    "levels": "levels",
}
"""Columns of the table by field."""


@dataclass(frozen=True, eq=False)
class BuildingAttributes:
    """A row with the building that it means, and the values that it gives it, by field."""

    row: int
    present: StoredBuilding
    values: Mapping[str, object]


def plan_buildings(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a sheet of buildings with those that stand; those that it does not name stay as they are."""
    return _BuildingPlanner(context, sheet).plan()


class _BuildingPlanner:
    def __init__(self, context: ImportContext, sheet: SheetRows) -> None:
        self.context, self.sheet = context, sheet
        self.problems: list[RowProblem] = []
        self.estates = list_estates(context.session, context.caller, context.subdistrict_id)
        self.present = list_buildings(context.session, context.caller, context.subdistrict_id)
        self.rows = self._read_rows()

    def plan(self) -> SheetPlan:
        check = SourceCheck(self.context, "building")
        check.load(row.present.id for row in self.rows)
        differences = [self._compare(check, row) for row in self.rows]

        def apply() -> dict[int, int]:
            pairs = list(zip(self.rows, differences, strict=True))
            for name in COLUMNS:
                self._update(name, [row for row, each in pairs if _changes(each, name)])
            return {}

        sites = load_building_places(self.context.session, [row.present.id for row in self.rows])
        shapes = {row.row: _point(sites[row.present.id]) for row in self.rows}
        return SheetPlan("building", differences, self.problems, apply, shapes=shapes)

    def _refuse(self, row: int, field_name: str, template: str, values: Mapping[str, object] | None = None) -> None:
        self.problems.append(RowProblem(row, Message(template, values or {}), field_name))

    def _read_rows(self) -> list[BuildingAttributes]:
        places = match_buildings(self.context, _place_values(self.sheet), len(self.sheet))
        self.problems += places.problems
        first: dict[int, int] = {}
        rows = []
        sound = list_sound_rows(self.sheet, places.problems)
        for row, record in zip(sound, read_records(self.sheet, sound, ("building_code", *COLUMNS)), strict=True):
            present = self.present[places.building_ids[row] or 0]
            if first.setdefault(present.id, row) != row:
                self._refuse(row, "building_code", REPEATED, {"row": self.sheet.row_number(first[present.id])})
            elif self._is_allowed(row, present, record):
                rows.append(BuildingAttributes(row, present, _values_of(record, present)))
        return rows

    def _is_allowed(self, row: int, present: StoredBuilding, record: Mapping[str, object]) -> bool:
        caller, estate = self.context.caller, record["estate"]
        if not caller.trusted and present.community_id not in caller.community_ids:
            self._refuse(row, "building_code", NOT_YOURS)
        elif record["levels"] == 0:
            self._refuse(row, "levels", NO_STOREY, {"field": self.sheet.kind.title_of("levels")})
        elif estate is not None and self._estate_id(present, str(estate)) is None:
            names = [name for community_id, name in self.estates if community_id == present.community_id]
            self._refuse(row, "estate", NO_ESTATE, {"estate": estate, "known": "、".join(sorted(names)) or "–"})
        else:
            return True
        return False

    def _estate_id(self, present: StoredBuilding, name: str) -> int | None:
        return self.estates.get((present.community_id, fold_text(name)))

    def _compare(self, check: SourceCheck, row: BuildingAttributes) -> Difference:
        offers = [Offer(COLUMNS[name], {}) for name, value in row.values.items() if _differs(row.present, name, value)]
        known = {column: getattr(row.present, name) is not None for name, column in COLUMNS.items()}
        columns, kind = check.sort(row.present.id, offers, known)
        return Difference(kind, row.row, row.present.id, tuple(name for name in COLUMNS if COLUMNS[name] in columns))

    def _update(self, name: str, rows: Sequence[BuildingAttributes]) -> None:
        values: list[object] = [
            self._estate_id(row.present, str(row.values[name])) if name == "estate" else row.values[name]
            for row in rows
        ]
        ids = [row.present.id for row in rows]
        update_rows(self.context.session, Building, ids, {COLUMNS[name]: values})


def _changes(difference: Difference, name: str) -> bool:
    return difference.kind is DifferenceKind.CHANGED and name in difference.fields


def _place_values(sheet: SheetRows) -> dict[str, Sequence[object]]:
    """Return the values that find the buildings: where there is a code, it alone."""
    codes = sheet.values.get("building_code") or [None] * len(sheet)
    words = {name: sheet.values.get(name) or [None] * len(sheet) for name in ("estate", "building", "address")}
    without_code = {
        name: [None if code is not None else value for code, value in zip(codes, values, strict=True)]
        for name, values in words.items()
    }
    return {**sheet.values, "building_code": codes, **without_code}


def _values_of(record: Mapping[str, object], present: StoredBuilding) -> dict[str, object]:
    """Return the values that a row gives its building; the words that found it fill in gaps only."""
    values = {name: record[name] for name in COLUMNS if record[name] is not None}
    if record["building_code"] is not None:
        return values
    words = ("estate", "building", "address")
    return {name: value for name, value in values.items() if name not in words or getattr(present, name) is None}


def _differs(present: StoredBuilding, name: str, value: object) -> bool:
    """Return whether a value means another one than the present one; spellings of names do not matter."""
    own = getattr(present, name)
    if own is None or not isinstance(value, str):
        return bool(own != value)
    fold = {"building": building_label, "address": fold_address}.get(name, fold_text)
    return fold(str(own)) != fold(value)


def _point(site: BuildingPlace) -> shapely.Point:
    return shapely.Point(site.longitude, site.latitude)
