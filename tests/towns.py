"""Small towns for tests, drawn as ASCII pictures.

Each character is a square of ``size`` metres; the picture's lower left corner is at `CORNER`.

==============  ========================================================================================
``A``–``z``     a building; squares of one letter that touch by a side are one footprint (L and U shapes)
``0``–``9``     a building with 50 households times the digit, so ``0`` is a shop
``-`` ``|``     a local street east–west, north–south; at the picture's edge it leaves the town by a square
``+`` ``=``     a junction of local streets; an arterial street east–west
``!`` ``:``     an arterial street north–south; a lane, open to all four sides
``#`` ``^``     water; rail
``*``           a crossing: the junction of a street over the water or the rail beside it
``%`` ``$``     a wall; dedicated land
``.``           open land
==============  ========================================================================================

A second picture gives each square the letter of its community; ``.`` belongs to none.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.demo.layers import assemble
from gridmap.core.land.placing import place_buildings
from gridmap.core.town import Town
from tests.odd_towns import CORNER, random_town, random_towns

__all__ = ["CORNER", "pieces", "random_town", "random_towns", "town"]

SIDES = {"W": (0, -1), "E": (0, 1), "N": (-1, 0), "S": (1, 0)}
OPPOSITE = {"W": "E", "E": "W", "N": "S", "S": "N"}
OPEN = {"-": "WE", "=": "WE", "|": "NS", "!": "NS", "+": "WENS", ":": "WENS", "*": "WENS"}
KINDS = {"=": "arterial", "!": "arterial", ":": "lane"}
THROUGH = "-=|!"
Square = tuple[int, int]


@dataclass(frozen=True)
class Picture:
    """Rows of equal length, the northernmost first, and what stands where."""

    rows: tuple[str, ...]
    size: float

    @classmethod
    def read(cls, drawing: str, size: float) -> "Picture":
        """Read a drawing; blank lines around it and indentation do not count."""
        rows = tuple(line.strip() for line in drawing.strip().splitlines())
        if len({len(row) for row in rows}) != 1:
            raise ValueError(f"rows differ in length: {rows}")
        return cls(rows, size)

    def __getitem__(self, square: Square) -> str:
        row, column = square
        inside = 0 <= row < len(self.rows) and 0 <= column < len(self.rows[0])
        return self.rows[row][column] if inside else ""

    def squares(self, characters: Collection[str]) -> Iterator[Square]:
        """Squares with one of the characters, in reading order."""
        for row, line in enumerate(self.rows):
            for column, character in enumerate(line):
                if character in characters:
                    yield row, column

    def at(self, row: float, column: float) -> tuple[float, float]:
        """Where a place of the picture lies, in metres; whole numbers are the centres of squares."""
        return CORNER[0] + (column + 0.5) * self.size, CORNER[1] + (len(self.rows) - row - 0.5) * self.size

    def area(self, squares: Collection[Square]) -> shapely.Geometry:
        """The squares as one (multi)polygon that keeps every corner of a square, so that neighbours match."""
        corners = [(*self.at(row + 0.5, column - 0.5), *self.at(row - 0.5, column + 0.5)) for row, column in squares]
        return shapely.union_all([shapely.box(*corner) for corner in corners])

    def shapes(self, characters: Collection[str]) -> list[tuple[str, shapely.Geometry]]:
        """Connected areas of one character each, in reading order of their first squares."""
        parts = [(c, part) for c in sorted(set(characters)) for part in pieces(self.area(list(self.squares(c))))]
        return sorted(parts, key=lambda found: (-found[1].bounds[3], found[1].bounds[0]))


def town(
    drawing: str,
    communities: str | None = None,
    *,
    households: Mapping[str, int] | None = None,
    courtyards: Mapping[str, str] | None = None,
    points: str = "",
    size: float = 20.0,
    gap: float = 2.0,
) -> Town:
    """Build the town of a picture.

    Parameters
    ----------
    drawing, communities : str
        Pictures of equal size as told above; without the second all squares are community ``A``.
    households : mapping of str to int, optional
        Households of the buildings of a letter; else 100, and 50 times a digit.
    courtyards : mapping of str to str, optional
        Name of a courtyard to the letters of its buildings.
    points : str
        Letters whose buildings are points instead of footprints.
    size : float
        Side of a square in metres; 20 makes a letter about a small house with its land.
    gap : float
        Metres left free at each side of a footprint; 0 makes neighbouring buildings touch.

    Returns
    -------
    Town
        In EPSG:4547; a second building of the same letter is named like ``A2``.

    Examples
    --------
    >>> small = town('''
    ...     +-+
    ...     |A|
    ...     +-+
    ... ''')
    >>> small.buildings[["building_id", "households", "community"]].values.tolist()
    [['A', 100, 0]]
    """
    picture = Picture.read(drawing, size)
    letters = "".join(c for row in picture.rows for c in row if c.isalnum())
    territory = dict(_territory(picture, Picture.read(communities, size) if communities else None))
    shapes = [(c, _footprint(shape, c in points, gap)) for c, shape in picture.shapes(letters)]
    return assemble(
        "picture",
        communities={"code": list(territory), "name": list(territory), "geometry": list(territory.values())},
        buildings=_buildings(shapes, territory, households or {}, courtyards or {}),
        streets=_streets(picture),
        barriers=_barriers(picture),
        dedicated=_dedicated(picture),
    )


def pieces(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    """The single parts of a geometry."""
    return [part for part in shapely.get_parts(geometry) if not part.is_empty]


def _territory(picture: Picture, communities: Picture | None) -> Iterator[tuple[str, shapely.Geometry]]:
    if communities is None:
        yield "A", picture.area(list(picture.squares("".join(picture.rows))))
        return
    if [len(row) for row in communities.rows] != [len(row) for row in picture.rows]:
        raise ValueError("the picture of the communities has another size than the town's")
    for code in sorted(set("".join(communities.rows)) - {"."}):
        yield code, communities.area(list(communities.squares(code)))


def _footprint(shape: shapely.Geometry, point: bool, gap: float) -> shapely.Geometry:
    return shape.representative_point() if point else shape.buffer(-gap, join_style="mitre")


def _buildings(
    shapes: list[tuple[str, shapely.Geometry]],
    territory: Mapping[str, shapely.Geometry],
    households: Mapping[str, int],
    courtyards: Mapping[str, str],
) -> dict[str, list[object]]:
    seen: Counter[str] = Counter()
    yards = {letter: name for name, letters in courtyards.items() for letter in letters}
    columns: dict[str, list[object]] = {name: [] for name in ("building_id", "households", "courtyard", "geometry")}
    for letter, shape in shapes:
        seen[letter] += 1
        columns["building_id"].append(letter + (str(seen[letter]) if seen[letter] > 1 else ""))
        columns["households"].append(households.get(letter, int(letter) * 50 if letter.isdigit() else 100))
        columns["courtyard"].append(yards.get(letter))
        columns["geometry"].append(shape)
    lands = np.array(list(territory.values()), dtype=object)
    homes = place_buildings(np.array(columns["geometry"], dtype=object), lands).community
    return columns | {"community": list(homes)}


def _streets(picture: Picture) -> dict[str, list[object]]:
    halves: dict[str, list[shapely.Geometry]] = {}
    for square in picture.squares(OPEN):
        for side in OPEN[picture[square]]:
            if reach := _reach(picture, square, side):
                kind = KINDS.get(picture[square]) or KINDS.get(picture[_beside(square, side)], "local")
                halves.setdefault(kind, []).append(_ray(picture, square, side, reach))
    lines = [
        (kind, line) for kind, parts in halves.items() for line in pieces(shapely.line_merge(shapely.union_all(parts)))
    ]
    return {"kind": [kind for kind, _ in lines], "geometry": [line for _, line in lines]}


def _reach(picture: Picture, square: Square, side: str) -> float:
    """How many squares a street goes on from a square's centre: out of town, to the side, or not at all."""
    beside = picture[_beside(square, side)]
    if picture[square] in THROUGH:
        return 0.5 if beside else 1.5
    return 0.5 if OPPOSITE[side] in OPEN.get(beside, "") else 0.0


