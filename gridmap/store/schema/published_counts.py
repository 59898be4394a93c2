"""Counts of personal and sensitive incidents of closed periods, and proposed changes of the class of a category."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Integer, String, UniqueConstraint

from gridmap.core.field_lengths import MAX_CATEGORY_LETTERS
from gridmap.core.vocabulary import AccessClass
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    in_vocabulary,
    mapped_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
    timestamp_column,
)


class PublishedCount(Base):
    """Count 定期公布数 of incidents of a class that were entered in a closed month or quarter."""

    __tablename__ = "published_count"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        same_subdistrict("grid", "grid_id"),
        UniqueConstraint(
            "subdistrict_id",
            "access_class",
            "first_day",
            "community_id",
            "grid_id",
            name="uq_published_count_place_and_period",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("access_class IN ('personal', 'sensitive')", "access_class_known"),
        CheckConstraint("incidents = 0 OR incidents >= 5", "no_small_count"),
        CheckConstraint("first_day <= last_day", "period_lasts"),
        CheckConstraint("grid_id IS NULL OR community_id IS NOT NULL", "grid_has_community"),
        {"comment": "Published count 定期公布数 of incidents entered in a closed period: written once, never changed"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    access_class: Mapped[str] = mapped_column(String(20), comment="personal, by month, or sensitive, by quarter")
    first_day: Mapped[date] = mapped_column(comment="First day of the period")
    last_day: Mapped[date] = mapped_column(comment="Last day of the period; the grids are those in force on it")
    community_id: Mapped[int | None] = mapped_column(comment="Community; empty for places in none")
    grid_id: Mapped[int | None] = mapped_column(comment="Grid; empty for the sum of the other places of the community")
    incidents: Mapped[int | None] = mapped_column(Integer, comment="Incidents entered; empty for one to four")
    published_at: Mapped[datetime] = timestamp_column("When it was written")


class CategoryClassChange(Base):
    """Change of the class of a category that one administrator proposes and another one decides."""

    __tablename__ = "category_class_change"
    __table_args__ = (
        ForeignKeyConstraint(
            ["subdistrict_id", "category"], ["incident_category.subdistrict_id", "incident_category.key"]
        ),
        in_vocabulary("access_class", AccessClass),
        CheckConstraint("decided_by <> proposed_by", "decided_by_another"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", "decided_by_somebody"),
        CheckConstraint("(decided_at IS NULL) = (confirmed IS NULL)", "decided_somehow"),
        {"comment": "Change of the class of a category: proposed by one administrator, decided by another one"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    category: Mapped[str] = mapped_column(String(MAX_CATEGORY_LETTERS), comment="Key of the category")
    access_class: Mapped[str] = mapped_column(String(20), comment="Class of new incidents from the decision on")
    purpose: Mapped[str | None] = mapped_column(String(200), comment="Purpose of processing from then on")
    legal_basis: Mapped[str | None] = mapped_column(String(200), comment="Legal basis from then on")
    reason: Mapped[str] = mapped_column(String(400), comment="Reason of the proposal")
    proposed_by: Mapped[int] = foreign_key("account", "Admin who proposed it")
    proposed_at: Mapped[datetime] = timestamp_column("When it was proposed")
    decided_by: Mapped[int | None] = foreign_key("account", "Admin who decided it")
    decided_at: Mapped[datetime | None] = mapped_column(comment="When it was decided")
    confirmed: Mapped[bool | None] = mapped_column(comment="Whether it was confirmed; empty while undecided")
