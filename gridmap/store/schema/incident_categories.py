"""Categories of incidents with their access classes; service lines 条线 that deal with them, and who has a line."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)

from gridmap.core.field_lengths import MAX_CATEGORY_LETTERS
from gridmap.core.vocabulary import AccessClass, LinePurpose
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    in_vocabulary,
    mapped_column,
    no_overlap,
    non_empty_period,
    period_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
    timestamp_column,
)

SENSITIVE_HAS_GROUNDS = (
    "sensitive_categories = '{}' OR legal_basis IS NOT NULL AND length(btrim(legal_basis)) >= 4"
    " AND NOT upper_inf(valid) AND upper(valid) - lower(valid) <= 366"
)


class CategoryOfSubdistrict(Base):
    """Category 小类 of incidents that a subdistrict uses."""

    __tablename__ = "incident_category"
    __table_args__ = (
        UniqueConstraint("subdistrict_id", "key"),
        ForeignKeyConstraint(["subdistrict_id", "line_of_work"], ["service_line.subdistrict_id", "service_line.key"]),
        in_vocabulary("access_class", AccessClass),
        CheckConstraint("key <> '' AND name_zh <> '' AND name_en <> ''", "has_names"),
        CheckConstraint("promised_days BETWEEN 1 AND 366", "promised_days_in_range"),
        {"comment": "Category 小类 of incidents that a subdistrict uses; functions write it"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    key: Mapped[str] = mapped_column(String(MAX_CATEGORY_LETTERS), comment="Key that incidents refer to")
    main_category: Mapped[str] = mapped_column(String(80), comment="Key of the main category 大类 in the catalogue")
    name_zh: Mapped[str] = mapped_column(String(MAX_CATEGORY_LETTERS), comment="Name in Chinese")
    name_en: Mapped[str] = mapped_column(String(MAX_CATEGORY_LETTERS), comment="Name in English")
    access_class: Mapped[str] = mapped_column(String(20), comment="Class of new incidents: who may see them")
    purpose: Mapped[str | None] = mapped_column(
        String(200), comment="Purpose of processing; empty for things and places"
    )
    legal_basis: Mapped[str | None] = mapped_column(
        String(200), comment="Legal basis; without one, sensitive incidents cannot be reported"
    )
    line_of_work: Mapped[str | None] = mapped_column(String(40), comment="Key of the service line that deals with it")
    standard_code: Mapped[str | None] = mapped_column(String(20), comment="Code of GB/T 30428.2 部件 or 事件")
    promised_days: Mapped[int] = mapped_column(
        SmallInteger, server_default="7", comment="Calendar days within which a case is to be closed 承诺时限"
    )
    source: Mapped[str] = mapped_column(String(200), comment="Catalogue, file or office that it comes from")
    added_at: Mapped[datetime] = timestamp_column("When it was added")


class ServiceLine(Base):
    """Service line 条线 of a subdistrict."""

    __tablename__ = "service_line"
    __table_args__ = (
        UniqueConstraint("subdistrict_id", "key"),
        UniqueConstraint("id", "subdistrict_id"),
        CheckConstraint("key <> '' AND name_zh <> '' AND name_en <> ''", "has_names"),
        {"comment": "Service line 条线 that deals with incidents of some categories; functions write it"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    key: Mapped[str] = mapped_column(String(40), comment="Key that categories refer to")
    name_zh: Mapped[str] = mapped_column(String(MAX_CATEGORY_LETTERS), comment="Name in Chinese")
    name_en: Mapped[str] = mapped_column(String(MAX_CATEGORY_LETTERS), comment="Name in English")
    added_at: Mapped[datetime] = timestamp_column("When it was added")


class AccountScopeLine(Base):
    """Service line of a leader within a scope, for a period."""

    __tablename__ = "account_scope_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_scope_id", "subdistrict_id"],
            ["account_scope.id", "account_scope.subdistrict_id"],
            ondelete="CASCADE",
        ),
        same_subdistrict("service_line", "service_line_id"),
        no_overlap("account_scope_line", "account_scope_id", "service_line_id"),
        CheckConstraint(SENSITIVE_HAS_GROUNDS, "sensitive_has_grounds"),
        non_empty_period(),
        {"comment": "Service line that a leader has within a scope: sees its incidents there live, for a purpose"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    account_scope_id: Mapped[int] = mapped_column(index=True, comment="Scope of the leader that it holds in")
    service_line_id: Mapped[int] = mapped_column(index=True, comment="Service line")
    valid: Mapped[Any] = period_column("Days on which it holds; a year at most where a category is sensitive")
    legal_basis: Mapped[str | None] = mapped_column(
        String(200), comment="Legal basis; needed where a category is sensitive"
    )
    sensitive_categories: Mapped[Any] = mapped_column(
        ARRAY(Text),
        server_default=text("'{}'"),
        comment="Sensitive categories of the line when it was given; it covers no others",
    )
    granted_by: Mapped[int | None] = foreign_key("account", "Admin who gave it; empty for the owner's commands")
    granted_at: Mapped[datetime] = timestamp_column("When it was given")


class LineViewing(Base):
    """Purpose for which a session sees the incidents of its service lines."""

    __tablename__ = "line_viewing"
    __table_args__ = (
        in_vocabulary("purpose", LinePurpose),
        CheckConstraint("purpose <> 'matter' OR matter_number IS NOT NULL", "matter_has_number"),
        {"comment": "Purpose for which a session sees incidents of service lines, for 8 hours; without one, none"},
    )

    token_hash: Mapped[bytes] = mapped_column(
        LargeBinary,
        ForeignKey("web_session.token_hash", ondelete="CASCADE"),
        primary_key=True,
        comment="Session; with it the purpose ends",
    )
    purpose: Mapped[str] = mapped_column(String(20), comment="Purpose, of a fixed list")
    matter_number: Mapped[str | None] = mapped_column(String(80), comment="Number of the matter 办理事项")
    opened_at: Mapped[datetime] = timestamp_column("When it was chosen; it ends 8 hours later")
