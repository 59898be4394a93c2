"""Categories of a loaded subdistrict: those of the catalogue, and those that only the file has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy.orm import Session

from gridmap.catalogues import load_code_tables, load_incident_categories
from gridmap.core.incidents.categories import IncidentCategory, unknown_category
from gridmap.store.catalogue_rows import CATALOGUE_SOURCE
from gridmap.store.writes.incidents import insert_categories, insert_lines


@dataclass(frozen=True)
class FileCategories:
    """Categories of the incidents of a file.

    Parameters
    ----------
    keys : Series of str
        Key of the category of each incident.
    unknown : sequence of IncidentCategory
        Categories that the catalogue does not have; they are personal.
    """

    keys: "pd.Series[str]"
    unknown: Sequence[IncidentCategory]


def match_categories(texts: "pd.Series[str]") -> FileCategories:
    """Return the categories of the incidents of a file: by key or name of the catalogue, else an unknown one.

    Examples
    --------
    >>> match_categories(pd.Series(["Street lamp", "渔船"])).keys.tolist()
    ['street_lamp', '渔船']
    """
    catalogue = load_incident_categories()
    found = {text: catalogue.find(text) or unknown_category(text) for text in texts.unique()}
    keys = texts.map({text: category.key for text, category in found.items()})
    unknown = {each.key: each for each in found.values() if each.key not in catalogue.categories}
    return FileCategories(keys, list(unknown.values()))


def store_categories(session: Session, subdistrict_id: int, unknown: Iterable[IncidentCategory], source: str) -> None:
    """Store the catalogue as service lines and categories of a new subdistrict, and the unknown ones of its file.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    subdistrict_id : int
    unknown : iterable of IncidentCategory
        Categories of the file that the catalogue does not have.
    source : str
        Name of the file.
    """
    insert_lines(session, subdistrict_id, load_code_tables()["lines"])
    insert_categories(session, subdistrict_id, list(load_incident_categories().categories.values()), CATALOGUE_SOURCE)
    if extra := list(unknown):
        insert_categories(session, subdistrict_id, extra, source)
