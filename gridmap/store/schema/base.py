"""What all tables share: names of constraints, keys, places, periods and the subdistrict they belong to."""

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
    """Mother of all tables."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {int: BigInteger, datetime: DateTime(timezone=True)}


def primary_key() -> MappedColumn[int]:
    """Number of a row, given by the database."""
    return mapped_column(BigInteger, Identity(always=False), primary_key=True, comment="Number of the row")


def foreign_key(table: str, comment: str, **options: Any) -> MappedColumn[Any]:
    """A reference to the row of another table."""
    return mapped_column(BigInteger, ForeignKey(f"{table}.id"), comment=comment, **options)


def subdistrict_key() -> MappedColumn[int]:
    """The subdistrict a row belongs to; what may be seen of a table is decided by it."""
    return foreign_key("subdistrict", "Subdistrict the row belongs to; decides who may see it", index=True)


def geometry_column(geometry_type: str, comment: str, **options: Any) -> MappedColumn[Any]:
    """A geometry in longitude and latitude, with an index made by hand (see `gist_index`)."""
    return mapped_column(Geometry(geometry_type, SRID, spatial_index=False), comment=f"{comment} (WGS 84)", **options)


def gist_index(table: str, column: str = "geometry") -> Index:
    """Index that finds rows by place."""
    return Index(f"ix_{table}_{column}", column, postgresql_using="gist")


def period_column(comment: str) -> MappedColumn[Range[date]]:
    """From the first day on which a row holds to the day before which it ends."""
    return mapped_column(DATERANGE, server_default=text("daterange(CURRENT_DATE, NULL)"), comment=comment)


def non_empty_period(column: str = "valid") -> CheckConstraint:
    """A period has a first day and lasts at least one."""
    return CheckConstraint(f"NOT isempty({column}) AND NOT lower_inf({column})", f"{column}_lasts")


def no_overlap(table: str, *columns: str) -> ExcludeConstraint:
    """At any date at most one row for the same values of the columns."""
    parts = [(column, "=") for column in columns]
    return ExcludeConstraint(*parts, ("valid", "&&"), name=f"ex_{table}_{'_'.join(columns)}_valid", using="gist")


def same_subdistrict(table: str, column: str) -> ForeignKeyConstraint:
    """A link that cannot leave the subdistrict: the row linked to carries the same one."""
    return ForeignKeyConstraint([column, "subdistrict_id"], [f"{table}.id", f"{table}.subdistrict_id"])


def timestamp_column(comment: str) -> MappedColumn[datetime]:
    """The moment a row was written."""
    return mapped_column(DateTime(timezone=True), server_default=func.now(), comment=comment)


def in_vocabulary(column: str, values: Any) -> CheckConstraint:
    """Only words of the vocabulary."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", f"{column}_known")


__all__ = [
    "SRID",
    "Base",
    "Mapped",
    "subdistrict_key",
    "primary_key",
    "non_empty_period",
    "foreign_key",
    "mapped_column",
    "no_overlap",
    "in_vocabulary",
    "period_column",
    "gist_index",
    "geometry_column",
    "timestamp_column",
    "same_subdistrict",
]
