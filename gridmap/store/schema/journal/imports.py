"""Imports that were made, and what is known about each source."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Date, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from gridmap.core.field_lengths import MAX_NAME_LETTERS, MAX_SOURCE_LETTERS
from gridmap.store.schema.base import (
    Base,
    Mapped,
    foreign_key,
    mapped_column,
    primary_key,
    subdistrict_key,
    timestamp_column,
)


class DataSource(Base):
    """Source of sheets of a kind, with what somebody has said about its headers and coordinates."""

    __tablename__ = "data_source"
    __table_args__ = (
        UniqueConstraint("subdistrict_id", "kind", "name"),
        {"comment": "Source of sheets of a kind, with what somebody has said about its headers and coordinates"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    kind: Mapped[str] = mapped_column(String(40), comment="Kind of sheets")
    name: Mapped[str] = mapped_column(String(MAX_SOURCE_LETTERS), comment="Register or office, the same every month")
    headers: Mapped[Any] = mapped_column(JSONB, server_default="{}", comment="Named headers by field")
    coordinates: Mapped[str | None] = mapped_column(
        String(20), comment="Datum or EPSG code of the coordinates of its layers; empty for what the files say"
    )
    updated_at: Mapped[datetime] = timestamp_column("When it was said last")


class ImportRun(Base):
    """Import of a sheet that was applied."""

    __tablename__ = "import_run"
    __table_args__ = (
        UniqueConstraint("change_set_id"),
        {"comment": "Import of a sheet that was applied; its change set has the rows"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    change_set_id: Mapped[int] = foreign_key("change_set", "Change set of the rows")
    account_id: Mapped[int | None] = foreign_key(
        "account", "Account that imported it; empty for the owner's commands", index=True
    )
    role: Mapped[str | None] = mapped_column(String(20), comment="Role of the account then")
    kind: Mapped[str] = mapped_column(String(40), comment="Kind of sheets")
    source: Mapped[str] = mapped_column(String(MAX_SOURCE_LETTERS), comment="Register or office")
    as_of: Mapped[date] = mapped_column(Date, comment="Day that the sheet describes")
    file_name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name of the file")
    sha256: Mapped[str] = mapped_column(String(64), comment="SHA-256 of the file")
    counts: Mapped[Any] = mapped_column(JSONB, server_default="{}", comment="Rows by difference, and rows left out")
    form: Mapped[Any] = mapped_column(
        JSONB, server_default="{}", comment="Sheet, headers and their fields, to write its rows as they came in"
    )
    row_ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), server_default=text("'{}'"), comment="Keys of its rows in the order of the sheet"
    )
    imported_at: Mapped[datetime] = timestamp_column("When it was applied")


class ImportDraft(Base):
    """Sheet that an account has uploaded and not imported yet."""

    __tablename__ = "import_draft"
    __table_args__ = (
        UniqueConstraint("account_id", "request_key"),
        CheckConstraint("version >= 1", "version_in_range"),
        CheckConstraint("expires_at > created_at", "expires_later"),
        {"comment": "Sheet that an account has uploaded, with what was recognised and decided; deleted after 7 days"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    account_id: Mapped[int] = foreign_key("account", "Account that has uploaded it; nobody else reads it")
    kind: Mapped[str] = mapped_column(String(40), comment="Kind of sheets")
    source: Mapped[str] = mapped_column(String(MAX_SOURCE_LETTERS), comment="Register or office")
    as_of: Mapped[date] = mapped_column(Date, comment="Day that the sheet describes")
    file_name: Mapped[str] = mapped_column(String(MAX_NAME_LETTERS), comment="Name of the file")
    upload_id: Mapped[int | None] = foreign_key("stored_file", "The file, until it is imported", ondelete="SET NULL")
    preview_id: Mapped[int | None] = foreign_key(
        "stored_file", "Effect of the import, written by the job that read the file", ondelete="SET NULL"
    )
    marked_id: Mapped[int | None] = foreign_key(
        "stored_file", "The sheet with the reason in each faulty row", ondelete="SET NULL"
    )
    headers: Mapped[Any] = mapped_column(JSONB, server_default="{}", comment="Headers chosen for fields")
    sheet: Mapped[str | None] = mapped_column(String(MAX_NAME_LETTERS), comment="Sheet of the workbook, where chosen")
    encoding: Mapped[str | None] = mapped_column(String(40), comment="Encoding of the texts, where chosen")
    coordinates: Mapped[str | None] = mapped_column(
        String(20), comment="Datum or EPSG code of the coordinates of a layer, where chosen"
    )
    decisions: Mapped[Any] = mapped_column(
        JSONB, server_default="{}", comment="Rows by their key whose contradictions are decided: take or keep"
    )
    fingerprint: Mapped[str | None] = mapped_column(String(64), comment="Hash of the differences that were shown")
    version: Mapped[int] = mapped_column(server_default="1", comment="Grows by each change of the draft")
    job_id: Mapped[int | None] = foreign_key("job", "Latest job that works on it", ondelete="SET NULL")
    import_run_id: Mapped[int | None] = foreign_key("import_run", "Import that was made of it")
    request_key: Mapped[str] = mapped_column(String(64), comment="Random key of the form: it is sent once")
    created_at: Mapped[datetime] = timestamp_column("When it was uploaded")
    expires_at: Mapped[datetime] = mapped_column(index=True, comment="When it is deleted")
