"""Check of headers that a person names for all layers: at least one of the layers must have each of them."""

from collections.abc import Iterator, Mapping

from gridmap.core.errors import N_, InputFault
from gridmap.formats.intake.source_file import OpenSource
from gridmap.formats.package.layer_schemas import GRIDS, LAYERS, LayerSchema
from gridmap.formats.package.town_extras import EXTRA_LAYERS
from gridmap.formats.readers.headers import find_stated
from gridmap.formats.readers.layer_rows import read_layer_metadata
from gridmap.formats.readers.layer_source import READ_ERRORS, LayerSource
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, format_value, make_fault

SCHEMAS: Mapping[str, LayerSchema] = {schema.name: schema for schema in (*LAYERS, *EXTRA_LAYERS, GRIDS)}
"""All layers with a table of columns, by name."""

IN_NO_LAYER = FaultTemplate(
    N_("no layer has a column {header}, which --column names for {field}"),
    N_("one of the columns found: {found}"),
    N_("name a column of one layer as --column LAYER.{field}=HEADER"),
)


def check_stated_columns(opened: OpenSource) -> list[InputFault]:
    """Return a fault for each header that is named for all layers with a field and that none of them has.

    Headers that are named for one layer are checked where that layer is read. A field that no layer of the input has
    is left to another input.
    """
    statements = opened.source.options.columns.get("", {})
    return [fault for field, header in statements.items() if header for fault in _check_header(opened, field, header)]


def _check_header(opened: OpenSource, field: str, header: str) -> Iterator[InputFault]:
    layers = {name: layer for name, layer in opened.layers.items() if name in SCHEMAS and field in SCHEMAS[name].fields}
    headers = {name: _headers(layer) for name, layer in layers.items()}
    if not layers or any(find_stated(header, known) for known in headers.values()):
        return
    found = "; ".join(f"{name}: {', '.join(map(format_value, known))}" for name, known in headers.items())
    values = {"header": header, "field": field, "found": found}
    yield make_fault(FaultLocation(opened.name), IN_NO_LAYER, column=field, placeholders=values)


def _headers(layer_source: LayerSource) -> list[str]:
    """Return the headers of a layer; none if it cannot be read, which is a fault where its rows are read."""
    try:
        return list(map(str, read_layer_metadata(layer_source)["fields"]))
    except READ_ERRORS:
        return []
