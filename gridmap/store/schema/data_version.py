"""Which state of the data a tile was drawn from."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, text
from sqlalchemy.dialects.postgresql import UUID

from gridmap.store.schema.base import Base, Mapped, mapped_column


class DataVersion(Base):
    """The state of what is drawn of a subdistrict."""

    __tablename__ = "data_version"
    __table_args__ = ({"comment": "The state of what is drawn of a subdistrict; triggers write it"},)

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
        comment="Another one after every change; random, so that no state before a restore is taken for one after it",
    )
