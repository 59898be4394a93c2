"""Service groups 服务类别: groups of residents whom an office serves, with access class, purpose and legal basis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gridmap.core.vocabulary import AccessClass

GROUP_CLASSES = (AccessClass.PERSONAL, AccessClass.SENSITIVE)
"""Access classes of service groups: all of them are about persons."""
MIN_GROUNDS_LETTERS = 4
"""Letters that a purpose of a sensitive group and a legal basis have at least, without spaces around them."""
MAX_KEY_LETTERS = 40
KNOWN_FIELDS = frozenset({"names", "class", "purpose", "basis"})
TomlTable: TypeAlias = Mapping[str, object]


class InvalidGroupCatalogueError(ValueError):
    """The catalogue of service groups has a fault; the message names the group and the fault."""


@dataclass(frozen=True)
class ServiceGroup:
    """A service group.

    Parameters
    ----------
    key : str
    name_zh, name_en : str
    access_class : AccessClass
        Personal or sensitive.
    purpose, legal_basis : str or None
        Purpose and legal basis of processing.
    in_use : bool
        Whether residents are recorded in it; never without its grounds.
    """

    key: str
    name_zh: str
    name_en: str
    access_class: AccessClass
    purpose: str | None = None
    legal_basis: str | None = None
    in_use: bool = False

    @property
    def names(self) -> tuple[str, str]:
        """Return the Chinese and the English name."""
        return self.name_zh, self.name_en

    @property
    def is_sensitive(self) -> bool:
        """Return whether membership is sensitive personal information."""
        return self.access_class is AccessClass.SENSITIVE


def has_grounds(access_class: AccessClass, purpose: str | None, legal_basis: str | None) -> bool:
    """Return whether a group with this purpose and legal basis may be used.

    Examples
    --------
    >>> has_grounds(AccessClass.PERSONAL, "志愿服务", None)
    True
    >>> has_grounds(AccessClass.SENSITIVE, "安置帮教", None)
    False
    >>> [has_grounds(AccessClass.SENSITIVE, "安置帮教", basis) for basis in ("监狱法", "《监狱法》")]
    [False, True]
    """
    if not (purpose or "").strip():
        return False
    return access_class is not AccessClass.SENSITIVE or len((legal_basis or "").strip()) >= MIN_GROUNDS_LETTERS


def parse_group_catalogue(tables: TomlTable) -> Mapping[str, ServiceGroup]:
    """Return the groups of a file by key, in its order.

    Parameters
    ----------
    tables : mapping
        Tables ``legal_bases`` and ``groups`` of the file.

    Raises
    ------
    InvalidGroupCatalogueError
        If a group has an unknown field, class or legal basis, a missing name or purpose, or a name of another one.

    Examples
    --------
    >>> row = {"names": ["志愿者", "Volunteers"], "class": "personal", "purpose": "志愿服务"}
    >>> parse_group_catalogue({"legal_bases": {}, "groups": {"volunteer": row}})["volunteer"].in_use
    True
    """
    bases, rows = _table(tables, "legal_bases"), _table(tables, "groups")
    groups = {key: _read_group(key, fields, bases) for key, fields in rows.items()}
    owners: dict[str, str] = {}
    for group in groups.values():
        for name in group.names:
            if owners.setdefault(name.casefold(), group.key) != group.key:
                raise InvalidGroupCatalogueError(f"{group.key}: {owners[name.casefold()]} has the name {name}")
    return groups


def _read_group(key: str, fields: object, bases: TomlTable) -> ServiceGroup:
    if not isinstance(fields, Mapping) or set(fields) - KNOWN_FIELDS:
        raise InvalidGroupCatalogueError(f"{key}: a table with the fields {', '.join(sorted(KNOWN_FIELDS))}")
    basis, purpose = fields.get("basis"), fields.get("purpose")
    faults = {
        f"a key of more than {MAX_KEY_LETTERS} letters": len(key) > MAX_KEY_LETTERS,
        "a Chinese and an English name are needed": not _is_pair_of_names(fields.get("names")),
        f"no access class {fields.get('class')}": fields.get("class") not in GROUP_CLASSES,
        f"no legal basis {basis}": basis is not None and basis not in bases,
        "a purpose is missing": not (isinstance(purpose, str) and purpose.strip()),
    }
    for fault, is_present in faults.items():
        if is_present:
            raise InvalidGroupCatalogueError(f"{key}: {fault}")
    access_class, legal_basis = AccessClass(fields["class"]), None if basis is None else str(bases[basis])
    in_use, (name_zh, name_en) = has_grounds(access_class, purpose, legal_basis), fields["names"]
    return ServiceGroup(key, name_zh, name_en, access_class, purpose, legal_basis, in_use)


def _is_pair_of_names(names: object) -> bool:
    return isinstance(names, list) and len(names) == 2 and all(isinstance(name, str) and name for name in names)


def _table(tables: TomlTable, name: str) -> TomlTable:
    table = tables.get(name)
    if not isinstance(table, Mapping):
        raise InvalidGroupCatalogueError(f"the table {name} is missing")
    return table
