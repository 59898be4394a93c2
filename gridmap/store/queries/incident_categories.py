"""Categories of incidents of a subdistrict."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.incidents.categories import IncidentCategory
from gridmap.core.vocabulary import AccessClass
from gridmap.store.access import row_filter
from gridmap.store.schema import CategoryOfSubdistrict


def list_categories(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[IncidentCategory]:
    """Return the categories of a subdistrict by main category, in the order in which they were added."""
    table = CategoryOfSubdistrict
    rows = (
        select(table.key, table.main_category, table.name_zh, table.name_en, table.access_class)
        .add_columns(table.purpose, table.legal_basis, table.line_of_work, table.standard_code)
        .where(table.subdistrict_id == subdistrict_id, row_filter.visible(caller, table))
        .order_by(table.id)
    )
    return [
        IncidentCategory(key, main, zh, en, AccessClass(access_class), *details)
        for key, main, zh, en, access_class, *details in session.execute(rows)
    ]
