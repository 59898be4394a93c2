"""GeoDataFrames as the layers of a town, read and checked as files are."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypedDict

import geopandas as gpd

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.geodesy.datums import Datum
from gridmap.formats.intake.source_file import InputSource, OpenSource
from gridmap.formats.package.layer_schemas import BUILDINGS, COMMUNITIES
from gridmap.formats.readers.headers import match_headers
from gridmap.formats.readers.layer_source import LayerSource, ReadOptions

NOT_A_FRAME = N_("this is no GeoDataFrame")
NO_SUCH_COLUMN = N_("there is no column {column}")
NAME = Path("GeoDataFrame")


class TownOptions(TypedDict, total=False):
    """Further layers of a town, and the names of columns.

    Parameters
    ----------
    barriers, dedicated, railway : GeoDataFrame
        Lines that people cannot cross, with a column ``kind``; land that gets grids of its own, with a column ``name``.
    households, building_id, courtyard, estate : str
        Columns of the buildings.
    code, name : str
        Columns of the communities.
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of longitudes and latitudes, where they come from a map service in China.
    """

    barriers: gpd.GeoDataFrame
    dedicated: gpd.GeoDataFrame
    railway: gpd.GeoDataFrame
    households: str
    building_id: str
    courtyard: str
    estate: str
    code: str
    name: str
    datum: str


LAYER_OPTIONS = ("barriers", "dedicated", "railway")
COLUMN_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "buildings": ("households", "building_id", "courtyard", "estate"),
    "communities": ("code", "name"),
}


def open_frames(layers: Mapping[str, gpd.GeoDataFrame | None], options: TownOptions) -> OpenSource:
    """Return GeoDataFrames as an input that the readers of files take.

    Buildings and communities without a column that identifies them are identified by the index; communities without
    names are called by their codes.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame or None
        Layers by the names of a town package; None for one that there is not.
    options : TownOptions
        Further layers, and the names of columns.

    Raises
    ------
    InvalidInput
        If a layer is no GeoDataFrame, or does not have a column that is named.

    Examples
    --------
    >>> import shapely
    >>> land = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 100, 100)], crs="EPSG:32650")
    >>> open_frames({"communities": land}, {}).layers["communities"].table[["code", "name"]].to_numpy().tolist()
    [['0', '0']]
    """
    further = {name: options.get(name) for name in LAYER_OPTIONS}
    frames = {name: frame for name, frame in {**layers, **further}.items() if frame is not None}
    if faults := [fault for name, frame in frames.items() for fault in _frame_faults(name, frame, options)]:
        raise InvalidInput(faults)
    tables = {name: _layer_table(name, frame, options) for name, frame in frames.items()}
    read = ReadOptions(
        datum={"": Datum(options["datum"])} if "datum" in options else {},
        columns={layer: _stated_columns(layer, options) for layer in COLUMN_OPTIONS},
    )
    sources = {name: read.place(LayerSource(NAME, name, table=table)) for name, table in tables.items()}
    return OpenSource(InputSource(NAME, read), sources, [], [])


def _frame_faults(layer: str, frame: object, options: TownOptions) -> Iterator[InputFault]:
    if not isinstance(frame, gpd.GeoDataFrame):
        yield InputFault(Message(NOT_A_FRAME), layer=layer, value=type(frame).__name__)
        return
    for column in _stated_columns(layer, options).values():
        if column not in frame:
            yield InputFault(Message(NO_SUCH_COLUMN, {"column": column}), layer=layer, column=column)


def _stated_columns(layer: str, options: TownOptions) -> dict[str, str]:
    return {field: str(options[field]) for field in COLUMN_OPTIONS.get(layer, ()) if field in options}  # type: ignore[literal-required]  # a field of the options, chosen at run time


def _layer_table(layer: str, frame: gpd.GeoDataFrame, options: TownOptions) -> gpd.GeoDataFrame:
    """Return a layer as the readers take it, with the columns that identify its rows."""
    table = frame.rename_geometry("geometry") if frame.active_geometry_name != "geometry" else frame
    table = table.rename(columns=str)
    if layer == "buildings" and not _has_field(table, "building_id", options):
        table = table.assign(building_id=frame.index.map(str))
    if layer == "communities" and not _has_field(table, "code", options):
        table = table.assign(code=frame.index.map(str))
    if layer == "communities" and not _has_field(table, "name", options):
        table = table.assign(name=table[_find_field(table, "code", options)].map(str))
    return table.reset_index(drop=True)


def _has_field(table: gpd.GeoDataFrame, field: str, options: TownOptions) -> bool:
    return field in options or _find_field(table, field, options) in table


def _find_field(table: gpd.GeoDataFrame, field: str, options: TownOptions) -> str:
    """Return the column of a field: the one that is named, or else the one the readers recognise."""
    if field in options:
        return str(options[field])  # type: ignore[literal-required]  # a field of the options, chosen at run time
    schema = BUILDINGS if field == "building_id" else COMMUNITIES
    return match_headers(table.columns, schema.fields).headers.get(field, field)
