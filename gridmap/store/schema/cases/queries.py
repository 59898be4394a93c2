"""Query codes of cases, and the counters of failed queries."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String

from gridmap.store.schema.base import Base, Mapped, mapped_column, subdistrict_key, timestamp_column
from gridmap.store.schema.cases.cases import incident_key


class CaseQueryCode(Base):
    """Query code 查询码 of a case."""

    __tablename__ = "case_query_code"
    __table_args__ = (
        incident_key(),
        CheckConstraint(r"code ~ '^\d{8}$'", "code_has_8_digits"),
        {"comment": "Query code of a case: with its number, a resident reads the state without an account"},
    )

    incident_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, comment="Incident of the case")
    subdistrict_id: Mapped[int] = subdistrict_key()
    code: Mapped[str] = mapped_column(String(8), comment="Eight random digits, told with the receipt")
    created_at: Mapped[datetime] = timestamp_column("When it was first asked for")


class CaseQueryThrottle(Base):
    """Failed queries of the last hour, for a number or an IP address."""

    __tablename__ = "case_query_throttle"
    __table_args__ = (
        Index("ix_case_query_throttle_counted_from", "counted_from"),
        {"comment": "Failed queries of cases within an hour: by number, or by IP address"},
    )

    fingerprint: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="SHA-256 of the number, or of the IP address"
    )
    failures: Mapped[int] = mapped_column(comment="Failed queries since the count began")
    counted_from: Mapped[datetime] = mapped_column(comment="When the count began; the row is deleted an hour later")
