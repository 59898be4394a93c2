"""Columns of a load other than households: they are counts, and must be filled in every row."""

from dataclasses import replace

from gridmap.core.errors import N_
from gridmap.core.households.load import Load
from gridmap.core.land.town import Town
from gridmap.formats.package.layer_schemas import BUILDINGS, ColumnSchema, ColumnType, LayerSchema
from gridmap.formats.readers.headers import match_headers

MAX_COUNT = 1_000_000
WRITE_ZERO = N_("write 0 in buildings that have none")


def load_schema(buildings: LayerSchema, load: Load) -> LayerSchema:
    """Return the schema of buildings with the columns of a load.

    Parameters
    ----------
    buildings : LayerSchema
    load : Load
        Its columns are fields, synonyms of fields, or headers of the file.

    Examples
    --------
    >>> from gridmap.core.households.load import parse_load
    >>> schema = load_schema(BUILDINGS, parse_load("户数+shops"))
    >>> [(column.name, column.required) for column in schema.columns if column.name in ("households", "shops")]
    [('households', True), ('shops', True)]
    """
    names, known = _field_names(load).columns, [column.name for column in buildings.columns]
    counted = tuple(_count(column) if column.name in names else column for column in buildings.columns)
    added = tuple(_count(ColumnSchema(name, maximum=MAX_COUNT)) for name in names if name not in known)
    return replace(buildings, columns=counted + added)


def add_load(town: Town, load: Load) -> Town:
    """Return a town with the load of each building."""
    columns = town.buildings.assign(load=_field_names(load).sum_columns(town.buildings))
    return replace(town, buildings=columns, load=str(load))


def _count(column: ColumnSchema) -> ColumnSchema:
    return replace(column, value_type=ColumnType.COUNT, required=True, advice=column.advice or WRITE_ZERO)


def _field_names(load: Load) -> Load:
    """Return a load with the names of fields in place of their synonyms."""
    fields = match_headers(load.columns, BUILDINGS.fields).headers
    return load.rename({header: field for field, header in fields.items()})
