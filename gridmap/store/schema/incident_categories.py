"""Categories of incidents that a subdistrict uses, with their access classes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint

from gridmap.core.vocabulary import AccessClass
from gridmap.store.schema.base import (
    Base,
    Mapped,
    in_vocabulary,
    mapped_column,
    primary_key,
    subdistrict_key,
    timestamp_column,
)


class CategoryOfSubdistrict(Base):
    """Category 小类 of incidents that a subdistrict uses."""

    __tablename__ = "incident_category"
    __table_args__ = (
        UniqueConstraint("subdistrict_id", "key"),
        in_vocabulary("access_class", AccessClass),
        CheckConstraint("key <> '' AND name_zh <> '' AND name_en <> ''", "has_names"),
        {"comment": "Category 小类 of incidents that a subdistrict uses; functions write it"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    key: Mapped[str] = mapped_column(String(80), comment="Key that incidents refer to")
    main_category: Mapped[str] = mapped_column(String(80), comment="Key of the main category 大类 in the catalogue")
    name_zh: Mapped[str] = mapped_column(String(80), comment="Name in Chinese")
    name_en: Mapped[str] = mapped_column(String(80), comment="Name in English")
    access_class: Mapped[str] = mapped_column(String(20), comment="Class of new incidents: who may see them")
    purpose: Mapped[str | None] = mapped_column(
        String(200), comment="Purpose of processing; empty for things and places"
    )
    legal_basis: Mapped[str | None] = mapped_column(
        String(200), comment="Legal basis; without one, sensitive incidents cannot be reported"
    )
    line_of_work: Mapped[str | None] = mapped_column(String(40), comment="Service line that deals with it")
    standard_code: Mapped[str | None] = mapped_column(String(20), comment="Code of GB/T 30428.2 部件 or 事件")
    source: Mapped[str] = mapped_column(String(200), comment="Catalogue, file or office that it comes from")
    added_at: Mapped[datetime] = timestamp_column("When it was added")
