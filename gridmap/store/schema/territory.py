"""Whose land it is: subdistricts, their communities, and the resident groups that are older than grids."""

from typing import Any

from sqlalchemy import CheckConstraint, String, UniqueConstraint

from gridmap.store.schema.base import Base, Mapped, home, key, mapped_column, placed, shape, within


class Subdistrict(Base):
    """Subdistrict 街道."""

    __tablename__ = "subdistrict"
    __table_args__ = (
        CheckConstraint("code <> ''", "code_given"),
        placed("subdistrict"),
        {"comment": "Subdistrict 街道: the office above the communities"},
    )

    id: Mapped[int] = key()
    code: Mapped[str] = mapped_column(String(40), unique=True, comment="Statistical code (9 digits) or own code")
    name: Mapped[str] = mapped_column(String(200), comment="Name as people write it")
    geometry: Mapped[Any] = shape("MULTIPOLYGON", "Outline; of its communities where nobody gave one")
    supervision_phone: Mapped[str | None] = mapped_column(String(40), comment="Office phone for complaints, public")
    source: Mapped[str] = mapped_column(String(400), comment="File or office the outline came from")


class Community(Base):
    """Community 社区."""

    __tablename__ = "community"
    __table_args__ = (
        UniqueConstraint("subdistrict_id", "code"),
        UniqueConstraint("id", "subdistrict_id"),
        placed("community"),
        {"comment": "Community 社区: the territory that is divided into grids"},
    )

    id: Mapped[int] = key()
    subdistrict_id: Mapped[int] = home()
    code: Mapped[str] = mapped_column(String(40), comment="Statistical code (12 digits) or own code")
    name: Mapped[str] = mapped_column(String(200), comment="Name as people write it")
    geometry: Mapped[Any] = shape("MULTIPOLYGON", "Boundary; neighbours share edges and never area")
    station_phone: Mapped[str | None] = mapped_column(
        String(40), comment="Office phone of its grid workstation, public"
    )


class ResidentGroup(Base):
    """Resident group 居民小组."""

    __tablename__ = "resident_group"
    __table_args__ = (
        within("community", "community_id"),
        UniqueConstraint("community_id", "name"),
        placed("resident_group"),
        {"comment": "Resident group 居民小组: an older layer within a community"},
    )

    id: Mapped[int] = key()
    subdistrict_id: Mapped[int] = home()
    community_id: Mapped[int] = mapped_column(comment="Community it lies in")
    name: Mapped[str] = mapped_column(String(200), comment="Name, for example 第三居民小组")
    geometry: Mapped[Any] = shape("MULTIPOLYGON", "Extent", nullable=True)
