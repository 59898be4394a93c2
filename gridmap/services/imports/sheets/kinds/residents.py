"""Residents 花名册: found by identity number, else by door, name and year of birth."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridmap.core.errors import N_, Message
from gridmap.core.privacy.id_numbers import normalise_phone
from gridmap.core.vocabulary import DifferenceKind, HouseholdKind
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.accounts.encryption_keys import load_key_ring, load_or_create_key_ring
from gridmap.services.imports.sheets.contradictions import Offer, SourceCheck
from gridmap.services.imports.sheets.count_checks import check_household_sizes
from gridmap.services.imports.sheets.homes import DoorKey, Homes, HouseholdKey
from gridmap.services.imports.sheets.memberships import Memberships
from gridmap.services.imports.sheets.places import match_buildings
from gridmap.services.imports.sheets.plan import Difference, ImportContext, SheetPlan
from gridmap.store.key_ring import KeyRing
from gridmap.store.queries.imports.people import ResidentKeyRow, list_residents
from gridmap.store.schema import Resident
from gridmap.store.writes.imports.people import move_residents
from gridmap.store.writes.imports.rows import end_rows, insert_rows, update_rows

REPEATED = N_("the same person is in row {row} already")
NO_KEY = N_("neither identity number nor year of birth: fill in one of them, so that the person is found next time")
SAME_NAMES = N_("several residents behind this door have this name and year of birth: fill in the identity number")
YEAR_DIFFERS = N_("出生年份 differs from the identity number, which says {year}")


@dataclass(eq=False, slots=True)
class RegisterRow:
    """A row of the register with what it means."""

    row: int
    home: HouseholdKey
    name: str
    birth_year: int | None
    id_number: str | None
    phone: str | None
    id_number_index: bytes | None = None
    phone_index: bytes | None = None
    present: ResidentKeyRow | None = None
    changed: list[str] = field(default_factory=list)
    groups: tuple[int, ...] = ()


def plan_residents(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a register with the residents of today."""
    return _ResidentPlanner(context, sheet).plan()


