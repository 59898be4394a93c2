"""Catalogues in ``data/`` that an office may add lines to: code tables, and categories of incidents."""

import tomllib
from collections.abc import Mapping
from functools import cache

from gridmap.config import resource_dir
from gridmap.core.incidents.categories import CategoryCatalogue, TomlTable, parse_catalogue


@cache
def load_code_tables() -> Mapping[str, Mapping[str, list[str]]]:
    """Return the names of ``data/catalogue.toml`` by table and key, Chinese first."""
    return tomllib.loads(_read("catalogue.toml"))


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


def _read(name: str) -> str:
    return (resource_dir("data") / name).read_text("utf-8")
