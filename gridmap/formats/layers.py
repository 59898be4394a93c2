"""What a town package holds: its layers, their columns and shapes, as one table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from gridmap.core.errors import N_
from gridmap.core.names import BarrierKind, StreetKind

POINTS = frozenset({"Point"})
LINES = frozenset({"LineString", "MultiLineString"})
AREAS = frozenset({"Polygon", "MultiPolygon"})


class Reading(StrEnum):
    """How the values of a column are read; a wrong number is taken as unknown, a wrong count or size is a fault."""

    IDENTIFIER = "identifier"
    COUNT = "count"
    NUMBER = "number"
    SIZE = "size"
    FLAG = "flag"
    TEXT = "text"
    KIND = "kind"
    TIME = "time"


@dataclass(frozen=True)
class Column:
    """A column of a layer.

    Parameters
    ----------
    name : str
        Its name; upper case and the ten letters of a Shapefile are understood.
    reading : Reading
        How its values are read.
    required : bool
        Whether the column must be there and filled in every row.
    most : float
        Largest number that is no slip of the pen.
    kinds : mapping
        For kinds: every accepted spelling and the kind it stands for.
    default : str, optional
        For kinds: what an empty value stands for.
    advice : str
        What to do about a missing column.
    """

    name: str
    reading: Reading = Reading.TEXT
    required: bool = False
    most: float = 0.0
    kinds: Mapping[str, str] | None = None
    default: str | None = None
    advice: str = ""


@dataclass(frozen=True)
class Layer:
    """A layer of a town package.

    Parameters
    ----------
    name : str
        Its name in the package.
    shapes : frozenset of str
        Geometry types it may hold.
    expected : str
        The same in words.
    columns : tuple of Column
        The first one identifies a row.
    required : bool
        Whether the layer must be there and hold something.
    slip : float
        Share of a polygon's area that mending it may change.
    """

    name: str
    shapes: frozenset[str]
    expected: str
    columns: tuple[Column, ...]
    required: bool = False
    slip: float = 0.05


STREETS: Mapping[str, str] = {kind.value: kind.value for kind in StreetKind} | {
    "motorway_link": "motorway",
    **dict.fromkeys(("trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link"), "arterial"),
    **dict.fromkeys(("tertiary", "tertiary_link", "unclassified", "residential", "living_street", "service"), "local"),
    **dict.fromkeys(("pedestrian", "footway", "path", "steps", "cycleway", "track", "alley"), "lane"),
}
"""Kinds of streets; beside our own those of OpenStreetMap that leave no doubt."""

BARRIERS: Mapping[str, str] = {kind.value: kind.value for kind in BarrierKind} | {
    "motorway_link": "motorway",
    **dict.fromkeys(("railway", "light_rail"), "rail"),
    **dict.fromkeys(("waterway", "river", "canal", "stream", "riverbank", "lake", "reservoir"), "water"),
    **dict.fromkeys(("fence", "city_wall", "retaining_wall"), "wall"),
}
"""Kinds of barriers, likewise."""

COMMUNITIES = Layer(
    "communities",
    AREAS,
    N_("polygons"),
    (
        Column("code", Reading.IDENTIFIER, required=True, advice=N_("add a column code that tells communities apart")),
        Column("name", required=True, advice=N_("add a column name with the name of each community")),
    ),
    required=True,
    slip=0.0,
)
BUILDINGS = Layer(
    "buildings",
    AREAS | POINTS,
    N_("points, or polygons of footprints or lots"),
    (
        Column(
            "building_id",
            Reading.IDENTIFIER,
            required=True,
            advice=N_("add a column building_id that tells buildings apart"),
        ),
        Column(
            "households",
            Reading.COUNT,
            required=True,
            most=20_000,
            advice=N_("write 0 where nobody lives and count the others, or have gridmap estimate fill them in"),
        ),
        Column("households_estimated", Reading.FLAG),
        Column("households_low", Reading.NUMBER, most=40_000),
        Column("households_high", Reading.NUMBER, most=40_000),
        Column("levels", Reading.NUMBER, most=200),
        *(Column(name) for name in ("courtyard", "estate", "use", "name", "address")),
    ),
    required=True,
)
UNCOUNTED = replace(
    BUILDINGS,
    columns=tuple(
        replace(
            column,
            required=column.required and column.name != "households",
            reading=Reading.SIZE if column.name == "levels" else column.reading,
        )
        for column in BUILDINGS.columns
    ),
)
"""Buildings as an estimate reads them: households may be missing, and wrong levels are a fault."""
LAYERS = (
    COMMUNITIES,
    BUILDINGS,
    Layer(
        "streets",
        LINES,
        N_("lines"),
        (Column("name"), Column("kind", Reading.KIND, kinds=STREETS, default=StreetKind.LOCAL.value)),
    ),
    Layer(
        "barriers",
        LINES | AREAS,
        N_("lines or polygons"),
        (
            Column(
                "kind",
                Reading.KIND,
                required=True,
                kinds=BARRIERS,
                advice=N_("add a column kind that says rail, water, motorway or wall"),
            ),
        ),
        slip=float("inf"),
    ),
    Layer(
        "railway",
        LINES | AREAS,
        N_("lines or polygons"),
        (Column("kind", Reading.KIND, kinds=BARRIERS, default=BarrierKind.RAIL.value),),
        slip=float("inf"),
    ),
    Layer(
        "dedicated",
        AREAS,
        N_("polygons"),
        (Column("name", required=True, advice=N_("add a column name that says what the land is dedicated to")),),
        slip=0.0,
    ),
    Layer("subdistrict", AREAS, N_("polygons"), (Column("name"),), slip=0.0),
)
"""Every layer that is read; a package may hold others. ``railway`` is another name for barriers of the kind rail."""

GRIDS = Layer(
    "grids",
    AREAS,
    N_("polygons"),
    (Column("grid_code"), Column("code"), Column("name"), Column("community_code")),
)
"""Today's grids, which may be faulty: only their polygons are needed."""
