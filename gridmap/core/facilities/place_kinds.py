"""Catalogue of the kinds of places: organisations, offices, small facilities and shops, with names and symbols."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from gridmap.core.text_comparison import fold_text

TomlTable: TypeAlias = Mapping[str, object]
OTHER_GROUP = "other"
"""Group of kinds that the catalogue does not have."""
SHOP_KIND = "shop"
"""Kind of every row of the table of shops, which has no column for it."""
OTHER_SOLID = "M8 4.4a3.6 3.6 0 1 0 0 7.2 3.6 3.6 0 1 0 0-7.2z"
"""Symbol of kinds that the catalogue does not have: a dot."""
KEY_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,78}")
PATH_PATTERN = re.compile(r"[MmLlHhVvCcSsQqTtAaZz0-9 .,-]+")
"""Commands and numbers of an SVG path: nothing that could end the attribute it stands in."""
GROUP_FIELDS = frozenset({"names", "badge", "min_zoom"})
KIND_FIELDS = frozenset({"names", "group", "table", "standard", "line", "solid"})


class InvalidPlaceCatalogueError(ValueError):
    """A catalogue of kinds of places has a fault; the message names the kind or group and the fault."""


class PlaceTable(StrEnum):
    """Table that has the places of a kind."""

    FACILITIES = "facilities"
    ORGANISATIONS = "organisations"
    SHOPS = "shops"


class Badge(StrEnum):
    """Shape behind the symbols of a group; ``plain`` is a small disc for what stands in the street in great number."""

    SQUARE = "square"
    ROUND = "round"
    DIAMOND = "diamond"
    PLAIN = "plain"


@dataclass(frozen=True)
class PlaceGroup:
    """A group of kinds.

    Parameters
    ----------
    key : str
    names : tuple of str
        Chinese and English.
    badge : Badge
    min_zoom : int
        Zoom level of maps from which its places are shown; 0 for all levels.
    """

    key: str
    names: tuple[str, str]
    badge: Badge
    min_zoom: int


@dataclass(frozen=True)
class PlaceKind:
    """A kind of places.

    Parameters
    ----------
    key : str
        As rows have it; a text of a file for a kind that the catalogue does not have.
    group : PlaceGroup
    names : tuple of str
        Chinese and English.
    table : PlaceTable
    line, solid : str
        Paths of the symbol in a square of 16: the one is drawn with a pen, the other filled.
    standard : bool
        Whether every responsibility map shows it (requirement R25).
    """

    key: str
    group: PlaceGroup
    names: tuple[str, str]
    table: PlaceTable
    line: str = ""
    solid: str = ""
    standard: bool = False

    @property
    def symbol(self) -> str:
        """Return the name of its symbol: the key, or ``other`` where the catalogue does not have the kind."""
        return OTHER_GROUP if self.solid == OTHER_SOLID else self.key


@dataclass(frozen=True)
class PlaceCatalogue:
    """Groups and kinds by key, in the order of the file."""

    groups: Mapping[str, PlaceGroup]
    kinds: Mapping[str, PlaceKind]

    def find(self, text: str | None, table: PlaceTable) -> PlaceKind:
        """Return the kind with a key or a name; a kind of the last group, named as the text, where there is none.

        Parameters
        ----------
        text : str or None
            Kind of a row. Letter case, spaces, underscores, and full-width letters do not matter.
        table : PlaceTable
            Table of the row; all shops are of one kind.

        Examples
        --------
        >>> group = PlaceGroup("other", ("其他", "Other"), Badge.DIAMOND, 16)
        >>> lamp = PlaceKind("street_lamp", group, ("路灯", "Street lamp"), PlaceTable.FACILITIES, line="M8 2v12")
        >>> catalogue = PlaceCatalogue({"other": group}, {"street_lamp": lamp})
        >>> [catalogue.find(text, PlaceTable.FACILITIES).symbol for text in ("路灯 ", "STREET LAMP", "渔船")]
        ['street_lamp', 'street_lamp', 'other']
        """
        if table is PlaceTable.SHOPS:
            return self.kinds[SHOP_KIND]
        name = (text or "").strip()
        known = self._by_name.get(_comparable(name))
        return known or PlaceKind(name, self.groups[OTHER_GROUP], (name, name), table, solid=OTHER_SOLID)

    def kinds_of(self, table: PlaceTable) -> Mapping[str, PlaceKind]:
        """Return the kinds that rows of a table may have, by key."""
        return {key: kind for key, kind in self.kinds.items() if kind.table is table}

    def standard_kinds(self) -> Iterator[PlaceKind]:
        """Yield the kinds that every responsibility map shows."""
        return (kind for kind in self.kinds.values() if kind.standard)

    @cached_property
    def _by_name(self) -> Mapping[str, PlaceKind]:
        return {_comparable(name): kind for kind in self.kinds.values() for name in (kind.key, *kind.names)}


def parse_place_catalogue(tables: TomlTable) -> PlaceCatalogue:
    """Return the catalogue of a file.

    Parameters
    ----------
    tables : mapping
        Tables ``groups`` and ``kinds`` of the file.

    Raises
    ------
    InvalidPlaceCatalogueError
        If a group or kind has an unknown field, key, badge, group or table, no name, no symbol, a symbol that is no
        path, or a name that another one has; or if the last group or the kind of shops is missing.
    """
    groups = {key: _read_group(key, fields) for key, fields in _table(tables, "groups").items()}
    if OTHER_GROUP not in groups:
        raise InvalidPlaceCatalogueError(f"the group {OTHER_GROUP} is missing")
    kinds = {key: _read_kind(key, fields, groups) for key, fields in _table(tables, "kinds").items()}
    if SHOP_KIND not in kinds:
        raise InvalidPlaceCatalogueError(f"the kind {SHOP_KIND} is missing")
    _check_unique_names(kinds.values())
    return PlaceCatalogue(groups, kinds)


def _read_group(key: str, fields: object) -> PlaceGroup:
    values = _read_fields(key, fields, GROUP_FIELDS)
    badge, min_zoom = str(values.get("badge")), values.get("min_zoom", 0)
    if badge not in list(Badge):
        raise InvalidPlaceCatalogueError(f"{key}: no badge {badge}")
    if not isinstance(min_zoom, int) or not 0 <= min_zoom <= 20:
        raise InvalidPlaceCatalogueError(f"{key}: min_zoom is a number from 0 to 20")
    return PlaceGroup(key, _read_names(key, values.get("names")), Badge(badge), min_zoom)


def _read_kind(key: str, fields: object, groups: Mapping[str, PlaceGroup]) -> PlaceKind:
    values = _read_fields(key, fields, KIND_FIELDS)
    group, table = values.get("group"), str(values.get("table"))
    if not isinstance(group, str) or group not in groups:
        raise InvalidPlaceCatalogueError(f"{key}: no group {group}")
    if table not in list(PlaceTable):
        raise InvalidPlaceCatalogueError(f"{key}: no table {table}")
    line, solid = (_read_path(key, values.get(name, "")) for name in ("line", "solid"))
    if not (line or solid):
        raise InvalidPlaceCatalogueError(f"{key}: a symbol is missing")
    names = _read_names(key, values.get("names"))
    return PlaceKind(key, groups[group], names, PlaceTable(table), line, solid, bool(values.get("standard")))


def _read_fields(key: str, fields: object, known: frozenset[str]) -> TomlTable:
    if not KEY_PATTERN.fullmatch(key):
        raise InvalidPlaceCatalogueError(f"{key}: a key has small letters, digits and underscores")
    if not isinstance(fields, Mapping) or set(fields) - known:
        raise InvalidPlaceCatalogueError(f"{key}: a table with the fields {', '.join(sorted(known))}")
    return fields


def _read_path(key: str, path: object) -> str:
    if not isinstance(path, str) or not (path == "" or PATH_PATTERN.fullmatch(path)):
        raise InvalidPlaceCatalogueError(f"{key}: {path} is no path of a symbol")
    return path


def _read_names(key: str, names: object) -> tuple[str, str]:
    if not (isinstance(names, list) and len(names) == 2 and all(isinstance(name, str) and name for name in names)):
        raise InvalidPlaceCatalogueError(f"{key}: a Chinese and an English name are needed")
    return names[0], names[1]


def _check_unique_names(kinds: Iterable[PlaceKind]) -> None:
    owners: dict[str, str] = {}
    for kind in kinds:
        for name in map(_comparable, (kind.key, *kind.names)):
            if owners.setdefault(name, kind.key) != kind.key:
                raise InvalidPlaceCatalogueError(f"{kind.key}: {owners[name]} has the name {name}")


def _table(tables: TomlTable, name: str) -> TomlTable:
    table = tables.get(name)
    if not isinstance(table, Mapping):
        raise InvalidPlaceCatalogueError(f"the table {name} is missing")
    return table


def _comparable(text: str) -> str:
    return fold_text(text.replace("_", " ")).casefold()
