"""Residents: masked rows, exact search by number, and a value revealed for a reason that is written down first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gridmap.core import personal
from gridmap.core.errors import N_, BadInput, Fault, Message, Unseen
from gridmap.services import audit
from gridmap.services.keys import ring
from gridmap.store import access
from gridmap.store.keys import Ring
from gridmap.store.schema import Building, Dwelling, Household, Resident

Field = Literal["name", "id_number", "phone"]
FIELDS: tuple[Field, ...] = get_args(Field)
REASON = 4
"""Fewest letters of a reason: 上门核实 is one."""
MOST = 200
"""Rows of a list; a building of 30 storeys has about as many residents, and nobody reads more."""


@dataclass(frozen=True)
class Person:
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


def of_building(session: Session, building: int) -> Sequence[Person]:
    """Residents of a building today, masked, in the order of their doors; at most `MOST`."""
    return _persons(session, _residents(session).where(Household.building_id == building))


def find(session: Session, number: str, address: str | None = None) -> Sequence[Person]:
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
    field, value = _kind_of(number)
    marks = ring(session).marks(value)
    marked = Resident.id_number_mark if field == "id_number" else Resident.phone_mark
    found = _persons(session, _residents(session).where(marked.in_(marks)))
    asked = {"by": field, "found": len(found)}
    for home in access.subdistricts(session):
        audit.record(session, audit.Deed("search", "resident", None, None, address, home, asked))
    return found


def one(session: Session, resident: int) -> Person:
    """One resident, masked.

    Raises
    ------
    Unseen
        If the account may not see the resident, or there is none.
    """
    found = _persons(session, _residents(session).where(Resident.id == resident))
    if not found:
        raise Unseen(resident)
    return found[0]


def reveal(session: Session, resident: int, field: Field, reason: str, address: str | None = None) -> str:
    """A value in clear, after the reason for it has been written to the audit in the same transaction.

    Parameters
    ----------
    session : Session
        Of a worker or a station.
    resident : int
        Key of a resident in the account's own buildings.
    field : {"name", "id_number", "phone"}
        Which value.
    reason : str
        Why, in at least four letters.
    address : str, optional
        Network address for the audit.

    Raises
    ------
    BadInput
        If the reason is too short.
    Unseen
        If there is no such resident among the account's, or no such value.
    """
    if len("".join(reason.split())) < REASON:
        raise BadInput([Fault(Message(N_("say in at least four letters what it is needed for")), column="reason")])
    row = session.scalar(
        select(Resident).where(Resident.id.in_(_residents(session, Resident.id)), Resident.id == resident)
    )
    kept = getattr(row, "name" if field == "name" else f"{field}_sealed", None)
    if row is None or kept is None:
        raise Unseen(resident)
    deed = audit.Deed(
        "reveal", "resident", resident, reason.strip()[:400], address, row.subdistrict_id, {"field": field}
    )
    audit.record(session, deed)
    return kept if field == "name" else ring(session).unseal(kept)


def sealed(keys: Ring, id_number: str | None = None, phone: str | None = None) -> dict[str, bytes | None]:
    """Columns of `Resident` for numbers in clear: each as what can be read with the key, and what finds it.

    Parameters
    ----------
    keys : Ring
        Of `gridmap.services.keys.ring` or `ring_or_new`.
    id_number, phone : str, optional
        In any spelling; whoever takes them in checks identity numbers with `personal.gb_11643`.
    """
    values = {
        "id_number": personal.id_number(id_number or "") or None,
        "phone": personal.phone(phone or "") or None,
    }
    columns: dict[str, bytes | None] = {}
    for field, value in values.items():
        columns[f"{field}_sealed"] = None if value is None else keys.seal(value)
        columns[f"{field}_mark"] = None if value is None else keys.mark(value)
    return columns


def _kind_of(number: str) -> tuple[str, str]:
    whole = personal.id_number(number)
    return ("id_number", whole) if len(whole) == 18 else ("phone", personal.phone(number))


def _residents(session: Session, *columns: Any) -> Select[Any]:
    """Residents of today whom the account may see, with their household, building and door."""
    today = func.today()
    rows = select(*(columns or (Resident, Household.kind, Building, Dwelling.number)))
    rows = rows.select_from(Resident).join(Household, Household.id == Resident.household_id)
    rows = rows.join(Building, Building.id == Household.building_id)
    rows = rows.outerjoin(Dwelling, Dwelling.id == Household.dwelling_id)
    here = [access.only(session, table) for table in (Resident, Household, Building)]
    return rows.where(*here, Resident.valid.contains(today), Household.valid.contains(today))


def _persons(session: Session, rows: Select[Any]) -> list[Person]:
    ordered = rows.order_by(Building.name, Building.code, Dwelling.number, Resident.id).limit(MOST)
    found = session.execute(ordered).all()
    keys = ring(session) if any(_numbers(resident) for resident, *_ in found) else None
    return [_masked(keys, *row) for row in found]


def _numbers(resident: Resident) -> Iterable[bytes]:
    return [sealed for sealed in (resident.id_number_sealed, resident.phone_sealed) if sealed]


def _masked(keys: Ring | None, resident: Resident, kind: str, building: Building, door: str | None) -> Person:
    def hidden(sealed: bytes | None) -> str | None:
        return personal.hidden_number(keys.unseal(sealed)) if keys and sealed else None

    numbers = hidden(resident.id_number_sealed), hidden(resident.phone_sealed)
    place = building.name or building.address or building.code
    return Person(resident.id, personal.hidden_name(resident.name), *numbers, place, door, kind)


__all__ = ["FIELDS", "Field", "Person", "find", "of_building", "one", "reveal", "sealed"]
