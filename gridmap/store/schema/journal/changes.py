"""Journal: change sets, and the rows that each of them has inserted, updated or deleted."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, CheckConstraint, Date, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB

from gridmap.core.field_lengths import MAX_SOURCE_LETTERS
from gridmap.core.vocabulary import RecordAction
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

JOURNALED_TABLES = (
    "community",
    "resident_group",
    "estate",
    "courtyard",
    "street",
    "building",
    "household_count",
    "population_count",
    "service_group_count",
    "unit",
    "dwelling",
    "household",
    "resident",
    "service_group_member",
    "worker",
    "duty",
    "leave",
    "organisation",
    "facility",
    "shop",
    "incident_category",
    "incident",
)
"""Tables whose changes triggers write to the journal, each after the tables that its rows refer to.

A table needs the columns ``id`` and ``subdistrict_id``. What follows from other rows (cells of buildings, counts of
months) is not journaled: it is computed again.
"""


class ChangeSet(Base):
    """Changes of one transaction and subdistrict, with their source."""

    __tablename__ = "change_set"
    __table_args__ = (
        Index("ix_change_set_transaction_id", "transaction_id", "subdistrict_id"),
        Index("uq_change_set_undoes", "undoes", unique=True, postgresql_where=text("undoes IS NOT NULL")),
        {"comment": "Changes of one transaction and subdistrict, with their source; functions and triggers write it"},
    )

    id: Mapped[int] = primary_key()
    subdistrict_id: Mapped[int] = subdistrict_key()
    account_id: Mapped[int | None] = foreign_key(
        "account", "Account that made the changes; empty for the owner's commands", index=True
    )
    role: Mapped[str | None] = mapped_column(String(20), comment="Role of the account when it made them")
    community_ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), server_default=text("'{}'"), comment="Communities of the account when it made them"
    )
    source: Mapped[str] = mapped_column(
        String(MAX_SOURCE_LETTERS), comment="File or register that the values come from; the account by hand"
    )
    as_of: Mapped[date] = mapped_column(Date, comment="Day that the source describes")
    by_hand: Mapped[bool] = mapped_column(Boolean, server_default=text("false"), comment="Typed in, from no file")
    opened_at: Mapped[datetime] = timestamp_column("When the transaction began")
    transaction_id: Mapped[int] = mapped_column(comment="Number of the transaction, until it ends")
    undoes: Mapped[int | None] = foreign_key("change_set", "Change set that this one takes back")
    values_removed_at: Mapped[datetime | None] = mapped_column(
        comment="When the earlier values were removed; since then it cannot be undone"
    )


class RecordChange(Base):
    """Row of a table that a change set has inserted, updated or deleted.

    Imports add hundreds of thousands at once: the change set is no foreign key, which would be checked for each of
    them, and has an index of blocks (BRIN), as rows of one change set lie together. Only triggers write the table.
    """

    __tablename__ = "record_change"
    __table_args__ = (
        in_vocabulary("action", RecordAction),
        CheckConstraint("(action = 'insert') = (before IS NULL)", "before_unless_insert"),
        Index("ix_record_change_row", "table_name", "row_id"),
        Index("ix_record_change_change_set_id", "change_set_id", postgresql_using="brin"),
        {"comment": "Row that a change set has inserted, updated or deleted; triggers write it"},
    )

    id: Mapped[int] = primary_key()
    change_set_id: Mapped[int] = mapped_column(BigInteger, comment="Change set")
    table_name: Mapped[str] = mapped_column(String(40), comment="Table of the row")
    row_id: Mapped[int] = mapped_column(BigInteger, comment="Key of the row")
    action: Mapped[str] = mapped_column(String(10), comment="insert, update or delete")
    before: Mapped[Any] = mapped_column(
        JSONB,
        nullable=True,
        comment="Earlier values: of the columns that an update changed, of all columns of a deleted row",
    )
