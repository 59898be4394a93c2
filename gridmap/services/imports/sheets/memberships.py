"""Service groups 服务类别 in a register of residents: read from its cells, compared, and joined; never ended."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from gridmap.core.errors import N_, Message
from gridmap.core.privacy.service_groups import has_grounds
from gridmap.core.text_comparison import fold_text
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.plan import ImportContext
from gridmap.store.queries.imports.people import list_first_days
from gridmap.store.queries.people import service_groups as group_queries
from gridmap.store.queries.people.service_groups import MembershipRow, StoredGroup
from gridmap.store.schema import ServiceGroupMember
from gridmap.store.writes.imports.rows import end_rows, insert_rows

FIELD = "service_groups"
UNKNOWN_GROUP = N_("服务类别 {value} is no service group of this subdistrict; it has: {known}")
NO_LEGAL_BASIS = N_(
    "the service group {group} is sensitive and has no legal basis, so nobody is recorded in it: remove it from the"
    " row, or let the administrator enter the legal basis on the page of service groups first"
)
NOT_IN_USE = N_(
    "the service group {group} is not in use, so nobody is recorded in it: remove it from the row, or let the"
    " administrator put it to use on the page of service groups first"
)
NO_LONGER_NAMED = N_(
    "the sheet no longer names the service group {group}: it stays; end it on the page of the resident if it is over"
)


class Memberships:
    """Service groups that the rows of a register name, and the memberships of its residents.

    Parameters
    ----------
    context : ImportContext
    sheet : SheetRows
    """

    def __init__(self, context: ImportContext, sheet: SheetRows) -> None:
        self._context = context
        self.problems: list[RowProblem] = []
        self._present: Mapping[int, Sequence[MembershipRow]] = {}
        self._cells = sheet.values[FIELD] if FIELD in sheet.choice.headers else None
        self._by_name: dict[str, StoredGroup] = {}
        if self._cells is not None:
            self._load_groups()
        self._stated = [self._read_cell(row, cell) for row, cell in enumerate(self._cells or ())]

    def of_row(self, row: int) -> tuple[int, ...]:
        """Return the keys of the groups that a row names."""
        return self._stated[row] if self._stated else ()

    def load(self, resident_ids: Iterable[int]) -> None:
        """Load the memberships of residents, where the sheet has the column."""
        if self._cells is not None:
            self._present = self._list_present(list(resident_ids))

    def list_new(self, resident_id: int, group_ids: Iterable[int]) -> tuple[int, ...]:
        """Return the groups of a row that the resident is not in, neither on the day of the sheet nor since."""
        known = {each.service_group_id for each in self._present.get(resident_id, ())}
        return tuple(each for each in group_ids if each not in known)

    def propose_ends(self, row: int, resident_id: int, group_ids: Iterable[int]) -> list[RowProblem]:
        """Return a warning for each membership that the sheet's source has brought and its row no longer names."""
        named = set(group_ids)
        return [
            RowProblem(row, Message(NO_LONGER_NAMED, {"group": each.group.name_zh}), FIELD, is_warning=True)
            for each in self._present.get(resident_id, ())
            if each.last is None and each.source == self._context.source and each.service_group_id not in named
        ]

    def carry(self, moved: Mapping[int, int]) -> None:
        """Let the memberships of persons who moved go on with their new records."""
        context, changed = self._context, [former for former, new in moved.items() if former != new]
        present = (each for rows in self._list_present(changed).values() for each in rows)
        found = sorted((each for each in present if each.last is None), key=lambda each: each.id)
        end_rows(context.session, ServiceGroupMember, [each.id for each in found], context.as_of)
        keys = [(moved[each.resident_id], each.service_group_id) for each in found]
        self._insert(keys, [each.source for each in found])

    def join(self, groups_of_residents: Mapping[int, Iterable[int]]) -> None:
        """Insert memberships from the day of the sheet on, or from the first day of a resident who came later."""
        keys = [(resident_id, each) for resident_id, ids in groups_of_residents.items() for each in ids]
        self._insert(keys, [self._context.source] * len(keys))

    def _insert(self, keys: Sequence[tuple[int, int]], sources: Sequence[str]) -> None:
        if not keys:
            return
        context, residents = self._context, [resident_id for resident_id, _ in keys]
        first_days = list_first_days(context.session, context.caller, list(dict.fromkeys(residents)))
        firsts = (max(context.as_of, first_days.get(each, context.as_of)) for each in residents)
        columns: dict[str, Sequence[object]] = {
            "subdistrict_id": [context.subdistrict_id] * len(keys),
            "resident_id": residents,
            "service_group_id": [group_id for _, group_id in keys],
            "source": sources,
            "valid": [f"[{first.isoformat()},)" for first in firsts],
        }
        insert_rows(context.session, context.caller, ServiceGroupMember, columns)

    def _list_present(self, resident_ids: Sequence[int]) -> Mapping[int, Sequence[MembershipRow]]:
        found: dict[int, list[MembershipRow]] = defaultdict(list)
        if resident_ids:
            context = self._context
            rows = group_queries.list_memberships_since(context.session, context.caller, resident_ids, context.as_of)
            for each in rows:
                found[each.resident_id].append(each)
        return found

    def _load_groups(self) -> None:
        context = self._context
        for each in group_queries.list_groups(context.session, context.caller, context.subdistrict_id):
            for name in (*each.group.names, each.group.key):
                self._by_name.setdefault(_fold(name), each)

    def _read_cell(self, row: int, cell: object) -> tuple[int, ...]:
        """Return the groups of a cell; those that are unknown or off are faults of the row."""
        found = []
        for name in split_names(str(cell or ""), self._by_name):
            stored = self._by_name.get(name)
            if stored is None:
                in_use = {each.id: each.group.name_zh for each in self._by_name.values() if each.group.in_use}
                known = "、".join(name for _, name in sorted(in_use.items()))
                self._refuse(row, Message(UNKNOWN_GROUP, {"value": name, "known": known}))
            elif not stored.group.in_use:
                self._refuse(row, explain_group_off(stored))
            else:
                found.append(stored.id)
        return tuple(dict.fromkeys(found))

    def _refuse(self, row: int, message: Message) -> None:
        self.problems.append(RowProblem(row, message, FIELD))


def split_names(cell: str, known: Iterable[str]) -> list[str]:
    """Split a cell at 、 , ; / and line breaks, but not within a known name; blanks separate nothing.

    Examples
    --------
    >>> split_names(" 低保对象、 Elderly living alone；VETERAN/低保，低收入 ", ["低保,低收入"])
    ['低保对象', 'elderly living alone', 'veteran', '低保,低收入']
    """
    text = _fold(re.sub(r"\s*[\r\n]+\s*", "、", cell.strip()))
    whole = sorted((name for name in known if re.search(r"[、,;/]", name)), key=len, reverse=True)
    pattern = "|".join([*(rf"{re.escape(name)}(?=\s*(?:[、,;/]|$))" for name in whole), r"[^、,;/]+"])
    return [name for found in re.findall(rf"\s*({pattern})", text) if (name := found.strip())]


def _fold(name: str) -> str:
    return fold_text(name).casefold()


def explain_group_off(stored: StoredGroup) -> Message:
    """Return why a group takes nobody, and what to do."""
    group = stored.group
    is_grounded = has_grounds(group.access_class, group.purpose, group.legal_basis)
    template = NO_LEGAL_BASIS if group.is_sensitive and not is_grounded else NOT_IN_USE
    return Message(template, {"group": group.name_zh})
