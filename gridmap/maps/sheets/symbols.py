"""Symbols of places on a sheet: side by side where several are in one spot, with a line to it, and their names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import hypot

from gridmap.core.facilities.place_kinds import Badge
from gridmap.maps.sheets.boxes import TakenRoom, centred_box
from gridmap.maps.sheets.labels import LINE_HEIGHT, Label, text_box, text_width

SIZE_MM = 4.4
PLAIN_SIZES_MM = {5_000: 2.8, 8_000: 2.3}
MIN_PLAIN_SIZE_MM = 1.9
"""Size of symbols, and of those with a plain badge, of which there are many, by the largest scale denominator."""
NAME_SIZE_MM = 1.9
GAP_MM = 0.5
RINGS = 3
NEAREST_SQUARES = sorted(product(range(-RINGS, RINGS + 1), repeat=2), key=lambda step: (hypot(*step), step))
"""Columns and rows of the squares around a place in which its symbol may stand."""


@dataclass(frozen=True)
class PlacePoint:
    """A place on a sheet: name and size of its symbol, badge of its group, point in millimetres, and its name."""

    symbol: str
    badge: Badge
    x: float
    y: float
    name: str | None = None
    size: float = SIZE_MM


@dataclass(frozen=True)
class DrawnSymbol:
    """A symbol at its position, which may be beside its place."""

    place: PlacePoint
    x: float
    y: float

    @property
    def is_moved(self) -> bool:
        """True if it is beside its place."""
        return (self.x, self.y) != (self.place.x, self.place.y)


def symbol_size(badge: Badge, scale: float) -> float:
    """Return the size of symbols of a badge on a map of a scale.

    Examples
    --------
    >>> [symbol_size(Badge.PLAIN, scale) for scale in (5_000, 6_000, 10_000)], symbol_size(Badge.ROUND, 10_000)
    ([2.8, 2.3, 1.9], 4.4)
    """
    if badge is not Badge.PLAIN:
        return SIZE_MM
    return next((size for largest, size in PLAIN_SIZES_MM.items() if scale <= largest), MIN_PLAIN_SIZE_MM)


def arrange_symbols(places: Sequence[PlacePoint], room: TakenRoom) -> list[DrawnSymbol]:
    """Return the symbols of all places, and take the room of the large ones.

    A large symbol whose spot is taken stands beside it, in rings of growing distance; without any room it stands on its
    spot. Small ones of street facilities always stand on their spot: their place is what matters, and they are many.
    """
    symbols = []
    for place in places:
        if place.badge is Badge.PLAIN:
            symbols.append(DrawnSymbol(place, place.x, place.y))
            continue
        side = place.size + GAP_MM
        positions = _positions(place, side)
        x, y = next((p for p in positions if room.is_free([centred_box(*p, side, side)])), (place.x, place.y))
        room.take(centred_box(x, y, side, side))
        symbols.append(DrawnSymbol(place, x, y))
    return symbols


def name_symbols(symbols: Sequence[DrawnSymbol], room: TakenRoom) -> Iterator[Label]:
    """Yield the names of places beside their symbols, where there is room."""
    for symbol in symbols:
        name = symbol.place.name
        if not name or symbol.place.badge is Badge.PLAIN:
            continue
        aside = (symbol.place.size + text_width(name, NAME_SIZE_MM)) / 2 + GAP_MM
        above = (symbol.place.size + NAME_SIZE_MM * LINE_HEIGHT) / 2 + GAP_MM / 2
        for dx, dy in ((0, above), (aside, 0), (-aside, 0), (0, -above)):
            box = text_box(name, symbol.x + dx, symbol.y + dy, NAME_SIZE_MM)
            if room.is_free([box]):
                room.take(box)
                yield Label(name, symbol.x + dx, symbol.y + dy, NAME_SIZE_MM)
                break


def _positions(place: PlacePoint, side: float) -> Iterator[tuple[float, float]]:
    """Yield the spot of a place and the squares around it, the nearest first."""
    yield from ((place.x + column * side, place.y + row * side) for column, row in NEAREST_SQUARES)