class _ResidentPlanner:
    def __init__(self, context: ImportContext, sheet: SheetRows) -> None:
        self.context, self.sheet = context, sheet
        self.problems: list[RowProblem] = []
        self.ring = self._load_ring()
        places = match_buildings(context, sheet.values, len(sheet))
        self.memberships = Memberships(context, sheet)
        self.problems += [*places.problems, *self.memberships.problems]
        buildings = [each for each in places.building_ids if each is not None]
        self.homes = Homes(context, buildings)
        self.wrong = {each.row for each in (*sheet.problems, *self.problems) if not each.is_warning}
        self.rows = self._read_rows(places.building_ids, places.doors)
        self.check = SourceCheck(context, "resident")
        self.present = list_residents(context.session, context.subdistrict_id, sorted(set(buildings)))

    def _load_ring(self) -> KeyRing:
        if self.context.caller.trusted:
            return load_or_create_key_ring(self.context.session, self.context.caller)
        return load_key_ring(self.context.session)

    def plan(self) -> SheetPlan:
        self._match()
        self.check.load(row.present.id for row in self.rows if row.present)
        self.memberships.load(row.present.id for row in self.rows if row.present)
        differences = [self._compare(row) for row in self.rows]
        differences += self._gone()
        return SheetPlan("resident", differences, self.problems, self._apply, self._end)

    def _read_rows(self, building_ids: Sequence[int | None], doors: Sequence[object]) -> list[RegisterRow]:
        values, count = self.sheet.values, len(self.sheet)
        empty: Sequence[object] = [None] * count
        names = ("name", "birth_year", "id_number", "phone", "unit", "door", "household_kind")
        rows = []
        for row, (name, year, number, phone, unit, door, kind) in enumerate(
            zip(*(values.get(each, empty) for each in names), strict=True)
        ):
            building_id = building_ids[row]
            if row in self.wrong or building_id is None:
                continue
            found = self.homes.find_door(building_id, unit, door, doors[row])  # type: ignore[arg-type]  # cells of a sheet are objects; its columns were checked
            if isinstance(found, Message):
                self._refuse(row, found, "unit")
                continue
            rows.append(self._read_row(row, found, (name, year, number, phone, kind)))
        self._check_sizes(rows)
        return self._without_repeated(rows)

    def _check_sizes(self, rows: Sequence[RegisterRow]) -> None:
        stated = self.sheet.values.get("household_size")
        if stated and any(stated):
            numbers = [self.sheet.row_number(row) for row in range(len(self.sheet))]
            self.problems += check_household_sizes(((row.row, row.home, stated[row.row]) for row in rows), numbers)

    def _read_row(self, row: int, door: DoorKey, cells: tuple[object, ...]) -> RegisterRow:
        name, year, number, phone, kind = cells
        birth_year = year if isinstance(year, int) else None
        if isinstance(number, str):
            year_of_number = int(number[6:10])
            if birth_year not in {None, year_of_number}:
                message = Message(YEAR_DIFFERS, {"year": number[6:10]})
                self.problems.append(RowProblem(row, message, "birth_year", is_warning=True))
            birth_year = year_of_number
        elif birth_year is None:
            self.problems.append(RowProblem(row, Message(NO_KEY), "id_number", is_warning=True))
        home = HouseholdKey(door, str(kind or HouseholdKind.RESIDENT.value))
        id_number, phone_number = (str(each) if each else None for each in (number, phone))
        groups = self.memberships.of_row(row)
        return RegisterRow(row, home, str(name), birth_year, id_number, phone_number, groups=groups)

    def _refuse(self, row: int, message: Message, field_name: str) -> None:
        self.problems.append(RowProblem(row, message, field_name))

    def _without_repeated(self, rows: Sequence[RegisterRow]) -> list[RegisterRow]:
        """Return the rows but those of a person who is in an earlier one; each gets its keyed hashes."""
        first: dict[tuple[object, ...], int] = {}
        kept = []
        for row in rows:
            row.id_number_index = self.ring.blind_index(row.id_number) if row.id_number else None
            key: tuple[object, ...] = (row.id_number_index, row.home.kind)
            if row.id_number_index is None:
                key = (row.home, row.name, row.birth_year)
            if key in first:
                number = self.sheet.row_number(first[key])
                self._refuse(row.row, Message(REPEATED, {"row": number}), "id_number")
                continue
            first[key] = row.row
            kept.append(row)
        return kept

    def _match(self) -> None:
        """Find the present resident of each row."""
        by_number: dict[tuple[bytes, str], ResidentKeyRow] = {}
        by_name: dict[tuple[object, ...], list[ResidentKeyRow]] = defaultdict(list)
        for each in self.present:
            if each.id_number_index is not None:
                by_number[each.id_number_index, each.kind] = each
            by_name[each.household_id, each.name_digest].append(each)
        kept = []
        for row in self.rows:
            row.present = self._find_by_number(row, by_number)
            household = self.homes.households.get(row.home)
            if row.present is None and household is not None:
                alike = _alike(row, by_name.get((household, _digest(row.name)), ()))
                if len(alike) > 1:
                    self._refuse(row.row, Message(SAME_NAMES), "id_number")
                    continue
                row.present = alike[0] if alike else None
            kept.append(row)
        self.rows = kept

    def _find_by_number(
        self, row: RegisterRow, by_number: Mapping[tuple[bytes, str], ResidentKeyRow]
    ) -> ResidentKeyRow | None:
        """Return the resident of an identity number, also where it was stored with an earlier key."""
        if row.id_number is None or row.id_number_index is None or not by_number:
            return None
        found = by_number.get((row.id_number_index, row.home.kind))
        if found is not None or len(self.ring.keys) == 1:
            return found
        indexes = ((index, row.home.kind) for index in self.ring.blind_indexes(row.id_number))
        return next((by_number[each] for each in indexes if each in by_number), None)

    def _compare(self, row: RegisterRow) -> Difference:
        if row.present is None:
            return Difference(DifferenceKind.NEW, row.row)
        present = row.present
        offers = []
        if present.household_id != self.homes.households.get(row.home):
            offers.append(Offer("household_id", {}))
        if present.name_digest != _digest(row.name):
            offers.append(Offer("name", {"name": row.name}))
        if row.birth_year is not None and present.birth_year != row.birth_year:
            offers.append(Offer("birth_year", {"birth_year": row.birth_year}))
        if row.phone and present.phone_index not in self.ring.blind_indexes(normalise_phone(row.phone)):
            offers.append(Offer("phone_encrypted", {}))
        if row.id_number and present.id_number_index is None:
            offers.append(Offer("id_number_encrypted", {}))
        if self.memberships.list_new(present.id, row.groups):
            offers.append(Offer("service_groups", {}))
        self.problems += self.memberships.propose_ends(row.row, present.id, row.groups)
        known = {"phone_encrypted": present.phone_index is not None, "birth_year": present.birth_year is not None}
        known["service_groups"] = False  # one group more contradicts nothing
        fields, kind = self.check.sort(present.id, offers, known)
        row.changed = fields if kind is DifferenceKind.CHANGED else []
        return Difference(kind, row.row, present.id, tuple(fields))

    def _gone(self) -> list[Difference]:
        """Return the residents of buildings in the sheet whom no row names; those of rows with faults may be named."""
        if self.wrong or any(not each.is_warning for each in self.problems):
            return []
        named = {row.present.id for row in self.rows if row.present}
        kinds = {row.home.kind for row in self.rows}
        buildings = {row.home.door.building_id for row in self.rows}
        return [
            Difference(DifferenceKind.GONE, None, each.id)
            for each in self.present
            if each.id not in named and each.building_id in buildings and each.kind in kinds
        ]

    def _apply(self) -> dict[int, int]:
        new = [row for row in self.rows if row.present is None]
        moved = [row for row in self.rows if "household_id" in row.changed]
        self.homes.make_households(row.home for row in (*new, *moved))
        present_ids = self._move(moved)
        ids = self._insert(new)
        self._update(present_ids)
        self.memberships.carry(present_ids)
        self._join(new, ids, present_ids)
        new_ids = {row.row: row_id for row, row_id in zip(new, ids, strict=True)}
        return new_ids | {row.row: present_ids[row.present.id] for row in moved if row.present}

    def _join(self, new: Sequence[RegisterRow], ids: Sequence[int], present_ids: Mapping[int, int]) -> None:
        """Let residents join the groups that their rows name and that they are not in."""
        joined = {row_id: row.groups for row, row_id in zip(new, ids, strict=True)}
        for row in self.rows:
            if row.present and "service_groups" in row.changed:
                row_id = present_ids.get(row.present.id, row.present.id)
                joined[row_id] = self.memberships.list_new(row.present.id, row.groups)
        self.memberships.join(joined)

    def _move(self, rows: Sequence[RegisterRow]) -> dict[int, int]:
        """Move residents; return the present keys of those that have another one now."""
        former = [row.present.id for row in rows if row.present]
        households = [self.homes.households[row.home] for row in rows]
        ids = move_residents(self.context.session, former, households, self.context.as_of)
        return dict(zip(former, ids, strict=True))

    def _insert(self, rows: Sequence[RegisterRow]) -> list[int]:
        count = len(rows)
        columns: dict[str, Sequence[object]] = {
            "subdistrict_id": [self.context.subdistrict_id] * count,
            "household_id": [self.homes.households[row.home] for row in rows],
            "name": [row.name for row in rows],
            "birth_year": [row.birth_year for row in rows],
            "id_number_encrypted": _encrypt(self.ring, [row.id_number for row in rows]),
            "id_number_index": [row.id_number_index for row in rows],
            **self._phone_columns(rows),
            "source": [self.context.source] * count,
            "valid": [self.context.period] * count,
        }
        return insert_rows(self.context.session, self.context.caller, Resident, columns)

    def _phone_columns(self, rows: Sequence[RegisterRow]) -> dict[str, Sequence[object]]:
        phones = [normalise_phone(row.phone) if row.phone else None for row in rows]
        indexes = [self.ring.blind_index(phone) if phone else None for phone in phones]
        return {"phone_encrypted": _encrypt(self.ring, phones), "phone_index": indexes}

    def _update(self, present_ids: dict[int, int]) -> None:
        """Update the changed fields of residents, those that change together in one statement."""
        for name in ("name", "birth_year", "phone_encrypted", "id_number_encrypted"):
            rows = [row for row in self.rows if row.present and name in row.changed]
            ids = [present_ids.get(row.present.id, row.present.id) for row in rows if row.present]
            columns: dict[str, Sequence[object]] = {name: [getattr(row, name, None) for row in rows]}
            if name == "phone_encrypted":
                columns = self._phone_columns(rows)
            elif name == "id_number_encrypted":
                encrypted = _encrypt(self.ring, [row.id_number for row in rows])
                columns = {name: encrypted, "id_number_index": [row.id_number_index for row in rows]}
            update_rows(self.context.session, Resident, ids, columns)

    def _end(self, resident_ids: Sequence[int]) -> None:
        end_rows(self.context.session, Resident, resident_ids, self.context.as_of)


def _alike(row: RegisterRow, candidates: Sequence[ResidentKeyRow]) -> list[ResidentKeyRow]:
    """Return residents of the household and name with the same year of birth, or without an identity number."""
    same = [each for each in candidates if row.birth_year is None or each.birth_year in (None, row.birth_year)]
    return [each for each in same if row.id_number is None or each.id_number_index is None]


def _encrypt(ring: KeyRing, numbers: Sequence[str | None]) -> list[bytes | None]:
    """Encrypt numbers in their normal form; None stays None."""
    encrypted = iter(ring.encrypt_all([number for number in numbers if number is not None]))
    return [None if number is None else next(encrypted) for number in numbers]


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
