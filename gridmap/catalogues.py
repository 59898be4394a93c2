"""Catalogues in ``data/`` that an office may add lines to: code tables, categories, kinds of places, service groups."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gridmap.config import resource_dir
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.facilities.place_kinds import PlaceCatalogue, PlaceTable, parse_place_catalogue
from gridmap.core.incidents.categories import CategoryCatalogue, TomlTable, parse_catalogue
from gridmap.core.plans.profile import Profile
from gridmap.core.privacy.service_groups import ServiceGroup, parse_group_catalogue

NO_PROFILE = N_("there is no such profile")
ONE_OF_PROFILES = N_("one of {known}, or a TOML file of your own")
NOT_A_PROFILE = N_("this is no profile")
PROFILE_FIELDS = N_("the fields minimum and maximum, and perhaps target, max_radius_m, names and source")


@cache
def load_code_tables() -> Mapping[str, Mapping[str, list[str]]]:
    """Return the names of ``data/catalogue.toml`` and of the kinds of places by table and key, Chinese first."""
    places = load_place_kinds()
    kinds = {table: places.kinds_of(PlaceTable(table)) for table in ("facilities", "organisations")}
    names = {table: {key: list(kind.names) for key, kind in rows.items()} for table, rows in kinds.items()}
    return {**tomllib.loads(_read("catalogue.toml")), **names}


@cache
def load_place_kinds() -> PlaceCatalogue:
    """Return the kinds of places of ``data/place_kinds.toml``.

    Raises
    ------
    InvalidPlaceCatalogueError
        If the file has a fault.

    Examples
    --------
    >>> [kind.names[0] for kind in load_place_kinds().standard_kinds()][3:6]
    ['社区', '卫生服务站', '警务室']
    """
    return parse_place_catalogue(tomllib.loads(_read("place_kinds.toml")))


@cache
def load_incident_categories() -> CategoryCatalogue:
    """Return the categories of ``data/incident_categories.toml``.

    Raises
    ------
    InvalidCatalogueError
        If the file has a fault.

    Examples
    --------
    >>> load_incident_categories().categories["manhole_cover"].access_class.value
    'ordinary'
    """
    tables: TomlTable = tomllib.loads(_read("incident_categories.toml"))
    return parse_catalogue(tables, load_code_tables()["lines"])


@cache
def load_service_groups() -> Mapping[str, ServiceGroup]:
    """Return the service groups of ``data/service_groups.toml`` by key.

    Raises
    ------
    InvalidGroupCatalogueError
        If the file has a fault.

    Examples
    --------
    >>> [load_service_groups()[key].in_use for key in ("volunteer", "released")]
    [True, False]
    """
    return parse_group_catalogue(tomllib.loads(_read("service_groups.toml")))


COMMUNITY_GUIDELINE = "1000-3000"
"""Profile of ``data/profiles.toml`` for communities themselves."""


@dataclass(frozen=True)
class NamedProfile:
    """A profile of ``data/profiles.toml``: names in Chinese and English, the rules, and where they come from."""

    names: tuple[str, str]
    profile: Profile
    source: str


@cache
def load_profiles() -> Mapping[str, NamedProfile]:
    """Return the profiles of ``data/profiles.toml`` by key.

    Examples
    --------
    >>> load_profiles()["600"].profile
    Profile(minimum=480, maximum=720, target=600, max_radius_m=0.0)
    """
    return {key: _parse_profile(table) for key, table in tomllib.loads(_read("profiles.toml")).items()}


def find_profile(name: str) -> Profile:
    """Return a profile by its key, or that of a TOML file with the same fields.

    Raises
    ------
    InvalidInput
        If there is no such profile or file, or the file has other fields or values.

    Examples
    --------
    >>> find_profile("1000-3000").maximum
    3000
    """
    if name in load_profiles():
        return load_profiles()[name].profile
    path, known = Path(name), {"known": ", ".join(load_profiles())}
    if not path.is_file():
        raise InvalidInput([InputFault(Message(NO_PROFILE), value=name, expected=Message(ONE_OF_PROFILES, known))])
    try:
        return _parse_profile(tomllib.loads(path.read_text("utf-8"))).profile
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        fault = InputFault(Message(NOT_A_PROFILE), file=path.name, value=str(error), expected=Message(PROFILE_FIELDS))
        raise InvalidInput([fault]) from None


def _parse_profile(table: dict[str, Any]) -> NamedProfile:
    chinese, english = table.pop("names", ("", ""))
    source = table.pop("source", "")
    return NamedProfile((chinese, english), Profile(table.pop("minimum"), table.pop("maximum"), **table), source)


def _read(name: str) -> str:
    return (resource_dir("data") / name).read_text("utf-8")
