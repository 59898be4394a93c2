"""Administration of incident categories: names, purpose and legal basis by one person, the access class by two."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from gridmap.catalogues import load_incident_categories
from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound, NotPossible
from gridmap.core.incidents.categories import MAX_KEY_LENGTH, IncidentCategory
from gridmap.core.reason import is_sufficient_reason
from gridmap.core.vocabulary import AccessClass
from gridmap.store.queries import territory
from gridmap.store.queries.incidents import categories as category_queries
from gridmap.store.queries.incidents.categories import ClassChangeRow, StoredCategory
from gridmap.store.queries.territory import SubdistrictRow
from gridmap.store.writes import incidents as category_writes

__all__ = [
    "ClassChangeRow",
    "StoredCategory",
    "SubdistrictCategories",
    "add_category",
    "change_category",
    "decide_class",
    "get_category",
    "list_administered",
    "list_main_categories",
    "propose_class",
]

NAME_TAKEN = N_("another category has this name")
PURPOSE_NEEDED = N_("incidents about persons need a purpose")
BASIS_NEEDED = N_(
    "incidents about persons need a legal basis, for example an article of the Personal Information Protection Law"
)
SAME_CLASS = N_("the category has this class already")
REASON_NEEDED = N_("say why, in a sentence")
CHANGE_OPEN = N_("A change of the class of this category is waiting for another administrator already.")
OWN_PROPOSAL = N_("Another administrator has to decide this: you proposed it yourself.")


@dataclass(frozen=True)
class SubdistrictCategories:
    """Categories of a subdistrict that an administrator governs, and the changes of classes that wait."""

    subdistrict: SubdistrictRow
    categories: Sequence[StoredCategory]
    changes: Sequence[ClassChangeRow]


def list_administered(session: Session, caller: Caller) -> Sequence[SubdistrictCategories]:
    """Return the categories of the subdistricts that the caller administers as a whole."""
    changes = category_queries.list_open_changes(session, caller)
    return [
        SubdistrictCategories(
            subdistrict,
            category_queries.list_stored(session, caller, subdistrict.id),
            [change for change in changes if change.subdistrict_id == subdistrict.id],
        )
        for subdistrict in territory.list_subdistricts(session, caller)
        if subdistrict.id in caller.whole_subdistrict_ids
    ]


def list_main_categories() -> Mapping[str, tuple[str, str]]:
    """Return the names of the main categories by key, Chinese first."""
    return load_incident_categories().main_categories


def get_category(session: Session, caller: Caller, category_id: int) -> StoredCategory:
    """Return a category of a subdistrict that the caller administers as a whole.

    Raises
    ------
    NotFound
        If there is none.
    """
    stored = category_queries.find_category(session, caller, category_id)
    if stored is None or stored.subdistrict_id not in caller.whole_subdistrict_ids:
        raise NotFound(category_id)
    return stored


def add_category(session: Session, caller: Caller, subdistrict_id: int, category: IncidentCategory) -> None:
    """Add a category; its key is made of its English name.

    Raises
    ------
    InvalidInput
        If a name is taken, or a category about persons has no purpose or legal basis.
    """
    if subdistrict_id not in caller.whole_subdistrict_ids:
        raise NotFound(subdistrict_id)
    named = replace(category, key=make_category_key(*category.names))
    stored = category_queries.list_categories(session, caller, subdistrict_id)
    taken = {text for each in stored for text in (each.key, *each.names)}
    if taken & {named.key, *named.names}:
        raise InvalidInput([InputFault(Message(NAME_TAKEN), column="name_en")])
    _require_grounds(named)
    category_writes.save_category(session, subdistrict_id, named)


def change_category(session: Session, stored: StoredCategory, category: IncidentCategory) -> None:
    """Change names, main category, purpose, legal basis and line of work of a category; its class stays.

    Raises
    ------
    InvalidInput
        If a category about persons has no purpose or legal basis.
    """
    changed = replace(category, key=stored.category.key, access_class=stored.category.access_class)
    _require_grounds(changed)
    category_writes.save_category(session, stored.subdistrict_id, changed)


def propose_class(
    session: Session, caller: Caller, stored: StoredCategory, category: IncidentCategory, reason: str
) -> None:
    """Propose the class of a category, with purpose and legal basis; another administrator decides.

    Raises
    ------
    InvalidInput
        If the class is the same, or purpose, legal basis or reason are missing.
    NotPossible
        If a change of the category is waiting already.
    """
    if category.access_class is stored.category.access_class:
        raise InvalidInput([InputFault(Message(SAME_CLASS), column="access_class")])
    if not is_sufficient_reason(reason):
        raise InvalidInput([InputFault(Message(REASON_NEEDED), column="reason")])
    _require_grounds(category)
    changes = category_queries.list_open_changes(session, caller)
    if (stored.subdistrict_id, stored.category.key) in {(each.subdistrict_id, each.category) for each in changes}:
        raise NotPossible(Message(CHANGE_OPEN))
    category_writes.propose_class(session, stored.subdistrict_id, category, reason)


def decide_class(session: Session, caller: Caller, change_id: int, *, confirmed: bool) -> None:
    """Confirm or refuse a proposed class; from then on new incidents have it, and stored ones keep theirs.

    Raises
    ------
    NotFound
        If no such change is waiting.
    NotPossible
        If the caller proposed it.
    """
    changes = {each.id: each for each in category_queries.list_open_changes(session, caller)}
    if change_id not in changes:
        raise NotFound(change_id)
    if changes[change_id].proposed_by == caller.account_id:
        raise NotPossible(Message(OWN_PROPOSAL))
    category_writes.decide_class(session, change_id, confirmed=confirmed)


def make_category_key(name_zh: str, name_en: str) -> str:
    """Return the key of a new category: the words of its English name, else its Chinese name.

    Examples
    --------
    >>> make_category_key("渔船", "Fishing boat"), make_category_key("渔船", "渔船")
    ('fishing_boat', '渔船')
    """
    return ("_".join(re.findall(r"[a-z0-9]+", name_en.casefold())) or name_zh)[:MAX_KEY_LENGTH]


def find_missing_ground(category: IncidentCategory) -> InputFault | None:
    """Return what a category about persons misses: its purpose or its legal basis.

    A sensitive category may be without a legal basis: its incidents cannot be reported until there is one.
    """
    if category.access_class is AccessClass.ORDINARY:
        return None
    if not category.purpose:
        return InputFault(Message(PURPOSE_NEEDED), column="purpose")
    if category.access_class is AccessClass.PERSONAL and not category.legal_basis:
        return InputFault(Message(BASIS_NEEDED), column="legal_basis")
    return None


def _require_grounds(category: IncidentCategory) -> None:
    if missing := find_missing_ground(category):
        raise InvalidInput([missing])
