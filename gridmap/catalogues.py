"""Catalogues in ``data/`` that an office may add lines to: code tables, categories, kinds of places, service groups."""

import tomllib
from collections.abc import Mapping
from functools import cache

from gridmap.config import resource_dir
from gridmap.core.facilities.place_kinds import PlaceCatalogue, PlaceTable, parse_place_catalogue
from gridmap.core.incidents.categories import CategoryCatalogue, TomlTable, parse_catalogue
from gridmap.core.privacy.service_groups import ServiceGroup, parse_group_catalogue


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


def _read(name: str) -> str:
    return (resource_dir("data") / name).read_text("utf-8")
