"""Appearance of layers: titles of fields and texts of their values, from which styles and aliases are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridmap.formats.exports.layer_style import LayerStyle
from gridmap.formats.exports.table import Column, ExportTable


@dataclass(frozen=True)
class LayerAppearance:
    """Appearance of a layer.

    Parameters
    ----------
    title : str
        English title, which is translated.
    fields : sequence of Column
        Fields that have a title; others show their names.
    style : LayerStyle, optional
        None for a table without shapes.
    """

    title: str
    fields: Sequence[Column] = field(default_factory=tuple)
    style: LayerStyle | None = None


def find_appearance(table: ExportTable) -> Mapping[str, LayerAppearance]:
    """Return the appearance of an exported table, by the name of its layer."""
    title = table.title if isinstance(table.title, str) else table.title.template
    style = table.style if table.shapes is not None else None
    return {table.key: LayerAppearance(title, table.columns, style or (LayerStyle() if table.shapes else None))}
