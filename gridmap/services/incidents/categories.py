"""Categories of incidents of a subdistrict: names for pages, and those that may be reported."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.incidents.categories import IncidentCategory
from gridmap.services.incidents.category_catalogue import get_main_category_name
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
    for row in _list_rows(session, caller, subdistrict_ids):
        if row.reportable:
            main_category = get_main_category_name(row.main_category, language)
            groups.setdefault(main_category, {})[row.key] = row.names[position]
    return groups


def _list_rows(session: Session, caller: Caller, subdistrict_ids: Iterable[int]) -> Iterator[IncidentCategory]:
    for subdistrict_id in sorted(subdistrict_ids):
        yield from category_queries.list_categories(session, caller, subdistrict_id)
