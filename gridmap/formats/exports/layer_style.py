"""Styles of layers as values: one colour, or a colour for each value of a field, and a label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gridmap.core.errors import N_

STATUS_COLOURS = {"under": "#0072b2", "in_range": "#008563", "over": "#c85800", "dedicated": "#a3527f"}
"""Colours of the statuses of a grid, as on the pages (``static/css/tokens.css``)."""
NEUTRAL_COLOUR = "#75828e"
STATUS_TEXTS = {
    "under": N_("under"),
    "in_range": N_("in range"),
    "over": N_("over"),
    "dedicated": N_("dedicated"),
}


@dataclass(frozen=True)
class ValueStyle:
    """Colour of the rows with a value.

    Parameters
    ----------
    value : str
    colour : str
        ``#rrggbb``.
    title : str
        English text of the value, which is translated.
    """

    value: str
    colour: str
    title: str


@dataclass(frozen=True)
class LayerStyle:
    """Style of a layer.

    Parameters
    ----------
    colour : str
        ``#rrggbb``, of rows without a value style.
    fill_opacity : float
        From 0 to 1; of polygons.
    line_mm : float
        Width of lines and outlines, in millimetres.
    field : str, optional
        Field whose values have colours.
    values : sequence of ValueStyle
    label_field : str, optional
        Field that is written on the map.
    """

    colour: str = NEUTRAL_COLOUR
    fill_opacity: float = 0.2
    line_mm: float = 0.3
    field: str | None = None
    values: Sequence[ValueStyle] = ()
    label_field: str | None = None


def make_status_style(label_field: str | None, titles: Mapping[str, str] = STATUS_TEXTS) -> LayerStyle:
    """Return the style of grids by status, as the pages show them.

    Examples
    --------
    >>> [each.colour for each in make_status_style("grid_code").values][:2]
    ['#0072b2', '#008563']
    """
    values = [ValueStyle(status, colour, titles[status]) for status, colour in STATUS_COLOURS.items()]
    return LayerStyle(fill_opacity=0.28, line_mm=0.6, field="status", values=values, label_field=label_field)
