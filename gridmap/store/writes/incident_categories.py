"""Categories of incidents of a subdistrict."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from gridmap.core.incidents.categories import IncidentCategory
from gridmap.store import schema
from gridmap.store.writes import bulk


def insert_categories(
    session: Session, subdistrict_id: int, categories: Sequence[IncidentCategory], source: str
) -> None:
    """Insert categories of a subdistrict.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    subdistrict_id : int
    categories : sequence of IncidentCategory
        None of them is stored yet.
    source : str
        Catalogue or file that they come from.
    """
    names = ("key", "main_category", "name_zh", "name_en", "access_class", "purpose", "legal_basis")
    columns = {name: [getattr(each, name) for each in categories] for name in (*names, "line_of_work", "standard_code")}
    shared = {"subdistrict_id": subdistrict_id, "source": source}
    bulk.copy_rows(session, schema.CategoryOfSubdistrict, {**columns, **shared})
