"""The catalogue of incident categories in ``data/incident_categories.toml``; an office may add lines."""

import tomllib
from functools import cache

from gridmap.config import resource_dir
from gridmap.core.incidents.categories import CategoryCatalogue, parse_catalogue
from gridmap.services.grids import code_tables
from gridmap.texts import LANGUAGES


@cache
def load_catalogue() -> CategoryCatalogue:
    """Return the catalogue.

    Raises
    ------
    InvalidCatalogueError
        If the file has a fault.

    Examples
    --------
    >>> load_catalogue().categories["manhole_cover"].access_class.value
    'ordinary'
    """
    text = (resource_dir("data") / "incident_categories.toml").read_text("utf-8")
    return parse_catalogue(tomllib.loads(text), code_tables.list_names("lines", LANGUAGES[0]))


def get_main_category_name(key: str, language: str) -> str:
    """Return the name of a main category; the key itself where the catalogue does not have it.

    Examples
    --------
    >>> get_main_category_name("traffic", "en")
    'Traffic'
    """
    names = load_catalogue().main_categories.get(key)
    return key if names is None else names[LANGUAGES.index(language)]
