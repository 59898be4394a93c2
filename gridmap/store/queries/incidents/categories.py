"""Categories of incidents of a subdistrict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.incidents.categories import IncidentCategory
from gridmap.core.vocabulary import AccessClass
from gridmap.store.access import row_filter
from gridmap.store.schema import CategoryClassChange, CategoryOfSubdistrict


@dataclass(frozen=True)
class StoredCategory:
    """A category with the key of its row."""

    id: int
    subdistrict_id: int
    category: IncidentCategory


@dataclass(frozen=True)
class ClassChangeRow:
    """A proposed change of the class of a category that nobody has decided yet."""

    id: int
    subdistrict_id: int
    category: str
    access_class: AccessClass
    purpose: str | None
    legal_basis: str | None
    reason: str
    proposed_by: int
    proposed_at: datetime


def list_categories(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[IncidentCategory]:
    """Return the categories of a subdistrict by main category, in the order in which they were added."""
    stored = _select_stored(session, caller, CategoryOfSubdistrict.subdistrict_id == subdistrict_id)
    return [each.category for each in stored]


def find_category(session: Session, caller: Caller, category_id: int) -> StoredCategory | None:
    """Return a category by the key of its row."""
    return next(iter(_select_stored(session, caller, CategoryOfSubdistrict.id == category_id)), None)


def list_stored(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[StoredCategory]:
    """Return the categories of a subdistrict with the keys of their rows, in the order in which they were added."""
    return _select_stored(session, caller, CategoryOfSubdistrict.subdistrict_id == subdistrict_id)


def list_open_changes(session: Session, caller: Caller) -> Sequence[ClassChangeRow]:
    """Return the proposed changes of classes that nobody has decided, the oldest first."""
    table = CategoryClassChange
    rows = (
        select(table.id, table.subdistrict_id, table.category, table.access_class, table.purpose, table.legal_basis)
        .add_columns(table.reason, table.proposed_by, table.proposed_at)
        .where(table.decided_at.is_(None), row_filter.visible(caller, table))
        .order_by(table.id)
    )
    return [
        ClassChangeRow(key, subdistrict, category, AccessClass(access_class), *details)
        for key, subdistrict, category, access_class, *details in session.execute(rows)
    ]


def _select_stored(session: Session, caller: Caller, condition: ColumnElement[bool]) -> list[StoredCategory]:
    table = CategoryOfSubdistrict
    rows = (
        select(table.id, table.subdistrict_id, table.key, table.main_category, table.name_zh, table.name_en)
        .add_columns(table.access_class, table.purpose, table.legal_basis, table.line_of_work, table.standard_code)
        .add_columns(table.promised_days)
        .where(condition, row_filter.visible(caller, table))
        .order_by(table.id)
    )
    return [
        StoredCategory(
            row.id,
            row.subdistrict_id,
            IncidentCategory(
                row.key,
                row.main_category,
                row.name_zh,
                row.name_en,
                AccessClass(row.access_class),
                row.purpose,
                row.legal_basis,
                row.line_of_work,
                row.standard_code,
                row.promised_days,
            ),
        )
        for row in session.execute(rows)
    ]
