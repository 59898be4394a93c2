"""Administration of service lines: their names, and the categories that each deals with."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.store.queries import service_lines, territory
from gridmap.store.queries.incidents import categories as category_queries
from gridmap.store.queries.incidents.categories import StoredCategory
from gridmap.store.queries.service_lines import ServiceLineRow
from gridmap.store.queries.territory import SubdistrictRow
from gridmap.store.writes import incidents as line_writes
from gridmap.texts import LANGUAGES

__all__ = [
    "ServiceLineRow",
    "SubdistrictLines",
    "add_line",
    "change_line",
    "get_line",
    "list_administered",
    "list_line_names",
]

MAX_KEY_LENGTH = 40
NAME_TAKEN = N_("another service line has this name")


@dataclass(frozen=True)
class SubdistrictLines:
    """Service lines of a subdistrict that an administrator governs, and all of its categories."""

    subdistrict: SubdistrictRow
    lines: Sequence[ServiceLineRow]
    categories: Sequence[StoredCategory]


def list_administered(session: Session, caller: Caller) -> Sequence[SubdistrictLines]:
    """Return the lines of the subdistricts that the caller administers as a whole."""
    return [
        SubdistrictLines(
            subdistrict,
            service_lines.list_lines(session, caller, [subdistrict.id]),
            category_queries.list_stored(session, caller, subdistrict.id),
        )
        for subdistrict in territory.list_subdistricts(session, caller)
        if subdistrict.id in caller.whole_subdistrict_ids
    ]


def list_line_names(session: Session, caller: Caller, language: str) -> Mapping[str, str]:
    """Return the names of the lines of the caller's subdistricts by key, in a language of the service."""
    position = LANGUAGES.index(language)
    lines = service_lines.list_lines(session, caller, caller.subdistrict_ids)
    return {each.key: (each.name_zh, each.name_en)[position] for each in lines}


def get_line(session: Session, caller: Caller, line_id: int) -> tuple[SubdistrictLines, ServiceLineRow]:
    """Return a line with the others of its subdistrict.

    Raises
    ------
    NotFound
        If the caller administers no subdistrict with it.
    """
    for group in list_administered(session, caller):
        for line in group.lines:
            if line.id == line_id:
                return group, line
    raise NotFound(line_id)


def add_line(session: Session, caller: Caller, subdistrict_id: int, names: tuple[str, str]) -> None:
    """Add a line without categories; its key is made of its English name.

    Raises
    ------
    InvalidInput
        If a name is taken.
    NotFound
        If the caller does not administer the subdistrict as a whole.
    """
    group = next((each for each in list_administered(session, caller) if each.subdistrict.id == subdistrict_id), None)
    if group is None:
        raise NotFound(subdistrict_id)
    key = ("_".join(re.findall(r"[a-z0-9]+", names[1].casefold())) or names[0])[:MAX_KEY_LENGTH]
    _require_free_names(group.lines, {key, *names})
    line_writes.save_line(session, subdistrict_id, key, names, ())


def change_line(
    session: Session, caller: Caller, line_id: int, names: tuple[str, str], categories: Collection[str]
) -> None:
    """Change the names of a line and the categories that it deals with; a category leaves its other line.

    Raises
    ------
    InvalidInput
        If another line has a name.
    NotFound
        If the caller administers no subdistrict with the line, or it has no such category.
    """
    group, line = get_line(session, caller, line_id)
    _require_free_names([each for each in group.lines if each.id != line_id], set(names))
    if unknown := set(categories) - {each.category.key for each in group.categories}:
        raise NotFound(min(unknown))
    line_writes.save_line(session, line.subdistrict_id, line.key, names, sorted(categories))


def _require_free_names(others: Sequence[ServiceLineRow], names: set[str]) -> None:
    taken = {text for each in others for text in (each.key, each.name_zh, each.name_en)}
    if names & taken:
        raise InvalidInput([InputFault(Message(NAME_TAKEN), column="name_zh")])
