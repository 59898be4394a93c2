"""Statements about columns, as people write them: ``FIELD=HEADER`` or ``LAYER.FIELD=HEADER``."""

from collections.abc import Iterable, Mapping

from gridmap.core.errors import N_, InputFault
from gridmap.formats.package.stated_columns import SCHEMAS
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

OPTION = FaultLocation("--column")
NOT_A_STATEMENT = FaultTemplate(
    N_("it names no column"), N_("FIELD=HEADER such as households=户数, or LAYER.FIELD=HEADER for one layer")
)
NOT_A_LAYER = FaultTemplate(N_("there is no such layer"), N_("one of: {layers}"))
NOT_A_FIELD = FaultTemplate(N_("there is no such field"), N_("one of: {fields}"))
FIELD_TWICE = FaultTemplate(N_("a column is named twice for the same field"), advice=N_("name it once"))


def read_column_statements(texts: Iterable[str], faults: list[InputFault]) -> Mapping[str, Mapping[str, str]]:
    """Return headers by fields, by layers; ``""`` is for all layers that have the header.

    Parameters
    ----------
    texts : iterable of str
        Each ``FIELD=HEADER`` or ``LAYER.FIELD=HEADER``. The header may contain equals signs; an empty one says that no
        column is read as the field.
    faults : list of InputFault
        Faults are added to it.

    Examples
    --------
    >>> read_column_statements(["households=户数", "name=名称", "Grids.Name=a=b", "streets.kind="], [])
    {'buildings': {'households': '户数'}, '': {'name': '名称'}, 'grids': {'name': 'a=b'}, 'streets': {'kind': ''}}
    """
    statements: dict[str, dict[str, str]] = {}
    for text in texts:
        target, is_statement, header = text.partition("=")
        layer, _, field = target.strip().lower().rpartition(".")
        layer = layer or _only_layer(field)
        template = _find_fault(layer, field, statements) if is_statement else NOT_A_STATEMENT
        if template:
            names = {"layers": ", ".join(SCHEMAS), "fields": ", ".join(_fields_of(layer))}
            faults.append(make_fault(OPTION, template, value=text, placeholders=names))
        else:
            statements.setdefault(layer, {})[field] = header.strip()
    return statements


def _only_layer(field: str) -> str:
    """Return the only layer that has a field, or an empty text if several have it, or none."""
    layers = [name for name, schema in SCHEMAS.items() if field in schema.fields]
    return layers[0] if len(layers) == 1 else ""


def _find_fault(layer: str, field: str, statements: Mapping[str, Mapping[str, str]]) -> FaultTemplate | None:
    if layer and layer not in SCHEMAS:
        return NOT_A_LAYER
    if field not in _fields_of(layer):
        return NOT_A_FIELD
    return FIELD_TWICE if field in statements.get(layer, {}) else None


def _fields_of(layer: str) -> list[str]:
    """Return the fields of a layer, or those of all layers."""
    schemas = [SCHEMAS[layer]] if layer in SCHEMAS else SCHEMAS.values()
    return list(dict.fromkeys(field for schema in schemas for field in schema.fields))
