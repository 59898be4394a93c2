"""Workers with their grids and office phones: found by community and name."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from gridmap.core.codes import find_grid_code_problem
from gridmap.core.errors import N_, Message
from gridmap.core.privacy.id_numbers import normalise_phone
from gridmap.core.text_comparison import fold_text
from gridmap.core.vocabulary import DifferenceKind, DutyKind
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.communities import CommunityIndex
from gridmap.services.imports.sheets.contradictions import Offer, SourceCheck
from gridmap.services.imports.sheets.plan import Difference, ImportContext, SheetPlan
from gridmap.store.queries.imports.flat_tables import list_flat_rows
from gridmap.store.queries.imports.places import list_grids
from gridmap.store.schema import Duty, Worker
from gridmap.store.writes.imports.rows import end_rows, insert_rows, update_rows

NO_GRID = N_("no grid has the code {grid}")
IN_CHARGE_OF_NOTHING = N_("a 网格长 needs a grid: fill in 网格编码")
PRIVATE_PHONE = N_("this looks like a private mobile number: the office phone is shown to the public")
SAME_NAME = N_("several workers of the community have this name: give them different names, such as 王某某(东)")
TWO_IN_CHARGE = N_("row {row} has another 网格长 of this grid")


@dataclass(eq=False)
class ListedWorker:
    """A worker of the sheet, with the grids of all of its rows."""

    row: int
    community_id: int
    name: str
    office_phone: str | None
    full_time: bool
    grids: dict[int, bool] = field(default_factory=dict)
    present_id: int | None = None
    changed: tuple[str, ...] = ()


def plan_workers(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a sheet of workers with the roster."""
    return _WorkerPlanner(context, sheet).plan()


