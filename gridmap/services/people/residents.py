"""Residents: masked lists, search by a whole number, and single values revealed for a recorded reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.privacy import id_numbers, masking
from gridmap.core.reason import is_sufficient_reason
from gridmap.services.accounts import audit
from gridmap.services.accounts.encryption_keys import load_key_ring
from gridmap.store.key_ring import KeyRing
from gridmap.store.queries import residents as resident_queries
from gridmap.store.queries.residents import NumberField, ResidentRow

__all__ = [
    "RESIDENT_FIELDS",
    "MaskedResident",
    "ResidentField",
    "encrypt_numbers",
    "find_residents",
    "get_resident",
    "list_residents",
    "reveal_value",
]

ResidentField = Literal["name", "id_number", "phone"]
RESIDENT_FIELDS: tuple[ResidentField, ...] = get_args(ResidentField)
MAX_ROWS = 200
"""Maximum rows of a list: about the number of residents of a building of 30 storeys."""
MAX_REASON_LENGTH = 400
"""Letters of a reason that the audit stores."""
ID_NUMBER_LENGTH = 18
"""Digits of an identity number (GB 11643); every other number is taken for a phone number."""


@dataclass(frozen=True)
class MaskedResident:
    """A resident with the name and the numbers masked.

    Parameters
    ----------
    id : int
    name : str
        First character, and a mask.
    id_number, phone : str or None
        Mask and last digits; None where the number is not known.
    building : str
    dwelling : str or None
    household_kind : str
    """

    id: int
    name: str
    id_number: str | None
    phone: str | None
    building: str
    dwelling: str | None
    household_kind: str


def list_residents(session: Session, caller: Caller, building_id: int) -> Sequence[MaskedResident]:
    """Return today's residents of a building, masked, in the order of their dwellings; at most `MAX_ROWS`."""
    return _mask_rows(session, resident_queries.list_building_residents(session, caller, building_id, MAX_ROWS))


def find_residents(
    session: Session, caller: Caller, number: str, address: str | None = None
) -> Sequence[MaskedResident]:
    """Return the residents with an identity number or a phone number, and record the search in the audit.

    Parameters
    ----------
    session : Session
    caller : Caller
        A worker or a station; other roles find no residents.
    number : str
        The whole number, in any spelling; it is compared by its keyed hash.
    address : str, optional
        Network address of the request, for the audit.
    """
    field, value = _parse_number(number)
    blind_indexes = load_key_ring(session).blind_indexes(value)
    rows = resident_queries.find_residents_by_blind_index(session, caller, field, blind_indexes, MAX_ROWS)
    residents = _mask_rows(session, rows)
    details = {"by": field, "found": len(residents)}
    for subdistrict_id in caller.subdistrict_ids:
        entry = audit.AuditEntry("search", "resident", address=address, subdistrict_id=subdistrict_id, details=details)
        audit.record_entry(session, entry)
    return residents


def get_resident(session: Session, caller: Caller, resident_id: int) -> MaskedResident:
    """Return one resident, masked.

    Raises
    ------
    NotFound
        If the caller may not see the resident, or there is none.
    """
    row = resident_queries.find_resident(session, caller, resident_id)
    if row is None:
        raise NotFound(resident_id)
    return _mask_rows(session, [row])[0]


def reveal_value(
    session: Session, caller: Caller, resident_id: int, field: ResidentField, reason: str, address: str | None = None
) -> str:
    """Return a value in clear, and record the reason in the audit in the same transaction.

    Parameters
    ----------
    session : Session
    caller : Caller
        A worker or a station.
    resident_id : int
        A resident of the caller's own buildings.
    field : {"name", "id_number", "phone"}
    reason : str
        At least `gridmap.core.reason.MIN_REASON_LETTERS` letters.
    address : str, optional
        Network address of the request, for the audit.

    Raises
    ------
    InvalidInput
        If the reason is too short.
    NotFound
        If the caller may not see the resident, or the value is not known.
    """
    if not is_sufficient_reason(reason):
        problem = Message(N_("give the reason in at least four letters"))
        raise InvalidInput([InputFault(problem, column="reason")])
    row = resident_queries.find_resident(session, caller, resident_id)
    value = _stored_value(row, field) if row else None
    if row is None or value is None:
        raise NotFound(resident_id)
    entry = audit.AuditEntry(
        "reveal",
        "resident",
        resident_id,
        reason.strip()[:MAX_REASON_LENGTH],
        address,
        row.subdistrict_id,
        row.community_id,
        {"field": field},
    )
    audit.record_entry(session, entry)
    return value if isinstance(value, str) else load_key_ring(session).decrypt(value)


def encrypt_numbers(
    key_ring: KeyRing, id_number: str | None = None, phone: str | None = None
) -> dict[str, bytes | None]:
    """Return the columns of `Resident` for numbers in clear: each as encrypted value and as keyed hash.

    Parameters
    ----------
    key_ring : KeyRing
        From `gridmap.services.accounts.encryption_keys.load_key_ring` or `load_or_create_key_ring`.
    id_number, phone : str, optional
        In any spelling; check identity numbers with `id_numbers.id_number_problem` first.
    """
    values = {
        "id_number": id_numbers.normalise_id_number(id_number or "") or None,
        "phone": id_numbers.normalise_phone(phone or "") or None,
    }
    columns: dict[str, bytes | None] = {}
    for field, value in values.items():
        columns[f"{field}_encrypted"] = None if value is None else key_ring.encrypt(value)
        columns[f"{field}_index"] = None if value is None else key_ring.blind_index(value)
    return columns


def _parse_number(number: str) -> tuple[NumberField, str]:
    id_number = id_numbers.normalise_id_number(number)
    if len(id_number) == ID_NUMBER_LENGTH:
        return "id_number", id_number
    return "phone", id_numbers.normalise_phone(number)


def _stored_value(row: ResidentRow, field: ResidentField) -> str | bytes | None:
    """Return the name in clear, or a number encrypted."""
    if field == "name":
        return row.name
    return row.id_number_encrypted if field == "id_number" else row.phone_encrypted


def _mask_rows(session: Session, rows: Sequence[ResidentRow]) -> Sequence[MaskedResident]:
    """Mask residents; the keys are loaded only if there is a number to decrypt."""
    has_numbers = any(row.id_number_encrypted or row.phone_encrypted for row in rows)
    key_ring = load_key_ring(session) if has_numbers else None
    return [_mask_resident(key_ring, row) for row in rows]


def _mask_resident(key_ring: KeyRing | None, row: ResidentRow) -> MaskedResident:
    return MaskedResident(
        row.id,
        masking.mask_name(row.name),
        _mask_encrypted(key_ring, row.id_number_encrypted),
        _mask_encrypted(key_ring, row.phone_encrypted),
        row.building,
        row.dwelling,
        row.household_kind,
    )


def _mask_encrypted(key_ring: KeyRing | None, encrypted: bytes | None) -> str | None:
    return masking.mask_number(key_ring.decrypt(encrypted)) if key_ring and encrypted else None
