"""Map of a printed sheet as SVG: land, streets, buildings, borders, places, labels, scale bar and north arrow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import shapely
from markupsafe import Markup

from gridmap.core.array_types import GeometryArray
from gridmap.core.facilities.place_kinds import Badge
from gridmap.core.vocabulary import StreetKind
from gridmap.maps.sheets.boxes import TakenRoom
from gridmap.maps.sheets.frame import MapFrame
from gridmap.maps.sheets.labels import Label, area_label, building_label, street_label
from gridmap.maps.sheets.paper import FOOTER_MM, scale_bar_metres
from gridmap.maps.sheets.svg import element, join, path_data
from gridmap.maps.sheets.symbols import DrawnSymbol, PlacePoint, arrange_symbols, name_symbols, symbol_size

STREET_WIDTHS_MM = {StreetKind.MOTORWAY: 3.2, StreetKind.ARTERIAL: 2.6, StreetKind.LOCAL: 1.7, StreetKind.LANE: 0.9}
CASING_MM = 0.4
NEIGHBOUR_SIZE_MM, GROUP_SIZE_MM = 3.4, 2.6
NORTH_ARROW_BOX = (3.0, 3.0, 12.0, 16.0)
"""Corners of the north arrow in the upper left corner of the map, which labels leave free."""


@dataclass(frozen=True)
class NamedShape:
    """A shape in degrees with its name: a building, a resident group or a neighbour."""

    name: str
    shape: shapely.Geometry = field(repr=False)


@dataclass(frozen=True)
class StreetShape:
    """Lines of a street in degrees."""

    name: str | None
    kind: StreetKind
    shape: shapely.Geometry = field(repr=False)


@dataclass(frozen=True)
class PlaceShape:
    """A place in degrees: name of its symbol, badge of its group, and its name."""

    symbol: str
    badge: Badge
    name: str | None
    shape: shapely.Point = field(repr=False)


@dataclass(frozen=True)
class SheetLayers:
    """Layers of a sheet in degrees; a layer that is switched off is empty."""

    grid: shapely.Geometry = field(repr=False)
    neighbours: Sequence[NamedShape] = ()
    streets: Sequence[StreetShape] = ()
    given_streets: Sequence[shapely.Geometry] = ()
    buildings: Sequence[NamedShape] = ()
    resident_groups: Sequence[NamedShape] = ()
    places: Sequence[PlaceShape] = ()


def draw_sheet_map(layers: SheetLayers, frame: MapFrame) -> Markup:
    """Return the map with its scale bar below it.

    Parameters
    ----------
    layers : SheetLayers
    frame : MapFrame

    Returns
    -------
    Markup
        SVG element whose unit is a millimetre of the layout; symbols refer to ``#place-<name>`` of the page.
    """
    width, height = frame.sheet_format.frame_mm
    room = TakenRoom()
    room.take(NORTH_ARROW_BOX)
    clip = element("clipPath", element("rect", width=width, height=height), id="sheet-frame")
    drawing = element("g", join(_draw_layers(layers, frame, room)), clip_path="url(#sheet-frame)")
    border = element("rect", class_="frame", width=width, height=height)
    parts = clip, drawing, border, _north_arrow(), _scale_bar(frame)
    size = {"width": f"{width}mm", "height": f"{height + FOOTER_MM}mm", "viewBox": f"0 0 {width} {height + FOOTER_MM}"}
    return element("svg", join(parts), class_="sheet-map", xmlns="http://www.w3.org/2000/svg", **size)


def _draw_layers(layers: SheetLayers, frame: MapFrame, room: TakenRoom) -> Iterator[Markup]:
    grid = frame.to_paper([layers.grid])[0]
    buildings = frame.to_paper([each.shape for each in layers.buildings])
    yield element("path", class_="outside", d=path_data(shapely.difference(frame.outline, grid)), fill_rule="evenodd")
    yield from _draw_streets(layers.streets, frame)
    yield from (element("path", class_="building", d=path_data(shape)) for shape in buildings)
    yield from _draw_borders(layers, frame)
    yield element("path", class_="grid-halo", d=path_data(grid))
    yield element("path", class_="grid-border", d=path_data(grid))
    given = frame.to_paper(layers.given_streets)
    yield from (element("path", class_="given-street", d=path_data(shape)) for shape in given)
    symbols = arrange_symbols(_places_on_paper(layers.places, frame), room)
    yield from (_draw_symbol(each) for each in sorted(symbols, key=lambda each: each.place.size))
    yield from _draw_labels(layers, frame, buildings, room)
    yield from (_draw_label(label, "place-name") for label in name_symbols(symbols, room))


def _draw_streets(streets: Sequence[StreetShape], frame: MapFrame) -> Iterator[Markup]:
    """Yield streets as white bands with lines along both sides, the wide ones below."""
    ordered = sorted(streets, key=lambda each: -STREET_WIDTHS_MM[each.kind])
    shapes = [path_data(shape) for shape in frame.to_paper([each.shape for each in ordered])]
    widths = [STREET_WIDTHS_MM[each.kind] for each in ordered]
    for shape, width in zip(shapes, widths, strict=True):
        yield element("path", class_="street-casing", d=shape, stroke_width=width + CASING_MM)
    for shape, width in zip(shapes, widths, strict=True):
        yield element("path", class_="street", d=shape, stroke_width=width)


def _draw_borders(layers: SheetLayers, frame: MapFrame) -> Iterator[Markup]:
    for rows, name in ((layers.resident_groups, "group-border"), (layers.neighbours, "neighbour-border")):
        for shape in frame.to_paper([each.shape for each in rows]):
            yield element("path", class_=name, d=path_data(shape))


def _draw_symbol(symbol: DrawnSymbol) -> Markup:
    """Return a symbol; one beside its place has a line to it."""
    size = symbol.place.size
    corner = {"x": symbol.x - size / 2, "y": symbol.y - size / 2}
    use = element("use", href=f"#place-{symbol.place.symbol}", width=size, height=size, **corner)
    if not symbol.is_moved:
        return use
    ends = {"x1": symbol.place.x, "y1": symbol.place.y, "x2": symbol.x, "y2": symbol.y}
    return join((element("line", class_="leader", **ends), use))


def _draw_labels(layers: SheetLayers, frame: MapFrame, buildings: GeometryArray, room: TakenRoom) -> Iterator[Markup]:
    """Yield labels in the order in which they get room: buildings, neighbours, streets, resident groups."""
    for building, outline in zip(layers.buildings, buildings, strict=True):
        yield _draw_label(building_label(building.name, outline, room), "building-name")
    for neighbour, area in _visible_areas(layers.neighbours, frame):
        yield _draw_label(area_label(neighbour.name, area, NEIGHBOUR_SIZE_MM, room), "neighbour-name")
    for street, lines in _named_streets(layers.streets, frame):
        yield _draw_label(street_label(street, lines, room), "street-name")
    for group, area in _visible_areas(layers.resident_groups, frame):
        yield _draw_label(area_label(group.name, area, GROUP_SIZE_MM, room), "group-name")


def _visible_areas(rows: Sequence[NamedShape], frame: MapFrame) -> Iterator[tuple[NamedShape, shapely.Geometry]]:
    inner = shapely.buffer(frame.outline, -2, join_style="mitre")
    areas = frame.to_paper([each.shape for each in rows])
    yield from zip(rows, shapely.intersection(areas, inner), strict=True)


def _named_streets(streets: Sequence[StreetShape], frame: MapFrame) -> Iterator[tuple[str, shapely.Geometry]]:
    """Yield names with the lines of each within the frame, wide streets first."""
    inner = shapely.buffer(frame.outline, -2, join_style="mitre")
    named = sorted((each for each in streets if each.name), key=lambda each: -STREET_WIDTHS_MM[each.kind])
    lines: dict[str, list[shapely.Geometry]] = {}
    for street, shape in zip(named, frame.to_paper([each.shape for each in named]), strict=True):
        lines.setdefault(street.name or "", []).append(shape)
    for name, shapes in lines.items():
        yield name, shapely.line_merge(shapely.intersection(shapely.union_all(shapes), inner))


def _draw_label(label: Label | None, class_name: str) -> Markup:
    if label is None:
        return Markup("")
    position: dict[str, object] = {"x": label.x, "y": label.y, "font_size": label.size}
    if label.angle:
        position["transform"] = f"rotate({label.angle:.1f} {label.x:.2f} {label.y:.2f})"
    return element("text", label.text, class_=class_name, **position)


def _north_arrow() -> Markup:
    arrow = element("path", class_="north", d="M7.5 4.5L10 11L7.5 9.6L5 11Z")
    return join((arrow, element("text", "N", class_="north-letter", x=7.5, y=13.4, font_size=3.0)))


def _scale_bar(frame: MapFrame) -> Markup:
    """Return a bar of two halves with metres below the map."""
    _, top = frame.sheet_format.frame_mm
    metres = scale_bar_metres(frame.drawing_scale)
    length = metres * 1000 / frame.drawing_scale
    halves = [
        element("rect", class_=f"bar bar-{side}", x=side * length / 2, y=top + 2.2, width=length / 2, height=1.4)
        for side in (0, 1)
    ]
    numbers = [(0, "0"), (length / 2, f"{metres / 2:g}"), (length, f"{metres:g} m")]
    texts = [element("text", text, class_="bar-text", x=float(x), y=top + 6.4, font_size=2.4) for x, text in numbers]
    return element("g", join((*halves, *texts)), class_="scale-bar", data_metres=metres)


def _places_on_paper(places: Sequence[PlaceShape], frame: MapFrame) -> list[PlacePoint]:
    points = frame.to_paper([each.shape for each in places])
    sizes = {badge: symbol_size(badge, frame.drawing_scale) for badge in Badge}
    return [
        PlacePoint(each.symbol, each.badge, float(point.x), float(point.y), each.name, sizes[each.badge])
        for each, point in zip(places, points, strict=True)
    ]
