"""Residents: masked rows, exact search by number, and a value revealed for a reason that is written down first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.privacy import id_numbers, masking
from gridmap.services.accounts import audit
from gridmap.services.accounts.encryption_keys import load_key_ring
from gridmap.store.access import row_filter
from gridmap.store.key_ring import KeyRing
from gridmap.store.schema import Building, Dwelling, Household, Resident

ResidentField = Literal["name", "id_number", "phone"]
RESIDENT_FIELDS: tuple[ResidentField, ...] = get_args(ResidentField)
MIN_REASON_LETTERS = 4
"""Fewest letters of a reason: 上门核实 is one."""
MAX_ROWS = 200
"""Rows of a list; a building of 30 storeys has about as many residents, and nobody reads more."""


@dataclass(frozen=True)
class MaskedResident:
    """A resident as lists show one: the name and the numbers hidden but for their ends.

    `id_number` and `phone` are None where none is known.
    """

    id: int
    name: str
    id_number: str | None
    phone: str | None
    building: str
    dwelling: str | None
    household_kind: str


def list_residents(session: Session, caller: Caller, building_id: int) -> Sequence[MaskedResident]:
    """Residents of a building today, masked, in the order of their doors; at most `MAX_ROWS`."""
    return _load_masked(session, _visible_residents(session, caller).where(Household.building_id == building_id))


def find_residents(
    session: Session, caller: Caller, number: str, address: str | None = None
) -> Sequence[MaskedResident]:
    """Residents with an identity number or a phone, compared by keyed hash; that it was asked is written down.

    Parameters
    ----------
    session : Session
        Of a worker or a station; others find nobody.
    number : str
        In any spelling; nothing but the whole number finds.
    address : str, optional
        Network address for the audit.
    """
    field, value = _parse_number(number)
    marks = load_key_ring(session).blind_indexes(value)
    marked = Resident.id_number_mark if field == "id_number" else Resident.phone_mark
    found = _load_masked(session, _visible_residents(session, caller).where(marked.in_(marks)))
    asked = {"by": field, "found": len(found)}
    for home in caller.subdistrict_ids:
        audit.record_entry(session, audit.AuditEntry("search", "resident", None, None, address, home, asked))
    return found


def get_resident(session: Session, caller: Caller, resident_id: int) -> MaskedResident:
    """One resident, masked.

    Raises
    ------
    NotFound
        If the account may not see the resident, or there is none.
    """
    found = _load_masked(session, _visible_residents(session, caller).where(Resident.id == resident_id))
    if not found:
        raise NotFound(resident_id)
    return found[0]


def reveal_value(
    session: Session, caller: Caller, resident_id: int, field: ResidentField, reason: str, address: str | None = None
) -> str:
    """A value in clear, after the reason for it has been written to the audit in the same transaction.

    Parameters
    ----------
    session : Session
        Of a worker or a station.
    resident_id : int
        Key of a resident in the account's own buildings.
    field : {"name", "id_number", "phone"}
        Which value.
    reason : str
        Why, in at least four letters.
    address : str, optional
        Network address for the audit.

    Raises
    ------
    InvalidInput
        If the reason is too short.
    NotFound
        If there is no such resident among the account's, or no such value.
    """
    if len("".join(reason.split())) < MIN_REASON_LETTERS:
        raise InvalidInput(
            [InputFault(Message(N_("say in at least four letters what it is needed for")), column="reason")]
        )
    row = session.scalar(
        select(Resident).where(
            Resident.id.in_(_visible_residents(session, caller, Resident.id)), Resident.id == resident_id
        )
    )
    kept = getattr(row, "name" if field == "name" else f"{field}_sealed", None)
    if row is None or kept is None:
        raise NotFound(resident_id)
    deed = audit.AuditEntry(
        "reveal", "resident", resident_id, reason.strip()[:400], address, row.subdistrict_id, {"field": field}
    )
    audit.record_entry(session, deed)
    return kept if field == "name" else load_key_ring(session).decrypt(kept)


def encrypt_numbers(
    key_ring: KeyRing, id_number: str | None = None, phone: str | None = None
) -> dict[str, bytes | None]:
    """Columns of `Resident` for numbers in clear: each as what can be read with the key, and what finds it.

    Parameters
    ----------
    key_ring : KeyRing
        Of `gridmap.services.accounts.encryption_keys.load_key_ring` or `ring_or_new`.
    id_number, phone : str, optional
        In any spelling; whoever takes them in checks identity numbers with `id_numbers.id_number_problem`.
    """
    values = {
        "id_number": id_numbers.normalise_id_number(id_number or "") or None,
        "phone": id_numbers.normalise_phone(phone or "") or None,
    }
    columns: dict[str, bytes | None] = {}
    for field, value in values.items():
        columns[f"{field}_sealed"] = None if value is None else key_ring.encrypt(value)
        columns[f"{field}_mark"] = None if value is None else key_ring.blind_index(value)
    return columns


def _parse_number(number: str) -> tuple[str, str]:
    whole = id_numbers.normalise_id_number(number)
    return ("id_number", whole) if len(whole) == 18 else ("phone", id_numbers.normalise_phone(number))


def _visible_residents(session: Session, caller: Caller, *columns: Any) -> Select[Any]:
    """Residents of today whom the account may see, with their household, building and door."""
    today = func.today()
    rows = select(*(columns or (Resident, Household.kind, Building, Dwelling.number)))
    rows = rows.select_from(Resident).join(Household, Household.id == Resident.household_id)
    rows = rows.join(Building, Building.id == Household.building_id)
    rows = rows.outerjoin(Dwelling, Dwelling.id == Household.dwelling_id)
    here = [row_filter.visible(caller, table) for table in (Resident, Household, Building)]
    return rows.where(*here, Resident.valid.contains(today), Household.valid.contains(today))


def _load_masked(session: Session, query: Select[Any]) -> list[MaskedResident]:
    ordered = query.order_by(Building.name, Building.code, Dwelling.number, Resident.id).limit(MAX_ROWS)
    found = session.execute(ordered).all()
    keys = load_key_ring(session) if any(_encrypted_numbers(resident) for resident, *_ in found) else None
    return [_mask_resident(keys, *row) for row in found]


def _encrypted_numbers(resident: Resident) -> Iterable[bytes]:
    return [sealed for sealed in (resident.id_number_sealed, resident.phone_sealed) if sealed]


def _mask_resident(
    key_ring: KeyRing | None, resident: Resident, kind: str, building: Building, door: str | None
) -> MaskedResident:
    def hidden(sealed: bytes | None) -> str | None:
        return masking.mask_number(key_ring.decrypt(sealed)) if key_ring and sealed else None

    numbers = hidden(resident.id_number_sealed), hidden(resident.phone_sealed)
    place = building.name or building.address or building.code
    return MaskedResident(resident.id, masking.mask_name(resident.name), *numbers, place, door, kind)


__all__ = [
    "RESIDENT_FIELDS",
    "ResidentField",
    "MaskedResident",
    "find_residents",
    "list_residents",
    "get_resident",
    "reveal_value",
    "encrypt_numbers",
]
