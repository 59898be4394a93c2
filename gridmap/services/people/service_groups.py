"""Administration of service groups: names, purpose, legal basis and use."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.privacy.service_groups import MAX_KEY_LETTERS, MIN_GROUNDS_LETTERS, ServiceGroup, has_grounds
from gridmap.store.queries import territory
from gridmap.store.queries.people import service_groups as group_queries
from gridmap.store.queries.people.service_groups import StoredGroup
from gridmap.store.queries.territory import SubdistrictRow
from gridmap.store.writes.homes import service_groups as group_writes

__all__ = [
    "ServiceGroup",
    "ServiceGroupChanged",
    "StoredGroup",
    "SubdistrictGroups",
    "add_group",
    "change_group",
    "get_group",
    "list_administered",
]

NAME_TAKEN = N_("another service group has this name")
PURPOSE_MISSING = N_("a group in use needs a purpose")
BASIS_MISSING = N_("a sensitive group needs a legal basis of at least {count} letters before it can be used")


class ServiceGroupChanged(Exception):
    """Somebody has changed the service group since the page was opened; nothing was saved."""


@dataclass(frozen=True)
class SubdistrictGroups:
    """Service groups of a subdistrict that an administrator governs."""

    subdistrict: SubdistrictRow
    groups: Sequence[StoredGroup]


def list_administered(session: Session, caller: Caller) -> Sequence[SubdistrictGroups]:
    """Return the service groups of the subdistricts that the caller administers as a whole."""
    return [
        SubdistrictGroups(subdistrict, group_queries.list_groups(session, caller, subdistrict.id))
        for subdistrict in territory.list_subdistricts(session, caller)
        if subdistrict.id in caller.whole_subdistrict_ids
    ]


def get_group(session: Session, caller: Caller, group_id: int) -> StoredGroup:
    """Return a service group of a subdistrict that the caller administers as a whole.

    Raises
    ------
    NotFound
        If there is none.
    """
    stored = group_queries.find_group(session, caller, group_id)
    if stored is None or stored.subdistrict_id not in caller.whole_subdistrict_ids:
        raise NotFound(group_id)
    return stored


def add_group(session: Session, caller: Caller, subdistrict_id: int, group: ServiceGroup) -> None:
    """Add a service group; its key is made of its English name.

    Raises
    ------
    InvalidInput
        If a name is taken, or a group in use has no purpose, or a sensitive one no legal basis.
    NotFound
        If the caller does not administer the subdistrict as a whole.
    """
    if subdistrict_id not in caller.whole_subdistrict_ids:
        raise NotFound(subdistrict_id)
    key = "_".join(re.findall(r"[a-z0-9]+", group.name_en.casefold())) or group.name_zh
    named = replace(group, key=key[:MAX_KEY_LETTERS])
    _require_valid(session, caller, subdistrict_id, named)
    if group_writes.save_group(session, subdistrict_id, named, 0) is None:
        raise InvalidInput([InputFault(Message(NAME_TAKEN), column="name_en")])


def change_group(session: Session, caller: Caller, stored: StoredGroup, group: ServiceGroup, version: int) -> None:
    """Change names, purpose, legal basis and use of a service group; its key and class stay.

    While a group is not in use, the database shows its members to nobody.

    Raises
    ------
    InvalidInput
        If a name is taken, or a group in use has no purpose, or a sensitive one no legal basis.
    ServiceGroupChanged
        If somebody has changed it since the page was opened.
    """
    changed = replace(group, key=stored.group.key, access_class=stored.group.access_class)
    _require_valid(session, caller, stored.subdistrict_id, changed)
    if group_writes.save_group(session, stored.subdistrict_id, changed, version) is None:
        raise ServiceGroupChanged


def _require_valid(session: Session, caller: Caller, subdistrict_id: int, group: ServiceGroup) -> None:
    stored = group_queries.list_groups(session, caller, subdistrict_id)
    others = [each.group for each in stored if each.group.key != group.key]
    if faults := list(_faults(group, others)):
        raise InvalidInput(faults)


def _faults(group: ServiceGroup, others: Sequence[ServiceGroup]) -> Iterator[InputFault]:
    taken = {name.casefold() for other in others for name in other.names}
    for column, name in (("name_zh", group.name_zh), ("name_en", group.name_en)):
        if name.casefold() in taken:
            yield InputFault(Message(NAME_TAKEN), column=column)
    if not group.in_use or has_grounds(group.access_class, group.purpose, group.legal_basis):
        return
    if not (group.purpose or "").strip():
        yield InputFault(Message(PURPOSE_MISSING), column="purpose")
    if group.is_sensitive and len((group.legal_basis or "").strip()) < MIN_GROUNDS_LETTERS:
        yield InputFault(Message(BASIS_MISSING, {"count": MIN_GROUNDS_LETTERS}), column="legal_basis")
