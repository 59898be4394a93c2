"""Files of accounts: uploads, and results of jobs."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Integer, LargeBinary, String, UniqueConstraint

from gridmap.core.vocabulary import FilePurpose
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    in_vocabulary,
    mapped_column,
    primary_key,
    subdistrict_key,
    timestamp_column,
)


class StoredFile(Base):
    """File that an account has uploaded, or that a job has made for it."""

    __tablename__ = "stored_file"
    __table_args__ = (
        in_vocabulary("purpose", FilePurpose),
        CheckConstraint("name <> '' AND name !~ '[/\\\\]'", "name_without_folder"),
        CheckConstraint("size_bytes >= 0", "size_in_range"),
        CheckConstraint("octet_length(sha256) = 32", "sha256_length"),
        CheckConstraint("expires_at > created_at", "expires_later"),
        UniqueConstraint("id", "subdistrict_id"),
        {"comment": "File of an account: uploaded by it, or made for it by a job; encrypted, and deleted in time"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    account_id: Mapped[int] = foreign_key("account", "Account that owns it; nobody else reads it", index=True)
    purpose: Mapped[str] = mapped_column(String(20), comment="upload or result")
    name: Mapped[str] = mapped_column(String(200), comment="Name of the file, for its owner")
    media_type: Mapped[str] = mapped_column(String(100), comment="Media type, for example text/csv")
    size_bytes: Mapped[int] = mapped_column(comment="Size of the content in bytes")
    sha256: Mapped[bytes] = mapped_column(LargeBinary, comment="SHA-256 of the content")
    key_encrypted: Mapped[bytes] = mapped_column(
        LargeBinary, comment="Key of this file, encrypted with a key outside the database, after the id of that key"
    )
    created_at: Mapped[datetime] = timestamp_column("When it was stored")
    expires_at: Mapped[datetime] = mapped_column(index=True, comment="When it is deleted")


class StoredFileChunk(Base):
    """Part of a stored file."""

    __tablename__ = "stored_file_chunk"
    __table_args__ = (
        ForeignKeyConstraint(
            ["stored_file_id", "subdistrict_id"],
            ["stored_file.id", "stored_file.subdistrict_id"],
            ondelete="CASCADE",
        ),
        CheckConstraint("number >= 0", "number_in_range"),
        {"comment": "Encrypted content of a stored file in parts of at most a mebibyte, in order"},
    )

    stored_file_id: Mapped[int] = mapped_column(primary_key=True, comment="File")
    number: Mapped[int] = mapped_column(Integer, primary_key=True, comment="Place in the file, from 0")
    subdistrict_id: Mapped[int] = subdistrict_key()
    content: Mapped[bytes] = mapped_column(LargeBinary, comment="Part, encrypted with the key of the file")
