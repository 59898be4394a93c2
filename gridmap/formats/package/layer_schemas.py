"""Layers of a town package, with their columns and geometry types, as one table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from gridmap.core.errors import N_
from gridmap.core.field_lengths import (
    MAX_ADDRESS_LETTERS,
    MAX_BUILDING_CODE_LETTERS,
    MAX_CODE_LETTERS,
    MAX_GRID_CODE_LETTERS,
    MAX_NAME_LETTERS,
    MAX_USE_LETTERS,
)
from gridmap.core.vocabulary import BarrierKind, StreetKind
from gridmap.formats.package.column_names import column_synonyms

POINTS = frozenset({"Point"})
LINES = frozenset({"LineString", "MultiLineString"})
POLYGONS = frozenset({"Polygon", "MultiPolygon"})


class ColumnType(StrEnum):
    """Type of a column's values; a wrong number counts as unknown, a wrong count or size is a fault."""

    IDENTIFIER = "identifier"
    COUNT = "count"
    NUMBER = "number"
    SIZE = "size"
    FLAG = "flag"
    TEXT = "text"
    GROUP = "group"
    KIND = "kind"
    TIME = "time"


@dataclass(frozen=True)
class ColumnSchema:
    """Column of a layer.

    Parameters
    ----------
    name : str
        Its name; other headers are recognised as `gridmap.formats.package.column_names` says.
    value_type : ColumnType
        Type of its values.
    required : bool
        Whether the column must be there and filled in every row.
    maximum : float
        Largest plausible number.
    units : tuple of str
        Units that may follow a number.
    max_letters : int
        Largest length of a text: that of its column in the database.
    is_code : bool
        Whether its texts are codes of `gridmap.core.codes`.
    may_repeat : bool
        For identifiers: whether rows may have one value, since they are parts of one unit.
    kinds : mapping
        For kinds: every accepted spelling, with its kind.
    default : str, optional
        For kinds: kind of an empty value.
    advice : str
        Advice for a missing column.
    """

    name: str
    value_type: ColumnType = ColumnType.TEXT
    required: bool = False
    maximum: float = 0.0
    units: tuple[str, ...] = ()
    max_letters: int = MAX_NAME_LETTERS
    is_code: bool = False
    may_repeat: bool = False
    kinds: Mapping[str, str] | None = None
    default: str | None = None
    advice: str = ""


