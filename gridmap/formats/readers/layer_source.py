"""Storage location of one layer, with the faults that every format shares."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyogrio

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

VECTOR_SUFFIXES = (".geojson", ".json", ".shp")
READ_ERRORS = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError, ValueError)

EXPECTED_PACKAGE = N_("a GeoPackage, or a folder of GeoJSON files or Shapefiles")
EMPTY_FILE = FaultTemplate(N_("the file is empty"), advice=N_("export it again"))
UNKNOWN_ENCODING = FaultTemplate(
    N_("its texts are in an unknown encoding"),
    N_("UTF-8; for Shapefiles also GB18030, or what a .cpg file says"),
    N_("export it again in UTF-8"),
)
NOT_READABLE = FaultTemplate(N_("the layer cannot be read"), advice=N_("export it again"))


@dataclass(frozen=True)
class LayerSource:
    """File that stores a layer.

    Parameters
    ----------
    path : Path
        The file.
    layer : str
        Name of the layer within it.
    encoding : str, optional
        Encoding of its texts, for Shapefiles.
    is_view : bool
        Whether the layer is a query instead of stored rows.
    """

    path: Path
    layer: str
    encoding: str | None = None
    is_view: bool = False

    @property
    def location(self) -> FaultLocation:
        """Return the location to name in faults."""
        return FaultLocation(self.path.name, self.layer)

    @property
    def driver_options(self) -> dict[str, str]:
        """Return the options that keep GDAL from writing beside the file."""
        return {} if self.path.suffix.lower() in VECTOR_SUFFIXES else {"IMMUTABLE": "YES"}


InspectedFile = tuple[list[InputFault], LayerSource | None]


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
    except READ_ERRORS as error:
        reason = str(error).replace(str(layer_source.path), layer_source.path.name)
        raise InvalidInput([make_fault(layer_source.location, NOT_READABLE, value=reason)]) from None
