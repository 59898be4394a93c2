"""Fingerprints of the secrets that belong to a database."""

from datetime import datetime

from sqlalchemy import DateTime, LargeBinary, String, text

from gridmap.store.schema.base import Base, Mapped, mapped_column


class InstallationSecret(Base):
    """Fingerprint of a secret."""

    __tablename__ = "installation_secret"
    __table_args__ = (
        {"comment": "Fingerprints of the secrets that belong to this database; the owner writes them at an upgrade"},
    )

    name: Mapped[str] = mapped_column(String(40), primary_key=True, comment="Name of the secret, as of its file")
    salt: Mapped[bytes] = mapped_column(LargeBinary, nullable=False, comment="Random; no two fingerprints are alike")
    fingerprint: Mapped[bytes] = mapped_column(
        LargeBinary, nullable=False, comment="PBKDF2 of the secret: it recognises the secret and does not disclose it"
    )
    recorded_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("now()"), nullable=False, comment="Time of the record"
    )
