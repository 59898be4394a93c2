"""Subdistricts, their communities, and resident groups."""

from typing import Any

from sqlalchemy import CheckConstraint, String, UniqueConstraint

from gridmap.core.field_lengths import MAX_CODE_LETTERS, MAX_NAME_LETTERS, MAX_SOURCE_LETTERS
from gridmap.store.schema.base import (
    Base,
    Mapped,
    geometry_column,
    gist_index,
    mapped_column,
    primary_key,
    same_subdistrict,
    subdistrict_key,
)


class Subdistrict(Base):
    """Subdistrict 街道."""

    __tablename__ = "subdistrict"
    __table_args__ = (
        CheckConstraint("code <> ''", "code_given"),
        gist_index("subdistrict"),
        {"comment": "Subdistrict 街道: the office above the communities"},
    )

    id: Mapped[int] = primary_key()
    code: Mapped[str] = mapped_column(
        String(MAX_CODE_LETTERS), unique=True, comment="Statistical code (9 digits) or own code"
    )
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name as people write it")
    geometry: Mapped[Any] = geometry_column(
        "MULTIPOLYGON", "Outline; the union of its communities where the source has none"
    )
    supervision_phone: Mapped[str | None] = mapped_column(String(40), comment="Office phone for complaints, public")
    source: Mapped[str] = mapped_column(String(MAX_SOURCE_LETTERS), comment="File or office the outline came from")


class Community(Base):
    """Community 社区."""

    __tablename__ = "community"
    __table_args__ = (
        UniqueConstraint("subdistrict_id", "code"),
        UniqueConstraint("id", "subdistrict_id"),
        gist_index("community"),
        {"comment": "Community 社区: the territory that is partitioned into grids"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    code: Mapped[str] = mapped_column(String(MAX_CODE_LETTERS), comment="Statistical code (12 digits) or own code")
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name as people write it")
    geometry: Mapped[Any] = geometry_column("MULTIPOLYGON", "Boundary; neighbours share edges and never area")
    station_phone: Mapped[str | None] = mapped_column(
        String(40), comment="Office phone of its grid workstation, public"
    )


class ResidentGroup(Base):
    """Resident group 居民小组."""

    __tablename__ = "resident_group"
    __table_args__ = (
        same_subdistrict("community", "community_id"),
        UniqueConstraint("community_id", "name"),
        UniqueConstraint("id", "subdistrict_id"),
        gist_index("resident_group"),
        {"comment": "Resident group 居民小组: an older layer within a community"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    community_id: Mapped[int] = mapped_column(comment="Community it lies in")
    name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name, for example 第三居民小组")
    geometry: Mapped[Any] = geometry_column("MULTIPOLYGON", "Extent", nullable=True)
