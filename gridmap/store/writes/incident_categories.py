"""Categories of incidents of a subdistrict."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, Text, cast, func, select
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


def save_category(session: Session, subdistrict_id: int, category: IncidentCategory) -> None:
    """Add a category, or change all of a stored one but its class; the audit records it."""
    texts = [category.main_category, *category.names, category.purpose, category.legal_basis, category.line_of_work]
    values = cast([*texts, category.access_class.value], ARRAY(Text))
    session.execute(select(func.save_incident_category(subdistrict_id, category.key, values)))


def propose_class(session: Session, subdistrict_id: int, category: IncidentCategory, reason: str) -> None:
    """Propose the class, the purpose and the legal basis of a category; the audit records it."""
    values = cast([category.access_class.value, category.purpose, category.legal_basis, reason], ARRAY(Text))
    session.execute(select(func.propose_category_class(subdistrict_id, category.key, values)))


def decide_class(session: Session, change_id: int, *, confirmed: bool) -> None:
    """Confirm or refuse a proposed class; the audit records it."""
    session.execute(select(func.decide_category_class(change_id, confirmed)))
