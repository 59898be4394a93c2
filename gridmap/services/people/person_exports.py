"""Exports of persons: masked, asked for with a purpose, approved by a second person, downloaded once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound, NotPossible
from gridmap.core.reason import is_nonsense, is_sufficient_reason
from gridmap.core.vocabulary import Role
from gridmap.services.exports.tables import Column, ExportedFile, ExportOrigin, ExportTable, Value, write_table
from gridmap.services.people.residents import REVEALING_ROLES, MaskedResident, mask_rows
from gridmap.store.queries import territory
from gridmap.store.queries.people import person_exports as export_queries
from gridmap.store.queries.people.person_exports import PersonExportRow
from gridmap.store.queries.territory import CommunityRow
from gridmap.store.writes import reveals as reveal_writes
from gridmap.texts import translate

__all__ = [
    "FIELD_LABELS",
    "PersonExportRequest",
    "PersonExportRow",
    "decide_export",
    "download_export",
    "list_administered",
    "list_communities",
    "list_own",
    "request_export",
]

FIELD_LABELS = {
    "name": N_("Name, masked"),
    "phone": N_("Phone, masked"),
    "id_number": N_("Identity number, masked"),
    "residence": N_("Kind of residence"),
}
"""Values that a file can have; none of them is ever in clear."""
VALUE_LABELS = {
    "residence": {
        "resident": N_("lives here"),
        "registered": N_("is registered here"),
        "dwelling": N_("dwelling"),
    }
}
MAX_LISTED = 100
MAX_RESIDENTS = 20_000
"""Residents of a file: more than those of the largest community; a file never leaves some out silently."""
MAX_WAITING = 5
PURPOSE_NEEDED = N_("say in a sentence what the file is for")
BASIS_NEEDED = N_("name the legal basis, for example an article of a law or a notice")
REFUSAL_NEEDED = N_("say why it is refused")
FIELDS_NEEDED = N_("choose at least one value")
UNKNOWN_COMMUNITY = N_("choose a community in which you work")
TOO_MANY_WAIT = N_("Five of your requests wait already: ask the administrator to decide them first.")
NOT_AVAILABLE = N_("The file cannot be downloaded: it was downloaded already, its 72 hours are over, or it is refused.")
NO_RESIDENTS = N_("No resident of the community is open to you today.")
OWN_REQUEST = N_("Another administrator has to decide this: you asked for it yourself.")
WATERMARK = N_("Exported by {account} at {time} for: {purpose}")
BUILDING, DWELLING = Column("building", N_("Building")), Column("dwelling", N_("Door"))


@dataclass(frozen=True)
class PersonExportRequest:
    """A request as it was filled in: a community, values, purpose and legal basis."""

    community_id: int
    fields: Sequence[str]
    purpose: str
    legal_basis: str


def list_communities(session: Session, caller: Caller) -> Sequence[CommunityRow]:
    """Return the communities in which the caller works."""
    subdistricts = territory.list_subdistricts(session, caller)
    return [row for each in subdistricts for row in territory.list_communities(session, caller, each.id)]


def list_own(session: Session, caller: Caller) -> Sequence[PersonExportRow]:
    """Return the requests of the caller, the newest first."""
    return export_queries.list_own(session, caller, MAX_LISTED)


def list_administered(session: Session, caller: Caller) -> Sequence[PersonExportRow]:
    """Return the requests in the places of an administrator, those that wait first."""
    return export_queries.list_administered(session, caller, MAX_LISTED) if caller.role is Role.ADMIN else []


def request_export(session: Session, caller: Caller, request: PersonExportRequest, address: str | None = None) -> int:
    """Ask for an export, which an administrator of the place decides.

    Parameters
    ----------
    session : Session
    caller : Caller
        A worker or a station.
    request : PersonExportRequest
    address : str, optional
        Network address of the request.

    Raises
    ------
    InvalidInput
        If a value is missing or insufficient; all faults together.
    NotPossible
        If too many requests of the caller wait.
    """
    faults = list(_request_faults(session, caller, request))
    if faults:
        raise InvalidInput(faults)
    if sum(each.approved is None for each in list_own(session, caller)) >= MAX_WAITING:
        raise NotPossible(Message(TOO_MANY_WAIT))
    grounds = request.purpose.strip(), request.legal_basis.strip()
    return reveal_writes.request_person_export(session, request.community_id, grounds, request.fields, address)


def decide_export(
    session: Session, caller: Caller, export_id: int, reason: str, address: str | None = None, *, approved: bool
) -> None:
    """Approve a request for 72 hours, or refuse it with a reason; a decided one stays as it is.

    Raises
    ------
    NotFound
        If the caller administers no such request.
    NotPossible
        If the caller asked for it.
    InvalidInput
        If a refusal has no reason.
    """
    row = export_queries.find(session, caller, export_id)
    if row is None or caller.role is not Role.ADMIN:
        raise NotFound(export_id)
    if row.requested_by == caller.account_id:
        raise NotPossible(Message(OWN_REQUEST))
    if not approved and not is_sufficient_reason(reason):
        raise InvalidInput([InputFault(Message(REFUSAL_NEEDED), column="reason")])
    reveal_writes.decide_person_export(session, export_id, reason.strip(), address, approved=approved)


def download_export(
    session: Session, caller: Caller, export_id: int, format_name: str, origin: ExportOrigin
) -> ExportedFile:
    """Return the file of an approved request, once; the audit records it with its residents.

    Parameters
    ----------
    session : Session
    caller : Caller
        Who asked for it.
    export_id : int
    format_name : str
        ``xlsx`` or ``csv``.
    origin : ExportOrigin

    Raises
    ------
    NotFound
        If the caller asked for no such export.
    NotPossible
        If it cannot be downloaded, or has no residents.
    """
    row = export_queries.find(session, caller, export_id)
    if row is None or row.requested_by != caller.account_id or caller.role not in REVEALING_ROLES:
        raise NotFound(export_id)
    stored = export_queries.list_residents(session, caller, row.community_id, MAX_RESIDENTS + 1)
    if not stored or len(stored) > MAX_RESIDENTS:
        raise NotPossible(Message(NO_RESIDENTS))
    table = _make_table(row, mask_rows(session, stored), origin)
    file = write_table(table, format_name, origin)
    if not reveal_writes.take_person_export(session, export_id, [each.id for each in stored], origin.address):
        raise NotPossible(Message(NOT_AVAILABLE))
    return file


def _is_plausible(text: str) -> bool:
    return is_sufficient_reason(text) and not is_nonsense(text)


def _request_faults(session: Session, caller: Caller, request: PersonExportRequest) -> Sequence[InputFault]:
    communities = {each.id for each in list_communities(session, caller)}
    checks = (
        ("community_id", request.community_id in communities, UNKNOWN_COMMUNITY),
        ("fields", bool(request.fields) and set(request.fields) <= FIELD_LABELS.keys(), FIELDS_NEEDED),
        ("purpose", _is_plausible(request.purpose), PURPOSE_NEEDED),
        ("legal_basis", _is_plausible(request.legal_basis), BASIS_NEEDED),
    )
    return [InputFault(Message(problem), column=column) for column, is_sound, problem in checks if not is_sound]


def _make_table(row: PersonExportRow, residents: Sequence[MaskedResident], origin: ExportOrigin) -> ExportTable:
    """Return the table of an export; its first row says who took it, when and what for."""
    columns = [
        BUILDING,
        DWELLING,
        *(Column(name, FIELD_LABELS[name], VALUE_LABELS.get(name, {})) for name in row.fields),
    ]
    mark = _watermark(row, origin)
    rows: list[Sequence[Value]] = [[mark, *[None] * (len(columns) - 1)]]
    rows += [[each.building, each.dwelling, *(_field_value(each, name) for name in row.fields)] for each in residents]
    return ExportTable("persons", N_("Residents, masked"), columns, rows)


def _field_value(resident: MaskedResident, name: str) -> str | None:
    values = {
        "name": resident.name,
        "phone": resident.phone,
        "id_number": resident.id_number,
        "residence": resident.household_kind,
    }
    return values[name]


def _watermark(row: PersonExportRow, origin: ExportOrigin) -> str:
    values = {"account": origin.exported_by, "time": f"{origin.exported_at:%Y-%m-%d %H:%M}", "purpose": row.purpose}
    return translate(Message(WATERMARK, values), origin.language)
