"""SVG elements as escaped text."""

from collections.abc import Iterable

import shapely
from markupsafe import Markup, escape

DECIMALS = 2
"""Decimals of a millimetre: 0.01 mm, a tenth of what a printer draws."""


def element(name: str, content: object = "", **attributes: object) -> Markup:
    """Return an element; its content is escaped unless it is markup.

    Parameters
    ----------
    name : str
    content : str or Markup
    **attributes
        Underscores become hyphens, and a name for a keyword of Python may end in one; numbers are rounded.

    Examples
    --------
    >>> element("text", "<3>", x=1.23456, class_="name")
    Markup('<text x="1.23" class="name">&lt;3&gt;</text>')
    """
    pairs = "".join(f' {key.strip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{pairs}>{escape(content)}</{name}>")  # noqa: S704 - every part is escaped


def join(parts: Iterable[Markup]) -> Markup:
    """Return elements one after the other."""
    return Markup("").join(parts)


def path_data(shape: shapely.Geometry | None) -> str:
    """Return the path of lines or polygons; points and missing shapes have none.

    Examples
    --------
    >>> path_data(shapely.box(0, 0, 2, 1))
    'M2 0L2 1L0 1L0 0Z'
    """
    return "".join(_part_data(part) for part in shapely.get_parts(shape) if not part.is_empty) if shape else ""


def _part_data(part: shapely.Geometry) -> str:
    if isinstance(part, shapely.Polygon):
        return "".join(_line_data(ring.coords[:-1]) + "Z" for ring in (part.exterior, *part.interiors))
    return _line_data(part.coords) if isinstance(part, shapely.LineString) else ""


def _line_data(coordinates: Iterable[tuple[float, ...]]) -> str:
    return "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in coordinates)


def _value(value: object) -> object:
    return _number(value) if isinstance(value, float) else escape(value)


def _number(value: float) -> str:
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".").replace("-0", "0", 1 if -0.005 < value < 0 else 0)
