"""A city of buildings in a database, for the scripts beside this file: made by the database itself, in its own tables.

Sixteen subdistricts, four by four; each has communities in a square, of 784 L-shaped buildings on cells of their own in
four grids in force. 2,400 buildings stand on a square kilometre, as in a dense town.
"""

from dataclasses import asdict, dataclass
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

    @property
    def middle(self) -> tuple[float, float]:
        """Longitude and latitude of the middle."""
        return self.east + self.wide * self.step_east / 2, self.north + self.wide * self.step_north / 2


def build(owner: str, side: int) -> City:
    """Make the city, with so many communities along a side of each subdistrict, in an empty database of the owner."""
    city = City(SIDE * side * ACROSS)
    engine = create_engine(owner)
    with engine.begin() as connection:
        connection.execute(text("SELECT setseed(0.5)"))
        for statement in SOURCE.read_text("utf-8").format(**asdict(city)).split(";\n"):
            connection.execute(text(statement.replace(":", r"\:")))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return city
