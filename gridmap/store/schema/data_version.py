"""Version of the data that map tiles are drawn from."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, text
from sqlalchemy.dialects.postgresql import UUID

from gridmap.store.schema.base import Base, Mapped, mapped_column


class DataVersion(Base):
    """Version of a subdistrict's data on map tiles."""

    __tablename__ = "data_version"
    __table_args__ = ({"comment": "Version of a subdistrict's data on map tiles; triggers write it"},)

    subdistrict_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("subdistrict.id", ondelete="CASCADE"),
        primary_key=True,
        comment="Subdistrict the row belongs to; decides who may see it",
    )
    version: Mapped[Any] = mapped_column(
        UUID(as_uuid=True),
        server_default=text("gen_random_uuid()"),
        nullable=False,
        comment="Changes with the data; random, so that no version repeats after a restore",
    )
    names_version: Mapped[Any] = mapped_column(
        UUID(as_uuid=True),
        server_default=text("gen_random_uuid()"),
        nullable=False,
        comment="Changes with the names of places that are not on tiles: estates, shops, organisations, facilities",
    )
