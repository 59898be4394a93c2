"""Catalogue of incident categories: main categories 大类, categories 小类, and their access classes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gridmap.core.vocabulary import AccessClass

MAX_KEY_LENGTH = 80
"""Longest key of a category, as the database stores it."""
TomlTable: TypeAlias = Mapping[str, object]
KNOWN_FIELDS = frozenset({"main", "names", "class", "purpose", "basis", "line", "code"})


class InvalidCatalogueError(ValueError):
    """A catalogue of incident categories has a fault; the message names the category and the fault."""


@dataclass(frozen=True)
class IncidentCategory:
    """A category of incidents.

    Parameters
    ----------
    key : str
    main_category : str
        Key of its main category.
    name_zh, name_en : str
    access_class : AccessClass
    purpose, legal_basis : str or None
        Purpose and legal basis of processing; None for ordinary incidents. A sensitive category without a legal basis
        cannot be reported.
    line_of_work : str or None
        Key of the service line that deals with it.
    standard_code : str or None
        Code of GB/T 30428.2.
    promised_days : int or None
        Calendar days within which a case is to be closed; None leaves the stored number, or 7 for a new category.
    """

    key: str
    main_category: str
    name_zh: str
    name_en: str
    access_class: AccessClass
    purpose: str | None = None
    legal_basis: str | None = None
    line_of_work: str | None = None
    standard_code: str | None = None
    promised_days: int | None = None

    @property
    def names(self) -> tuple[str, str]:
        """Return the Chinese and the English name."""
        return self.name_zh, self.name_en

    @property
    def reportable(self) -> bool:
        """Return whether incidents of the category may be reported.

        Examples
        --------
        >>> IncidentCategory("visit", "special", "走访", "Visit", AccessClass.SENSITIVE).reportable
        False
        """
        return self.access_class is not AccessClass.SENSITIVE or bool(self.legal_basis)


@dataclass(frozen=True)
class CategoryCatalogue:
    """Categories by key, in the order of the file, and the names of their main categories, Chinese first."""

    main_categories: Mapping[str, tuple[str, str]]
    categories: Mapping[str, IncidentCategory]

    def find(self, text: str) -> IncidentCategory | None:
        """Return the category with a key, a name or a standard code; case, spaces and underscores do not matter.

        Parameters
        ----------
        text : str
            Category of a file.

        Examples
        --------
        >>> lamp = IncidentCategory("street_lamp", "facilities", "路灯不亮", "Street lamp", AccessClass.ORDINARY)
        >>> catalogue = CategoryCatalogue({"facilities": ("市政设施", "Facilities")}, {"street_lamp": lamp})
        >>> [catalogue.find(text) == lamp for text in ("street lamp", "路灯不亮", "lamp")]
        [True, True, False]
        """
        wanted = _comparable(text)
        named = (each for each in self.categories.values() if wanted in _comparable_names(each))
        coded = (each for each in self.categories.values() if each.standard_code == text.strip())
        return next(named, None) or next(coded, None)


def unknown_category(text: str) -> IncidentCategory:
    """Return a personal category for a text that the catalogue does not have: nobody knows what it is about.

    Examples
    --------
    >>> unknown_category("渔船").access_class.value
    'personal'
    """
    return IncidentCategory(text[:MAX_KEY_LENGTH], "unknown", text, text, AccessClass.PERSONAL)


def parse_catalogue(tables: TomlTable, lines_of_work: Iterable[str]) -> CategoryCatalogue:
    """Return the catalogue of a file.

    Parameters
    ----------
    tables : mapping
        Tables ``main_categories``, ``legal_bases`` and ``categories`` of the file.
    lines_of_work : iterable of str
        Keys of the service lines.

    Raises
    ------
    InvalidCatalogueError
        If a category has an unknown field, main category, class, legal basis or line, a missing name or purpose, or a
        name that another one has.
    """
    main = {key: _read_names(key, names) for key, names in _table(tables, "main_categories").items()}
    bases = {key: str(text) for key, text in _table(tables, "legal_bases").items()}
    known_lines = frozenset(lines_of_work)
    categories = {}
    for key, fields in _table(tables, "categories").items():
        category = _read_category(key, fields, bases)
        _check_category(category, main, known_lines)
        categories[key] = category
    _check_unique_names(categories.values())
    return CategoryCatalogue(main, categories)


def _read_category(key: str, fields: object, bases: Mapping[str, str]) -> IncidentCategory:
    if not isinstance(fields, Mapping) or set(fields) - KNOWN_FIELDS:
        raise InvalidCatalogueError(f"{key}: a table with the fields {', '.join(sorted(KNOWN_FIELDS))}")
    basis, access_class = fields.get("basis"), fields.get("class")
    if basis is not None and basis not in bases:
        raise InvalidCatalogueError(f"{key}: no legal basis {basis}")
    if access_class not in list(AccessClass):
        raise InvalidCatalogueError(f"{key}: no access class {access_class}")
    return IncidentCategory(
        key,
        str(fields.get("main")),
        *_read_names(key, fields.get("names")),
        AccessClass(access_class),
        purpose=fields.get("purpose"),
        legal_basis=None if basis is None else bases[basis],
        line_of_work=fields.get("line"),
        standard_code=fields.get("code"),
    )


def _check_category(category: IncidentCategory, main: Mapping[str, object], lines_of_work: frozenset[str]) -> None:
    faults = {
        f"no main category {category.main_category}": category.main_category not in main,
        f"no line of work {category.line_of_work}": category.line_of_work not in {None, *lines_of_work},
        "a purpose is missing": category.access_class is not AccessClass.ORDINARY and not category.purpose,
        "a legal basis is missing": category.access_class is AccessClass.PERSONAL and not category.legal_basis,
        f"a key of more than {MAX_KEY_LENGTH} letters": len(category.key) > MAX_KEY_LENGTH,
    }
    for fault, is_present in faults.items():
        if is_present:
            raise InvalidCatalogueError(f"{category.key}: {fault}")


def _check_unique_names(categories: Iterable[IncidentCategory]) -> None:
    owners: dict[str, str] = {}
    for category in categories:
        for name in _comparable_names(category):
            if owners.setdefault(name, category.key) != category.key:
                raise InvalidCatalogueError(f"{category.key}: {owners[name]} has the name {name}")


def _table(tables: TomlTable, name: str) -> TomlTable:
    table = tables.get(name)
    if not isinstance(table, Mapping):
        raise InvalidCatalogueError(f"the table {name} is missing")
    return table


def _read_names(key: str, names: object) -> tuple[str, str]:
    if not (isinstance(names, list) and len(names) == 2 and all(isinstance(name, str) and name for name in names)):
        raise InvalidCatalogueError(f"{key}: a Chinese and an English name are needed")
    return names[0], names[1]


def _comparable(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split())


def _comparable_names(category: IncidentCategory) -> frozenset[str]:
    return frozenset(map(_comparable, (category.key, *category.names)))
