"""Labels of a sheet: numbers of buildings, names along streets, codes within neighbours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import atan2, copysign, cos, degrees, hypot, pi, sin

import shapely

from gridmap.maps.sheets.boxes import Box, TakenRoom, centred_box

IDEOGRAPHS_FROM = "\u2e80"
LETTER_WIDTHS = {"latin": 0.58, "ideograph": 1.0}
"""Widths of letters by the size of the font."""
LINE_HEIGHT = 1.15
BUILDING_SIZES_MM = (2.6, 2.1, 1.7)
"""Sizes of building labels; 1.7 mm is about five points, the least that people read on paper."""
STREET_SIZE_MM = 2.5
MIN_STREET_MM = 6.0
NUMBER = re.compile(
    r"(?P<short>(?P<number>[A-Za-z]?\d+(?:[-－—/]\d+)*[A-Za-z]?|[一二三四五六七八九十百甲乙丙丁]+)"
    r"\s*(?:号楼|号院|号|栋|幢|座|楼|院)?)$"
)
"""Number at the end of the name of a building."""


@dataclass(frozen=True)
class Label:
    """A text at a point, in millimetres; `angle` is in degrees, clockwise."""

    text: str
    x: float
    y: float
    size: float
    angle: float = 0.0


def text_width(text: str, size: float) -> float:
    """Return the approximate width of a text; Chinese letters are as wide as high.

    Examples
    --------
    >>> text_width("3号楼", 2.0)
    5.16
    """
    widths = (LETTER_WIDTHS["ideograph" if letter >= IDEOGRAPHS_FROM else "latin"] for letter in text)
    return round(size * sum(widths), 6)


def short_names(name: str) -> list[str]:
    """Return a name and its shorter forms, the longest first: the number with and without its word.

    Examples
    --------
    >>> short_names("锦绣花园3号楼"), short_names("团结路64号"), short_names("市场")
    (['锦绣花园3号楼', '3号楼', '3'], ['团结路64号', '64号', '64'], ['市场'])
    """
    match = NUMBER.search(name)
    forms = [name, match["short"], match["number"]] if match else [name]
    return list(dict.fromkeys(forms))


def building_label(name: str, outline: shapely.Geometry, room: TakenRoom) -> Label | None:
    """Return the label of a building and take its room: the longest form of the name that fits into the outline.

    Where none fits, the number stands on the building if nothing is in the way.
    """
    point = outline.representative_point()
    left, top, right, bottom = outline.bounds
    forms = short_names(name)
    for form in forms:
        for size in BUILDING_SIZES_MM:
            box = text_box(form, point.x, point.y, size)
            fits = box[2] - box[0] <= (right - left) * 1.05 and box[3] - box[1] <= (bottom - top) * 1.2
            if fits and room.is_free([box]):
                room.take(box)
                return Label(form, point.x, point.y, size)
    size = BUILDING_SIZES_MM[-1]
    box = text_box(forms[-1], point.x, point.y, size)
    if len(forms) == 1 or not room.is_free([box]):
        return None
    room.take(box)
    return Label(forms[-1], point.x, point.y, size)


def street_label(name: str, lines: shapely.Geometry, room: TakenRoom) -> Label | None:
    """Return the name of a street along its longest straight part with room, and take the room."""
    width = text_width(name, STREET_SIZE_MM)
    for start, end in _straight_parts(lines, max(width, MIN_STREET_MM)):
        angle = atan2(end[1] - start[1], end[0] - start[0])
        angle -= copysign(pi, angle) if abs(angle) > pi / 2 else 0
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        boxes = _letter_boxes(name, (x, y), angle)
        if room.is_free(boxes):
            room.take(*boxes)
            return Label(name, x, y, STREET_SIZE_MM, degrees(angle))
    return None


def area_label(text: str, area: shapely.Geometry, size: float, room: TakenRoom) -> Label | None:
    """Return a text within an area, or None where it does not fit, and take its room."""
    part = max(shapely.get_parts(area), key=shapely.area, default=None)
    if part is None or part.is_empty:
        return None
    centre = shapely.maximum_inscribed_circle(part, tolerance=1.0).coords[0]
    box = text_box(text, centre[0], centre[1], size)
    if not (part.buffer(size / 4).contains(shapely.box(*box)) and room.is_free([box])):
        return None
    room.take(box)
    return Label(text, centre[0], centre[1], size)


def text_box(text: str, x: float, y: float, size: float) -> Box:
    """Return the box of a text around a point."""
    return centred_box(x, y, text_width(text, size), size * LINE_HEIGHT)


def _straight_parts(lines: shapely.Geometry, min_length: float) -> Iterator[tuple[tuple[float, ...], ...]]:
    """Yield ends of straight parts that are long enough, the longest first."""
    parts = [
        (line.coords[index], line.coords[index + 1])
        for line in shapely.get_parts(shapely.simplify(lines, 0.7))
        if isinstance(line, shapely.LineString)
        for index in range(len(line.coords) - 1)
    ]
    lengths = {part: hypot(part[1][0] - part[0][0], part[1][1] - part[0][1]) for part in parts}
    yield from sorted((part for part in lengths if lengths[part] >= min_length), key=lambda part: -lengths[part])


def _letter_boxes(text: str, centre: tuple[float, float], angle: float) -> list[Box]:
    """Return a box for each letter of a text at an angle."""
    size, along = STREET_SIZE_MM, -text_width(text, STREET_SIZE_MM) / 2
    boxes = []
    for letter in text:
        width = text_width(letter, size)
        middle = along + width / 2
        boxes.append(centred_box(centre[0] + middle * cos(angle), centre[1] + middle * sin(angle), size, size))
        along += width
    return boxes
