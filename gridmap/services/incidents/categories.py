"""Categories of incidents of a subdistrict: names for pages, and those that may be reported."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy.orm import Session

from gridmap.catalogues import load_incident_categories
from gridmap.core.caller import Caller
from gridmap.core.incidents.categories import IncidentCategory
from gridmap.store.queries.incidents import categories as category_queries
from gridmap.texts import LANGUAGES

GroupedNames = Mapping[str, Mapping[str, str]]
"""Names of categories by key, by the name of their main category."""


def list_names(session: Session, caller: Caller, subdistrict_ids: Iterable[int], language: str) -> Mapping[str, str]:
    """Return the names of the categories of subdistricts by key, in a language of the service."""
    position = LANGUAGES.index(language)
    return {row.key: row.names[position] for row in _list_rows(session, caller, subdistrict_ids)}


def list_reportable(session: Session, caller: Caller, subdistrict_ids: Iterable[int], language: str) -> GroupedNames:
    """Return the categories of subdistricts that may be reported, by main category.

    A sensitive category without a legal basis is none of them.
    """
    position, groups = LANGUAGES.index(language), dict[str, dict[str, str]]()
    for row in sorted(_list_rows(session, caller, subdistrict_ids), key=_catalogue_position):
        if row.reportable:
            main_category = get_main_category_name(row.main_category, language)
            groups.setdefault(main_category, {})[row.key] = row.names[position]
    return groups


def get_main_category_name(key: str, language: str) -> str:
    """Return the name of a main category; the key itself where the catalogue does not have it.

    Examples
    --------
    >>> get_main_category_name("traffic", "en")
    'Traffic'
    """
    names = load_incident_categories().main_categories.get(key)
    return key if names is None else names[LANGUAGES.index(language)]


def _catalogue_position(category: IncidentCategory) -> int:
    """Return the position of the main category in the catalogue; an unknown one is the last."""
    keys = list(load_incident_categories().main_categories)
    return keys.index(category.main_category) if category.main_category in keys else len(keys)


def _list_rows(session: Session, caller: Caller, subdistrict_ids: Iterable[int]) -> Iterator[IncidentCategory]:
    for subdistrict_id in sorted(subdistrict_ids):
        yield from category_queries.list_categories(session, caller, subdistrict_id)
