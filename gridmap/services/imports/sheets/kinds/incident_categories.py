"""Categories of incidents 大类、小类: found by key or name; the class of a stored one never changes by a sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gridmap.catalogues import load_incident_categories
from gridmap.core.errors import N_, Message
from gridmap.core.incidents.categories import CategoryCatalogue, IncidentCategory
from gridmap.core.text_comparison import fold_text
from gridmap.core.vocabulary import AccessClass, DifferenceKind
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.contradictions import Offer, SourceCheck
from gridmap.services.imports.sheets.plan import Difference, ImportContext, SheetPlan
from gridmap.services.imports.sheets.rows import list_sound_rows, read_records
from gridmap.services.incidents.category_administration import find_missing_ground, make_category_key
from gridmap.store.queries.incidents.categories import list_stored
from gridmap.store.queries.service_lines import list_lines
from gridmap.store.writes.incidents import save_category

NO_MAIN = N_("there is no main category {text}; there are: {known}")
NO_LINE = N_("there is no service line {text}; there are: {known}")
REPEATED = N_("the same category is in row {row} already")
NAME_TAKEN = N_("{name} is the name or key of another category")
CLASS_DIFFERS = N_("its class stays as it is: an administrator proposes another one, and a second one confirms it")
FIELDS = (
    *("main_category", "name", "key", "name_en", "access_class", "purpose", "legal_basis", "line_of_work"),
    "standard_code",
)
COMPARED = ("main_category", "name_zh", "name_en", "purpose", "legal_basis", "line_of_work", "standard_code")


@dataclass(frozen=True, eq=False)
class ListedCategory:
    """A category as a row says, and the stored one with the key of its row; None for a new one."""

    row: int
    category: IncidentCategory
    present: IncidentCategory | None
    present_id: int | None

    def changed_fields(self) -> list[str]:
        """Return the columns that differ from the stored ones; the class is none of them."""
        return [name for name in COMPARED if getattr(self.category, name) != getattr(self.present, name)]


def plan_incident_categories(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a sheet of categories; those that it does not name stay."""
    planner = _CategoryPlanner(context, sheet)
    check = SourceCheck(context, "incident_category")
    check.load(row.present_id for row in planner.rows if row.present_id)
    differences = [_compare(check, row) for row in planner.rows]

    def apply() -> dict[int, int]:
        for row, difference in zip(planner.rows, differences, strict=True):
            if difference.kind in {DifferenceKind.NEW, DifferenceKind.CHANGED}:
                save_category(context.session, context.subdistrict_id, row.category)
        stored = list_stored(context.session, context.caller, context.subdistrict_id)
        ids = {each.category.key: each.id for each in stored}
        return {row.row: ids[row.category.key] for row in planner.rows}

    return SheetPlan("incident_category", differences, planner.problems, apply)


def _compare(check: SourceCheck, row: ListedCategory) -> Difference:
    if row.present is None or row.present_id is None:
        return Difference(DifferenceKind.NEW, row.row)
    known = {name: getattr(row.present, name) is not None for name in COMPARED}
    fields, kind = check.sort(row.present_id, [Offer(name, {}) for name in row.changed_fields()], known)
    shown = tuple("name" if name == "name_zh" else name for name in fields)
    return Difference(kind, row.row, row.present_id, shown)