@dataclass(frozen=True)
class LayerSchema:
    """Layer of a town package.

    Parameters
    ----------
    name : str
        Its name in the package.
    geometry_types : frozenset of str
        Geometry types it may hold.
    expected : str
        The geometry types in words.
    columns : tuple of ColumnSchema
        The first one identifies a row.
    required : bool
        Whether the layer must exist and have rows.
    max_area_change : float
        Share of a polygon's area that a repair may change.
    """

    name: str
    geometry_types: frozenset[str]
    expected: str
    columns: tuple[ColumnSchema, ...]
    required: bool = False
    max_area_change: float = 0.05

    @property
    def fields(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the columns, each with its synonyms."""
        return {column.name: column_synonyms(self.name, column.name) for column in self.columns}


HOUSEHOLD_UNITS, PERSON_UNITS, LEVEL_UNITS = ("户", "戶"), ("人",), ("层", "層", "楼", "F")
STREET_KINDS: Mapping[str, str] = {kind.value: kind.value for kind in StreetKind} | {
    "motorway_link": "motorway",
    **dict.fromkeys(("trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link"), "arterial"),
    **dict.fromkeys(("tertiary", "tertiary_link", "unclassified", "residential", "living_street", "service"), "local"),
    **dict.fromkeys(("pedestrian", "footway", "path", "steps", "cycleway", "track", "alley"), "lane"),
    **dict.fromkeys(("高速公路", "高速"), "motorway"),
    **dict.fromkeys(("快速路", "主干道", "主干路", "次干道", "次干路"), "arterial"),
    "支路": "local",
    **dict.fromkeys(("街巷", "巷道", "小巷", "胡同", "步行街", "人行道", "步道"), "lane"),
}
"""Kinds of streets: our own, and unambiguous ones of OpenStreetMap and of offices."""

BARRIER_KINDS: Mapping[str, str] = {kind.value: kind.value for kind in BarrierKind} | {
    "motorway_link": "motorway",
    **dict.fromkeys(("railway", "light_rail"), "rail"),
    **dict.fromkeys(("waterway", "river", "canal", "stream", "riverbank", "lake", "reservoir"), "water"),
    **dict.fromkeys(("fence", "city_wall", "retaining_wall"), "wall"),
    **dict.fromkeys(("铁路", "轨道"), "rail"),
    **dict.fromkeys(("河流", "河道", "湖泊", "水系", "水域", "水库"), "water"),
    **dict.fromkeys(("高速公路", "高速"), "motorway"),
    **dict.fromkeys(("围墙", "城墙", "围栏"), "wall"),
}
"""Kinds of barriers: our own, and unambiguous ones of OpenStreetMap and of offices."""

COMMUNITIES = LayerSchema(
    "communities",
    POLYGONS,
    N_("polygons"),
    (
        ColumnSchema(
            "code",
            ColumnType.IDENTIFIER,
            required=True,
            max_letters=MAX_CODE_LETTERS,
            is_code=True,
            may_repeat=True,
            advice=N_("add a column code that identifies each community"),
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
            max_letters=MAX_BUILDING_CODE_LETTERS,
            advice=N_("add a column building_id that identifies each building"),
        ),
        ColumnSchema(
            "households",
            ColumnType.COUNT,
            required=True,
            maximum=20_000,
            units=HOUSEHOLD_UNITS,
            advice=N_("write 0 where nobody lives and count the others, or fill them in with gridmap estimate"),
        ),
        ColumnSchema("households_estimated", ColumnType.FLAG),
        ColumnSchema("households_low", ColumnType.NUMBER, maximum=40_000, units=HOUSEHOLD_UNITS),
        ColumnSchema("households_high", ColumnType.NUMBER, maximum=40_000, units=HOUSEHOLD_UNITS),
        ColumnSchema("residents", ColumnType.NUMBER, maximum=100_000, units=PERSON_UNITS),
        ColumnSchema("residents_60", ColumnType.NUMBER, maximum=100_000, units=PERSON_UNITS),
        ColumnSchema("levels", ColumnType.NUMBER, maximum=200, units=LEVEL_UNITS),
        *(ColumnSchema(name, ColumnType.GROUP) for name in ("courtyard", "estate")),
        ColumnSchema("use", max_letters=MAX_USE_LETTERS),
        ColumnSchema("name"),
        ColumnSchema("address", max_letters=MAX_ADDRESS_LETTERS),
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
"""Buildings for an estimate: households may be missing, and wrong levels are a fault."""
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
                advice=N_("add a column kind with the values rail, water, motorway or wall"),
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
        (ColumnSchema("name", required=True, advice=N_("add a column name with the use of the land, such as a park")),),
        max_area_change=0.0,
    ),
    LayerSchema("subdistrict", POLYGONS, N_("polygons"), (ColumnSchema("name"),), max_area_change=0.0),
)
"""All layers that are read; a package may hold others. ``railway`` is another name for barriers of the kind rail."""

GRIDS = LayerSchema(
    "grids",
    POLYGONS,
    N_("polygons"),
    (
        ColumnSchema("grid_code", max_letters=MAX_GRID_CODE_LETTERS, is_code=True),
        ColumnSchema("code", max_letters=MAX_GRID_CODE_LETTERS, is_code=True),
        ColumnSchema("name"),
        ColumnSchema("community_code", max_letters=MAX_CODE_LETTERS, is_code=True),
    ),
)
"""Existing grids, which may have faults; only their polygons are required."""
