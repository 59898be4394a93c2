"""Settings of the installation that no account changes."""

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, Date, String, text
from sqlalchemy.dialects.postgresql import ARRAY

from gridmap.store.schema.base import Base, Mapped, mapped_column


class Installation(Base):
    """The one row of settings that the owner writes."""

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id", "one_row"),
        {"comment": "Settings of the installation, in one row; the owner writes them, and functions read them"},
    )

    id: Mapped[bool] = mapped_column(
        Boolean, primary_key=True, server_default=text("true"), comment="Always true: there is one row"
    )
    time_zone: Mapped[str] = mapped_column(
        String(80), server_default="Asia/Shanghai", comment="Time zone of the office, in which days begin"
    )
    rehearsal_date: Mapped[date | None] = mapped_column(Date, comment="Date that replaces today, for a rehearsal")
    second_factor_roles: Mapped[list[str]] = mapped_column(
        ARRAY(String(20)),
        server_default="{admin,station}",
        comment="Roles whose accounts must set up a second factor",
    )
