"""Residents: masked lists and search by a whole number; each is recorded with the residents that it showed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.core.privacy import id_numbers, masking
from gridmap.core.vocabulary import Role
from gridmap.services.accounts.encryption_keys import load_key_ring
from gridmap.store.key_ring import KeyRing
from gridmap.store.queries.people import residents as resident_queries
from gridmap.store.queries.people.residents import NumberField, ResidentRow
from gridmap.store.writes import reveals as reveal_writes

__all__ = [
    "MaskedResident",
    "encrypt_numbers",
    "find_residents",
    "get_resident",
    "has_residents",
    "list_household",
    "list_residents",
    "mask_residents",
    "mask_rows",
    "open_resident",
]

REVEALING_ROLES = (Role.WORKER, Role.STATION)
"""Roles that see residents."""
MAX_ROWS = 200
"""Maximum rows of a list: about the number of residents of a building of 30 storeys."""
ID_NUMBER_LENGTH = 18
"""Digits of an identity number (GB 11643); every other number is taken for a phone number."""


@dataclass(frozen=True)
class MaskedResident:
    """A resident with the name and the numbers masked.

    Parameters
    ----------
    id, household_id : int
    name : str
        First character, and a mask.
    id_number, phone : str or None
        Mask and last digits; None where the number is not known.
    building : str
    dwelling : str or None
    household_kind : str
    """

    id: int
    household_id: int
    name: str
    id_number: str | None
    phone: str | None
    building: str
    dwelling: str | None
    household_kind: str


def has_residents(session: Session, caller: Caller) -> bool:
    """Return whether a resident of today is recorded in a building of the caller.

    Subdistricts may work with counts of buildings alone; pages of persons then say so.
    """
    return resident_queries.has_residents(session, caller)


def list_residents(
    session: Session, caller: Caller, building_id: int, address: str | None = None
) -> Sequence[MaskedResident]:
    """Return today's residents of a building, masked, and record the list in the audit.

    Parameters
    ----------
    session : Session
    caller : Caller
        A worker or a station; other roles find no residents, and nothing is recorded.
    building_id : int
    address : str, optional
        Network address of the request, for the audit.

    Returns
    -------
    sequence of MaskedResident
        In the order of their dwellings; at most `MAX_ROWS`.
    """
    rows = resident_queries.list_building_residents(session, caller, building_id, MAX_ROWS)
    if rows:
        ids, details = [row.id for row in rows], {"found": len(rows)}
        reveal_writes.record_residents_shown(session, "list", ("building", building_id), ids, details, address)
    return mask_rows(session, rows)


def list_household(
    session: Session, caller: Caller, household_id: int, address: str | None = None
) -> Sequence[MaskedResident]:
    """Return today's members of a household, masked, and record the list in the audit.

    Raises
    ------
    NotFound
        If the caller may not see the household, or nobody lives in it.
    """
    rows = resident_queries.list_household_residents(session, caller, household_id, MAX_ROWS)
    if not rows:
        raise NotFound(household_id)
    ids, details = [row.id for row in rows], {"found": len(rows)}
    reveal_writes.record_residents_shown(session, "list", ("household", household_id), ids, details, address)
    return mask_rows(session, rows)


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
    ids, details = [row.id for row in rows], {"by": field, "found": len(rows)}
    if caller.role in REVEALING_ROLES:
        reveal_writes.record_residents_shown(session, "search", ("resident", None), ids, details, address)
    return mask_rows(session, rows)


def open_resident(session: Session, caller: Caller, resident_id: int, address: str | None = None) -> MaskedResident:
    """Return one resident, masked, and record the look in the audit.

    Raises
    ------
    NotFound
        If the caller may not see the resident, or there is none.
    """
    resident = get_resident(session, caller, resident_id)
    reveal_writes.record_residents_shown(session, "view", ("resident", resident_id), [resident_id], {}, address)
    return resident


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
    return mask_rows(session, [row])[0]


def mask_residents(session: Session, caller: Caller, resident_ids: Sequence[int]) -> Sequence[MaskedResident]:
    """Return some residents, masked; whoever lists them has recorded it."""
    return mask_rows(session, resident_queries.list_residents_by_id(session, caller, resident_ids))


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


def mask_rows(session: Session, rows: Sequence[ResidentRow]) -> Sequence[MaskedResident]:
    """Mask residents; the keys are loaded only if there is a number to decrypt."""
    has_numbers = any(row.id_number_encrypted or row.phone_encrypted for row in rows)
    key_ring = load_key_ring(session) if has_numbers else None
    return [_mask_resident(key_ring, row) for row in rows]


def _mask_resident(key_ring: KeyRing | None, row: ResidentRow) -> MaskedResident:
    return MaskedResident(
        row.id,
        row.household_id,
        masking.mask_name(row.name_initial),
        _mask_encrypted(key_ring, row.id_number_encrypted),
        _mask_encrypted(key_ring, row.phone_encrypted),
        row.building,
        row.dwelling,
        row.household_kind,
    )


def _mask_encrypted(key_ring: KeyRing | None, encrypted: bytes | None) -> str | None:
    return masking.mask_number(key_ring.decrypt(encrypted)) if key_ring and encrypted else None
