"""A city of buildings in a database, for the scripts beside this file: made by the database itself, in its own tables.

Sixteen subdistricts, four by four; each has communities in a square, of 784 L-shaped buildings on cells of their own in
four grids in force. 2,400 buildings stand on a square kilometre, as in a dense town.
"""

from dataclasses import asdict, dataclass
from itertools import product
from math import asinh, ceil, floor, pi, radians, tan
from pathlib import Path

from sqlalchemy import create_engine, text

SUBDISTRICTS_PER_SIDE, BUILDINGS_PER_COMMUNITY_SIDE = 4, 28
"""Subdistricts along a side of the city, and buildings along a side of a community."""
SQL_FILE = Path(__file__).with_suffix(".sql")


@dataclass(frozen=True)
class CityTown:
    """Where things are.

    Parameters
    ----------
    buildings_per_side : int
        Buildings from west to east, and as many from south to north.
    east, north : float
        Where it begins, in degrees.
    step_east, step_north : float
        Degrees from building to building: 20.4 m.
    first_id : int
        Where keys begin: beyond those of anything that people load.
    buildings_per_community_side : int
        Buildings along a side of a community.
    """

    buildings_per_side: int
    east: float = 104.0
    north: float = 30.0
    step_east: float = 20.4 / 96406
    step_north: float = 20.4 / 110950
    first_id: int = 10_000_000
    buildings_per_community_side: int = BUILDINGS_PER_COMMUNITY_SIDE

    def tiles(self, z: int) -> list[tuple[int, int]]:
        """Columns and rows of tiles that lie within; if none does, of the one in the middle."""
        west, north = _tile_position(self.east, self.north + self.buildings_per_side * self.step_north, z)
        east, south = _tile_position(self.east + self.buildings_per_side * self.step_east, self.north, z)
        inside = product(range(ceil(west), floor(east)), range(ceil(north), floor(south)))
        return list(inside) or [(floor((west + east) / 2), floor((north + south) / 2))]


def _tile_position(longitude: float, latitude: float, z: int) -> tuple[float, float]:
    """Column and row with their fractions (slippy map tile names)."""
    down = (1 - asinh(tan(radians(latitude))) / pi) / 2
    return (longitude + 180) / 360 * 2**z, down * 2**z


def build_city(owner_url: str, communities_per_side: int) -> CityTown:
    """Make the city, with so many communities along a side of each subdistrict, in an empty database of the owner."""
    city = CityTown(SUBDISTRICTS_PER_SIDE * communities_per_side * BUILDINGS_PER_COMMUNITY_SIDE)
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(text("SELECT setseed(0.5)"))
        for statement in SQL_FILE.read_text("utf-8").format(**asdict(city)).strip(";\n").split(";\n"):
            connection.execute(text(statement.replace(":", r"\:")))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return city