class _WorkerPlanner:
    def __init__(self, context: ImportContext, sheet: SheetRows) -> None:
        self.context, self.sheet = context, sheet
        self.problems: list[RowProblem] = []
        session, caller, subdistrict = context.session, context.caller, context.subdistrict_id
        self.communities = CommunityIndex(context)
        self.codes = {each.id: each.code for each in self.communities.places}
        self.grids = {each.code: each.id for each in list_grids(session, caller, subdistrict)}
        names = ("community_id", "name", "office_phone", "full_time")
        self.present = list_flat_rows(session, caller, Worker, subdistrict, names)
        self.duties = self._list_duties()
        self.rows = list(self._read_rows().values())

    def _list_duties(self) -> dict[int, dict[int, tuple[int, bool]]]:
        """Return the grids of each worker, with the key of the duty and whether the worker is in charge."""
        names = ("worker_id", "grid_id", "in_charge")
        context = self.context
        found: dict[int, dict[int, tuple[int, bool]]] = defaultdict(dict)
        rows = list_flat_rows(context.session, context.caller, Duty, context.subdistrict_id, names)
        for duty_id, (worker_id, grid_id, in_charge) in rows.items():
            if isinstance(worker_id, int) and isinstance(grid_id, int):
                found[worker_id][grid_id] = duty_id, bool(in_charge)
        return found

    def plan(self) -> SheetPlan:
        self._match()
        check = SourceCheck(self.context, "worker")
        check.load(row.present_id for row in self.rows if row.present_id)
        differences = [self._compare(check, row) for row in self.rows]
        if not self.sheet.problems and not any(not each.is_warning for each in self.problems):
            named = {row.present_id for row in self.rows}
            communities = {row.community_id for row in self.rows}
            differences += [
                Difference(DifferenceKind.GONE, None, worker_id)
                for worker_id, (community_id, *_) in self.present.items()
                if worker_id not in named and community_id in communities
            ]
        return SheetPlan("worker", differences, self.problems, self._apply, self._end)

    def _read_rows(self) -> dict[tuple[int, str], ListedWorker]:
        names = ("community", "name", "office_phone", "full_time", "grid", "in_charge")
        wrong = {each.row for each in self.sheet.problems if not each.is_warning}
        cells = [_values(self.sheet, name) for name in names]
        found: dict[tuple[int, str], ListedWorker] = {}
        charged: dict[int, int] = {}
        for row, (community, name, phone, full_time, grid, in_charge) in enumerate(zip(*cells, strict=True)):
            community_id = None if row in wrong else self._find_community(row, str(community))
            if community_id is None:
                continue
            worker = ListedWorker(row, community_id, str(name), str(phone) if phone else None, bool(full_time))
            worker = found.setdefault((community_id, fold_text(str(name))), worker)
            self._add_grid(row, worker, (grid, bool(in_charge)), charged)
            if phone and _is_mobile(str(phone)):
                self.problems.append(RowProblem(row, Message(PRIVATE_PHONE), "office_phone", is_warning=True))
        return found

    def _find_community(self, row: int, text: str) -> int | None:
        found = self.communities.find(text)
        if isinstance(found, Message):
            self.problems.append(RowProblem(row, found, "community"))
            return None
        return found.id

    def _add_grid(self, row: int, worker: ListedWorker, duty: tuple[object, bool], charged: dict[int, int]) -> None:
        grid, in_charge = duty
        if not grid:
            if in_charge:
                self.problems.append(RowProblem(row, Message(IN_CHARGE_OF_NOTHING), "grid"))
            return
        grid_id = self.grids.get(str(grid))
        if grid_id is None:
            problem = find_grid_code_problem(str(grid), self.codes[worker.community_id])
            self.problems.append(RowProblem(row, problem or Message(NO_GRID, {"grid": str(grid)}), "grid"))
            return
        if in_charge and charged.setdefault(grid_id, row) != row:
            values = {"row": self.sheet.row_number(charged[grid_id])}
            self.problems.append(RowProblem(row, Message(TWO_IN_CHARGE, values), "in_charge"))
            return
        worker.grids[grid_id] = in_charge

    def _match(self) -> None:
        by_name: dict[tuple[object, str], list[int]] = defaultdict(list)
        for worker_id, (community_id, name, *_) in self.present.items():
            by_name[community_id, fold_text(str(name))].append(worker_id)
        wrong = {each.row for each in self.problems if not each.is_warning}
        kept = []
        for row in (each for each in self.rows if each.row not in wrong):
            found = by_name.get((row.community_id, fold_text(row.name)), [])
            if len(found) > 1:
                self.problems.append(RowProblem(row.row, Message(SAME_NAME), "name"))
                continue
            row.present_id = found[0] if found else None
            kept.append(row)
        self.rows = kept

    def _compare(self, check: SourceCheck, row: ListedWorker) -> Difference:
        if row.present_id is None:
            return Difference(DifferenceKind.NEW, row.row)
        _, _, phone, full_time = self.present[row.present_id]
        offers = []
        if row.office_phone and row.office_phone != phone:
            offers.append(Offer("office_phone", {"office_phone": row.office_phone}))
        if row.full_time != full_time:
            offers.append(Offer("full_time", {"full_time": row.full_time}))
        present = {grid: in_charge for grid, (_, in_charge) in self.duties[row.present_id].items()}
        if row.grids and row.grids != present:
            offers.append(Offer("grids", {}))
        fields, kind = check.sort(row.present_id, offers, {"office_phone": phone is not None, "grids": False})
        row.changed = tuple(fields) if kind is DifferenceKind.CHANGED else ()
        return Difference(kind, row.row, row.present_id, tuple(fields))

    def _apply(self) -> dict[int, int]:
        context = self.context
        new = [row for row in self.rows if row.present_id is None]
        columns: dict[str, Sequence[object]] = {
            "subdistrict_id": [context.subdistrict_id] * len(new),
            "community_id": [row.community_id for row in new],
            "name": [row.name for row in new],
            "office_phone": [row.office_phone for row in new],
            "full_time": [row.full_time for row in new],
            "valid": [context.period] * len(new),
        }
        ids = insert_rows(context.session, context.caller, Worker, columns)
        for name in ("office_phone", "full_time"):
            rows = [row for row in self.rows if name in row.changed]
            keys = [row.present_id for row in rows if row.present_id]
            update_rows(context.session, Worker, keys, {name: [getattr(row, name) for row in rows]})
        changed = [row for row in self.rows if "grids" in row.changed]
        self._end_duties(changed)
        workers = [*zip(new, ids, strict=True), *((row, row.present_id or 0) for row in changed)]
        self._insert_duties(workers)
        return {row.row: worker_id for row, worker_id in zip(new, ids, strict=True)}

    def _end_duties(self, rows: Sequence[ListedWorker]) -> None:
        """End the duties for grids that a worker no longer has; a change of who is in charge keeps the duty."""
        duties = [(row, grid, *duty) for row in rows for grid, duty in self.duties[row.present_id or 0].items()]
        ended = [duty_id for row, grid, duty_id, _ in duties if grid not in row.grids]
        end_rows(self.context.session, Duty, ended, self.context.as_of)
        charges = {duty_id: row.grids[grid] for row, grid, duty_id, old in duties if row.grids.get(grid, old) != old}
        update_rows(self.context.session, Duty, list(charges), {"in_charge": list(charges.values())})

    def _insert_duties(self, workers: Sequence[tuple[ListedWorker, int]]) -> None:
        duties = [
            (worker_id, grid, in_charge)
            for row, worker_id in workers
            for grid, in_charge in row.grids.items()
            if grid not in self.duties[worker_id]
        ]
        columns: dict[str, Sequence[object]] = {
            "subdistrict_id": [self.context.subdistrict_id] * len(duties),
            "worker_id": [worker_id for worker_id, *_ in duties],
            "grid_id": [grid for _, grid, _ in duties],
            "kind": [DutyKind.OWN_GRID.value] * len(duties),
            "in_charge": [in_charge for *_, in_charge in duties],
            "valid": [self.context.period] * len(duties),
        }
        insert_rows(self.context.session, self.context.caller, Duty, columns)

    def _end(self, worker_ids: Sequence[int]) -> None:
        duties = [duty_id for each in worker_ids for duty_id, _ in self.duties[each].values()]
        end_rows(self.context.session, Duty, duties, self.context.as_of)
        end_rows(self.context.session, Worker, worker_ids, self.context.as_of)


def _values(sheet: SheetRows, name: str) -> Sequence[object]:
    default = next(each.default for each in sheet.kind.fields if each.name == name)
    return sheet.values.get(name) or [default] * len(sheet)


def _is_mobile(phone: str) -> bool:
    digits = normalise_phone(phone)
    return len(digits) == 11 and digits.startswith("1")


__all__ = ["plan_workers"]