def _beside(square: Square, side: str) -> Square:
    return square[0] + SIDES[side][0], square[1] + SIDES[side][1]


def _ray(picture: Picture, square: Square, side: str, reach: float) -> shapely.Geometry:
    (row, column), (down, right) = square, SIDES[side]
    return shapely.LineString([picture.at(row, column), picture.at(row + down * reach, column + right * reach)])


def _barriers(picture: Picture) -> dict[str, list[object]]:
    crossings = [
        square for square in picture.squares("*") if any(picture[_beside(square, side)] == "#" for side in SIDES)
    ]
    water = pieces(picture.area([*picture.squares("#"), *crossings]))
    rails = _centre_lines(picture, "^*", "^")
    walls = _centre_lines(picture, "%", "%")
    kinds = ["water"] * len(water) + ["rail"] * len(rails) + ["wall"] * len(walls)
    return {"kind": kinds, "geometry": [*water, *rails, *walls]}


def _centre_lines(picture: Picture, members: str, needed: str) -> list[shapely.Geometry]:
    """Lines between the centres of neighbouring members, at least one of them the needed character."""
    lines = [
        _ray(picture, square, side, 1.0)
        for square in picture.squares(members)
        for side in "ES"
        if (ahead := picture[_beside(square, side)]) and ahead in members and needed in (picture[square], ahead)
    ]
    return pieces(shapely.line_merge(shapely.union_all(lines))) if lines else []


def _dedicated(picture: Picture) -> dict[str, list[object]]:
    parts = pieces(picture.area(list(picture.squares("$"))))
    return {"name": [f"dedicated {number}" for number, _ in enumerate(parts, 1)], "geometry": list(parts)}
