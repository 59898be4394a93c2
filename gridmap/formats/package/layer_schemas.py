"""What a town package holds: its layers, their columns and shapes, as one table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from gridmap.core.errors import N_
from gridmap.core.vocabulary import BarrierKind, StreetKind

POINTS = frozenset({"Point"})
LINES = frozenset({"LineString", "MultiLineString"})
POLYGONS = frozenset({"Polygon", "MultiPolygon"})


class ColumnType(StrEnum):
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
class ColumnSchema:
    """A column of a layer.

    Parameters
    ----------
    name : str
        Its name; upper case and the ten letters of a Shapefile are understood.
    value_type : ColumnType
        How its values are read.
    required : bool
        Whether the column must be there and filled in every row.
    maximum : float
        Largest number that is no slip of the pen.
    kinds : mapping
        For kinds: every accepted spelling and the kind it stands for.
    default : str, optional
        For kinds: what an empty value stands for.
    advice : str
        What to do about a missing column.
    """

    name: str
    value_type: ColumnType = ColumnType.TEXT
    required: bool = False
    maximum: float = 0.0
    kinds: Mapping[str, str] | None = None
    default: str | None = None
    advice: str = ""


@dataclass(frozen=True)
class LayerSchema:
    """A layer of a town package.

    Parameters
    ----------
    name : str
        Its name in the package.
    geometry_types : frozenset of str
        Geometry types it may hold.
    expected : str
        The same in words.
    columns : tuple of ColumnSchema
        The first one identifies a row.
    required : bool
        Whether the layer must be there and hold something.
    max_area_change : float
        Share of a polygon's area that mending it may change.
    """

    name: str
    geometry_types: frozenset[str]
    expected: str
    columns: tuple[ColumnSchema, ...]
    required: bool = False
    max_area_change: float = 0.05


STREET_KINDS: Mapping[str, str] = {kind.value: kind.value for kind in StreetKind} | {
    "motorway_link": "motorway",
    **dict.fromkeys(("trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link"), "arterial"),
    **dict.fromkeys(("tertiary", "tertiary_link", "unclassified", "residential", "living_street", "service"), "local"),
    **dict.fromkeys(("pedestrian", "footway", "path", "steps", "cycleway", "track", "alley"), "lane"),
}
"""Kinds of streets; beside our own those of OpenStreetMap that leave no doubt."""

BARRIER_KINDS: Mapping[str, str] = {kind.value: kind.value for kind in BarrierKind} | {
    "motorway_link": "motorway",
    **dict.fromkeys(("railway", "light_rail"), "rail"),
    **dict.fromkeys(("waterway", "river", "canal", "stream", "riverbank", "lake", "reservoir"), "water"),
    **dict.fromkeys(("fence", "city_wall", "retaining_wall"), "wall"),
}
"""Kinds of barriers, likewise."""

COMMUNITIES = LayerSchema(
    "communities",
    POLYGONS,
    N_("polygons"),
    (
        ColumnSchema(
            "code", ColumnType.IDENTIFIER, required=True, advice=N_("add a column code that tells communities apart")
        ),
        ColumnSchema("name", required=True, advice=N_("add a column name with the name of each community")),
    ),
    required=True,
    max_area_change=0.0,
)
BUILDINGS = LayerSchema(
    "buildings",
    POLYGONS | POINTS,
    N_("points, or polygons of footprints or lots"),
    (
        ColumnSchema(
            "building_id",
            ColumnType.IDENTIFIER,
            required=True,
            advice=N_("add a column building_id that tells buildings apart"),
        ),
        ColumnSchema(
            "households",
            ColumnType.COUNT,
            required=True,
            maximum=20_000,
            advice=N_("write 0 where nobody lives and count the others, or have gridmap estimate fill them in"),
        ),
        ColumnSchema("households_estimated", ColumnType.FLAG),
        ColumnSchema("households_low", ColumnType.NUMBER, maximum=40_000),
        ColumnSchema("households_high", ColumnType.NUMBER, maximum=40_000),
        ColumnSchema("levels", ColumnType.NUMBER, maximum=200),
        *(ColumnSchema(name) for name in ("courtyard", "estate", "use", "name", "address")),
    ),
    required=True,
)
UNCOUNTED_BUILDINGS = replace(
    BUILDINGS,
    columns=tuple(
        replace(
            column,
            required=column.required and column.name != "households",
            value_type=ColumnType.SIZE if column.name == "levels" else column.value_type,
        )
        for column in BUILDINGS.columns
    ),
)
"""Buildings as an estimate reads them: households may be missing, and wrong levels are a fault."""
LAYERS = (
    COMMUNITIES,
    BUILDINGS,
    LayerSchema(
        "streets",
        LINES,
        N_("lines"),
        (
            ColumnSchema("name"),
            ColumnSchema("kind", ColumnType.KIND, kinds=STREET_KINDS, default=StreetKind.LOCAL.value),
        ),
    ),
    LayerSchema(
        "barriers",
        LINES | POLYGONS,
        N_("lines or polygons"),
        (
            ColumnSchema(
                "kind",
                ColumnType.KIND,
                required=True,
                kinds=BARRIER_KINDS,
                advice=N_("add a column kind that says rail, water, motorway or wall"),
            ),
        ),
        max_area_change=float("inf"),
    ),
    LayerSchema(
        "railway",
        LINES | POLYGONS,
        N_("lines or polygons"),
        (ColumnSchema("kind", ColumnType.KIND, kinds=BARRIER_KINDS, default=BarrierKind.RAIL.value),),
        max_area_change=float("inf"),
    ),
    LayerSchema(
        "dedicated",
        POLYGONS,
        N_("polygons"),
        (ColumnSchema("name", required=True, advice=N_("add a column name that says what the land is dedicated to")),),
        max_area_change=0.0,
    ),
    LayerSchema("subdistrict", POLYGONS, N_("polygons"), (ColumnSchema("name"),), max_area_change=0.0),
)
"""Every layer that is read; a package may hold others. ``railway`` is another name for barriers of the kind rail."""

GRIDS = LayerSchema(
    "grids",
    POLYGONS,
    N_("polygons"),
    (ColumnSchema("grid_code"), ColumnSchema("code"), ColumnSchema("name"), ColumnSchema("community_code")),
)
"""Today's grids, which may be faulty: only their polygons are needed."""