class _CategoryPlanner:
    def __init__(self, context: ImportContext, sheet: SheetRows) -> None:
        self.sheet, self.problems = sheet, list[RowProblem]()
        stored = list_stored(context.session, context.caller, context.subdistrict_id)
        self.present = CategoryCatalogue({}, {each.category.key: each.category for each in stored})
        self.ids = {each.category.key: each.id for each in stored}
        lines = list_lines(context.session, context.caller, [context.subdistrict_id])
        self.lines = {each.key: (each.name_zh, each.name_en) for each in lines}
        self.main = load_incident_categories().main_categories
        self.rows = self._read_rows()

    def _refuse(self, row: int, field_name: str, template: str, values: Mapping[str, object] | None = None) -> None:
        self.problems.append(RowProblem(row, Message(template, values or {}), field_name))

    def _read_rows(self) -> list[ListedCategory]:
        sound = list_sound_rows(self.sheet, ())
        first: dict[str, int] = {}
        rows = []
        for row, record in zip(sound, read_records(self.sheet, sound, FIELDS), strict=True):
            texts = {name: None if value is None else str(value) for name, value in record.items()}
            listed = self._read_row(row, texts)
            if listed is None:
                continue
            keys = {listed.category.key, fold_text(listed.category.name_zh)}
            if earlier := [first[key] for key in keys if key in first]:
                self._refuse(row, "name", REPEATED, {"row": self.sheet.row_number(earlier[0])})
                continue
            first.update(dict.fromkeys(keys, row))
            rows.append(listed)
        return rows

    def _read_row(self, row: int, texts: Mapping[str, str | None]) -> ListedCategory | None:
        name, key = str(texts["name"]), texts["key"]
        present = self.present.categories.get(key) if key else self.present.find(name)
        main = self._find_named(row, "main_category", texts["main_category"], self.main, NO_MAIN)
        line = self._find_named(row, "line_of_work", texts["line_of_work"], self.lines, NO_LINE)
        if main is None or line is None:
            return None
        stated = {**texts, "main_category": main or None, "line_of_work": line or None, "name_zh": name}
        category = _merge(present, stated) if present else _make(stated)
        if not self._is_allowed(row, category, present):
            return None
        if present and texts["access_class"] not in {None, present.access_class.value}:
            self.problems.append(RowProblem(row, Message(CLASS_DIFFERS), "access_class", is_warning=True))
        return ListedCategory(row, category, present, self.ids[present.key] if present else None)

    def _find_named(
        self, row: int, name: str, text: str | None, known: Mapping[str, Sequence[str]], template: str
    ) -> str | None:
        """Return the key of a text that is a key or name; empty for no text, None if there is no such key."""
        if text is None:
            return ""
        wanted = fold_text(text).casefold()
        for key, names in known.items():
            if wanted in {fold_text(each).casefold() for each in (key, *names)}:
                return key
        listed = "、".join(names[0] for names in known.values()) or "–"
        self._refuse(row, name, template, {"text": text, "known": listed})
        return None

    def _is_allowed(self, row: int, category: IncidentCategory, present: IncidentCategory | None) -> bool:
        """Refuse a name or key of another category, and a category about persons without purpose or basis."""
        for name in category.names if present else (category.key, *category.names):
            other = self.present.find(name)
            if other is not None and other is not present:
                self._refuse(row, "name", NAME_TAKEN, {"name": name})
                return False
        if missing := find_missing_ground(category):
            self.problems.append(RowProblem(row, missing.problem, missing.column))
            return False
        return True


def _merge(present: IncidentCategory, stated: Mapping[str, str | None]) -> IncidentCategory:
    """Return the stored category with what a row states; its key and class stay."""
    purpose, legal_basis = stated["purpose"] or present.purpose, stated["legal_basis"] or present.legal_basis
    return replace(
        present,
        main_category=stated["main_category"] or present.main_category,
        name_zh=str(stated["name_zh"]),
        name_en=stated["name_en"] or present.name_en,
        purpose=purpose,
        legal_basis=legal_basis,
        line_of_work=stated["line_of_work"] or present.line_of_work,
        standard_code=stated["standard_code"] or present.standard_code,
    )


def _make(stated: Mapping[str, str | None]) -> IncidentCategory:
    """Return a new category; without a class it is personal, the one that tells least."""
    name = str(stated["name_zh"])
    name_en = stated["name_en"] or name
    return IncidentCategory(
        stated["key"] or make_category_key(name, name_en),
        stated["main_category"] or "unknown",
        name,
        name_en,
        AccessClass(stated["access_class"] or AccessClass.PERSONAL),
        stated["purpose"],
        stated["legal_basis"],
        stated["line_of_work"],
        stated["standard_code"],
    )
