"""Storage location of one layer, with the faults that every format shares."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyogrio
from pyproj import CRS

from gridmap.core.coverage.community_repair import DEFAULT_WIDTH_M
from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.core.geodesy.candidates import Bounds
from gridmap.core.geodesy.datums import Datum
from gridmap.formats.encodings.decoder import BadBytes
from gridmap.formats.encodings.detection import PLAIN_UTF8, TextEncoding
from gridmap.formats.encodings.names import find_codec
from gridmap.formats.readers.headers import StatedHeader
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault, make_row_faults

READ_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    RuntimeError,
    ValueError,
    sqlite3.Error,
)

DRIVER_OPTIONS = {
    "GPKG": {"IMMUTABLE": "YES"},  # writes no second file
    "ESRI Shapefile": {"ADJUST_TYPE": "YES"},  # whole numbers of 19 digits are no decimal numbers
    "DXF": {"CLOSED_LINE_AS_POLYGON": "YES"},
    "OSM": {"USE_CUSTOM_INDEXING": "NO"},  # extracts of some programs are not sorted
}
EMPTY_FILE = FaultTemplate(N_("the file is empty"), advice=N_("export it again"))
UNKNOWN_ENCODING = FaultTemplate(
    N_("its texts are in an unknown encoding"),
    N_("UTF-8, GB18030, Big5, or what the file says"),
    N_("export it again in UTF-8, or name the encoding with --encoding"),
)
NOT_AN_ENCODING = FaultTemplate(
    N_("no encoding has this name"), N_("a name such as UTF-8, GB18030, GBK, Big5 or ISO-8859-1")
)
NOT_READABLE = FaultTemplate(N_("the layer cannot be read"), advice=N_("export it again"))
SURFACES_ONLY = FaultTemplate(
    N_("the layer holds surfaces in space (TIN or PolyhedralSurface)"),
    N_("points, lines or polygons"),
    N_("export their outlines, for example with Multipatch Footprint in ArcGIS"),
)
BAD_BYTES = FaultTemplate(
    N_("bytes that are no text in {encoding} were replaced by �"),
    advice=N_("correct the text, or name the encoding with --encoding"),
)
ASSUMED_ENCODING = FaultTemplate(N_("texts read as {encoding}: {evidence}"))


@dataclass(frozen=True)
class ReadOptions:
    """Statements of the person who reads a file.

    Parameters
    ----------
    encoding : str, optional
        Encoding of the texts, which holds whatever the file says.
    crs : mapping of str to CRS
        CRS of layers by name, which holds whatever the file says; that of the name ``""`` is for all others.
    datum : mapping of str to Datum
        Datum of the coordinates of layers, likewise; without any CRS, they are then longitudes and latitudes.
    columns : mapping of str to mapping
        Headers by fields, for layers by name; those of the name ``""`` are for all layers that have them.
    mend_width_m : float
        Width up to which gaps and overlaps of communities are mended, 0 for none.
    near : tuple of float, optional
        West, south, east and north of the place where the layers lie, in degrees, to name the CRS that lead there.

    Raises
    ------
    InvalidInput
        If there is no such encoding.
    """

    encoding: str | None = None
    crs: Mapping[str, CRS] = field(default_factory=dict)
    datum: Mapping[str, Datum] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    mend_width_m: float = DEFAULT_WIDTH_M
    near: Bounds | None = None

    def __post_init__(self) -> None:
        if self.encoding and find_codec(self.encoding) is None:
            raise InvalidInput([make_fault(FaultLocation("--encoding"), NOT_AN_ENCODING, value=self.encoding)])

    def place(self, source: "LayerSource", layer: str = "") -> "LayerSource":
        """Return a layer with the CRS, datum and headers that are named for it, or for the layer it stands for."""
        name = layer or source.layer.lower()
        crs, datum = self.crs.get(name, self.crs.get("")), self.datum.get(name, self.datum.get(""))
        return replace(source, crs=crs, datum=datum, stated_headers=tuple(self._stated_headers(name)))

    def _stated_headers(self, layer: str) -> Iterator[StatedHeader]:
        named = self.columns.get(layer, {})
        yield from (StatedHeader(field_name, header, is_required=True) for field_name, header in named.items())
        for field_name, header in self.columns.get("", {}).items():
            if field_name not in named:
                yield StatedHeader(field_name, header, is_required=False)


@dataclass(frozen=True, eq=False)
class LayerSource:
    """File that stores a layer.

    Parameters
    ----------
    path : Path
        The file to open, which may be a private copy.
    layer : str
        Name of the layer, to find it by and to show.
    file : str
        Name of the file to show; by default that of the path.
    driver : str
        Name of the format.
    encoding : TextEncoding
        Encoding of its texts, with the evidence.
    reads_bytes : bool
        Whether the texts are read as bytes and decoded by gridmap.
    stored_name : str, optional
        Name of the layer within the file; the only layer of the file by default.
    where : str, optional
        Condition for the rows of the layer, where the file keeps several layers in one.
    is_view : bool
        Whether the layer is a query instead of stored rows.
    table : DataFrame, optional
        Rows of a layer that gridmap itself has read, as from a workbook.
    notes : tuple of InputFault
        What was assumed while the file was opened.
    renamed : mapping
        Columns of the file that are known under another name.
    stated_headers : tuple of StatedHeader
        Headers that the reader names.
    crs : CRS, optional
        CRS that the reader names; that of the file by default.
    datum : Datum, optional
        Datum that the reader names; None where nothing is said.
    header_row : int
        Row of the header in the sheet, counted from 1; 0 where the file is no sheet.
    row_numbers : sequence of int
        Row of each row of the table in the sheet.
    """

    path: Path
    layer: str
    file: str = ""
    driver: str = ""
    encoding: TextEncoding = PLAIN_UTF8
    reads_bytes: bool = False
    stored_name: str | None = None
    where: str | None = None
    is_view: bool = False
    table: pd.DataFrame | None = None
    notes: tuple[InputFault, ...] = field(default=())
    renamed: Mapping[str, str] = field(default_factory=dict)
    stated_headers: tuple[StatedHeader, ...] = ()
    crs: CRS | None = None
    datum: Datum | None = None
    header_row: int = 0
    row_numbers: Sequence[int] = ()

    @property
    def location(self) -> FaultLocation:
        """Return the location to name in faults."""
        return FaultLocation(self.file or self.path.name, self.layer)

    @property
    def driver_options(self) -> dict[str, str]:
        """Return the options of GDAL for the format."""
        return DRIVER_OPTIONS.get(self.driver, {})


def encoding_notes(location: FaultLocation, encoding: TextEncoding) -> tuple[InputFault, ...]:
    """Return a warning if an encoding was not the one that the file names."""
    if not encoding.is_assumed:
        return ()
    placeholders = {"encoding": encoding.label, "evidence": encoding.evidence}
    return (make_fault(location, ASSUMED_ENCODING, placeholders=placeholders),)


def bad_byte_notes(location: FaultLocation, bad: Iterable[BadBytes], encoding: str) -> list[InputFault]:
    """Return a warning for each row with bytes that are no text."""
    return [
        note
        for each in bad
        for note in make_row_faults(
            location, BAD_BYTES, each.rows, column=each.column, placeholders={"encoding": encoding}
        )
    ]


def read_header(path: Path, length: int) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(length)


@contextmanager
def report_read_errors(layer_source: LayerSource) -> Iterator[None]:
    """Turn the errors of pyogrio into a fault of the layer.

    Raises
    ------
    InvalidInput
        If the layer cannot be read.
    """
    try:
        yield
    except UnicodeDecodeError:
        raise InvalidInput([make_fault(layer_source.location, UNKNOWN_ENCODING)]) from None
    except pyogrio.errors.GeometryError:
        raise InvalidInput([make_fault(layer_source.location, SURFACES_ONLY)]) from None
    except READ_ERRORS as error:
        reason = str(error).replace(str(layer_source.path), layer_source.path.name)
        raise InvalidInput([make_fault(layer_source.location, NOT_READABLE, value=reason)]) from None
