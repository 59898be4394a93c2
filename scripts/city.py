"""A city of buildings in a database, for the scripts beside this file: made by the database itself, in its own tables.

Sixteen subdistricts, four by four; each has communities in a square, of 784 L-shaped buildings on cells of their own in
four grids in force. 2,400 buildings stand on a square kilometre, as in a dense town.
"""

from dataclasses import asdict, dataclass
from itertools import product
from math import asinh, ceil, floor, pi, radians, tan
from pathlib import Path

from sqlalchemy import create_engine, text

SIDE, ACROSS = 4, 28
"""Subdistricts along a side of the city, and buildings along a side of a community."""
SOURCE = Path(__file__).with_suffix(".sql")


@dataclass(frozen=True)
class City:
    """Where things are.

    Parameters
    ----------
    wide : int
        Buildings from west to east, and as many from south to north.
    east, north : float
        Where it begins, in degrees.
    step_east, step_north : float
        Degrees from building to building: 20.4 m.
    first : int
        Where keys begin: beyond those of anything that people load.
    across : int
        Buildings along a side of a community.
    """

    wide: int
    east: float = 104.0
    north: float = 30.0
    step_east: float = 20.4 / 96406
    step_north: float = 20.4 / 110950
    first: int = 10_000_000
    across: int = ACROSS

    def tiles(self, z: int) -> list[tuple[int, int]]:
        """Columns and rows of tiles that lie within; if none does, of the one in the middle."""
        west, north = _position(self.east, self.north + self.wide * self.step_north, z)
        east, south = _position(self.east + self.wide * self.step_east, self.north, z)
        inside = product(range(ceil(west), floor(east)), range(ceil(north), floor(south)))
        return list(inside) or [(floor((west + east) / 2), floor((north + south) / 2))]


def _position(longitude: float, latitude: float, z: int) -> tuple[float, float]:
    """Column and row with their fractions (slippy map tile names)."""
    down = (1 - asinh(tan(radians(latitude))) / pi) / 2
    return (longitude + 180) / 360 * 2**z, down * 2**z


def build(owner: str, side: int) -> City:
    """Make the city, with so many communities along a side of each subdistrict, in an empty database of the owner."""
    city = City(SIDE * side * ACROSS)
    engine = create_engine(owner)
    with engine.begin() as connection:
        connection.execute(text("SELECT setseed(0.5)"))
        for statement in SOURCE.read_text("utf-8").format(**asdict(city)).strip(";\n").split(";\n"):
            connection.execute(text(statement.replace(":", r"\:")))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return city
