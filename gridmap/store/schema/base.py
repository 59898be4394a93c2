"""Parts common to all tables: names of constraints, keys, geometries, periods and the subdistrict of a row."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

SRID = 4326
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base class of all tables."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {int: BigInteger, datetime: DateTime(timezone=True)}


def primary_key() -> MappedColumn[int]:
    """Return a primary key that the database numbers."""
    return mapped_column(BigInteger, Identity(always=False), primary_key=True, comment="Number of the row")


def foreign_key(table: str, comment: str, *, ondelete: str | None = None, **options: Any) -> MappedColumn[Any]:
    """Return a reference to a row of another table."""
    return mapped_column(BigInteger, ForeignKey(f"{table}.id", ondelete=ondelete), comment=comment, **options)


def subdistrict_key() -> MappedColumn[int]:
    """Return the key of the row's subdistrict, which decides who may see the row."""
    return foreign_key("subdistrict", "Subdistrict the row belongs to; decides who may see it", index=True)


def geometry_column(geometry_type: str, comment: str, **options: Any) -> MappedColumn[Any]:
    """Return a geometry in longitude and latitude; its index is declared separately (see `gist_index`)."""
    return mapped_column(Geometry(geometry_type, SRID, spatial_index=False), comment=f"{comment} (WGS 84)", **options)


def gist_index(table: str, column: str = "geometry") -> Index:
    """Return a spatial index."""
    return Index(f"ix_{table}_{column}", column, postgresql_using="gist")


def period_column(comment: str) -> MappedColumn[Range[date]]:
    """Return the period of a row: from its first day to the day after its last."""
    return mapped_column(DATERANGE, server_default=text("daterange(CURRENT_DATE, NULL)"), comment=comment)


def non_empty_period(column: str = "valid") -> CheckConstraint:
    """Require a period to have a first day and to last at least one day."""
    return CheckConstraint(f"NOT isempty({column}) AND NOT lower_inf({column})", f"{column}_lasts")


def no_overlap(table: str, *columns: str) -> ExcludeConstraint:
    """Allow at most one row at any date for the same values of the columns."""
    equalities = [(column, "=") for column in columns]
    return ExcludeConstraint(*equalities, ("valid", "&&"), name=f"ex_{table}_{'_'.join(columns)}_valid", using="gist")


def no_overlap_of_codes(table: str) -> ExcludeConstraint:
    """Allow at most one row at any date for a code of a subdistrict.

    The digest leads: a GiST index over texts takes 80 µs a row to write, one that first compares numbers 15 µs.
    """
    digest = text("hashtextextended(code, subdistrict_id)")
    return ExcludeConstraint(
        (digest, "="),
        ("subdistrict_id", "="),
        ("code", "="),
        ("valid", "&&"),
        name=f"ex_{table}_subdistrict_id_code_valid",
        using="gist",
    )


def same_subdistrict(table: str, column: str) -> ForeignKeyConstraint:
    """Require a linked row to belong to the same subdistrict."""
    return ForeignKeyConstraint([column, "subdistrict_id"], [f"{table}.id", f"{table}.subdistrict_id"])


def timestamp_column(comment: str) -> MappedColumn[datetime]:
    """Return a time that defaults to the start of the writing transaction."""
    return mapped_column(DateTime(timezone=True), server_default=func.now(), comment=comment)


def in_vocabulary(column: str, values: Iterable[str]) -> CheckConstraint:
    """Restrict a column to the words of a vocabulary."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", f"{column}_known")


__all__ = [
    "SRID",
    "Base",
    "Mapped",
    "foreign_key",
    "geometry_column",
    "gist_index",
    "in_vocabulary",
    "mapped_column",
    "no_overlap",
    "no_overlap_of_codes",
    "non_empty_period",
    "period_column",
    "primary_key",
    "same_subdistrict",
    "subdistrict_key",
    "timestamp_column",
]
