"""Formats that a table can be exported to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gridmap.formats.exports.csv_text import write_csv
from gridmap.formats.exports.geojson import write_geojson
from gridmap.formats.exports.table import ExportDocument
from gridmap.formats.exports.workbook import write_workbook


@dataclass(frozen=True)
class FileFormat:
    """A format of exports.

    Parameters
    ----------
    title : str
        Name as users know it; not translated.
    suffix : str
        Suffix of the file.
    media_type : str
    write : callable
        Writer of a document.
    needs_shapes : bool
        True for formats of maps, which tables without shapes are not offered in.
    """

    title: str
    suffix: str
    media_type: str
    write: Callable[[ExportDocument], bytes]
    needs_shapes: bool = False


def _write_geopackage(document: ExportDocument) -> bytes:
    from gridmap.formats.exports.geopackage import write_geopackage  # imports geopandas: only who needs it pays

    return write_geopackage(document)


def _write_shapefile(document: ExportDocument) -> bytes:
    from gridmap.formats.exports.shapefile import write_shapefile

    return write_shapefile(document)


FORMATS: Mapping[str, FileFormat] = {
    "xlsx": FileFormat(
        "Excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_workbook
    ),
    "csv": FileFormat("CSV", "csv", "text/csv", lambda document: write_csv(document.table, document.language)),
    "gpkg": FileFormat("GeoPackage", "gpkg", "application/geopackage+sqlite3", _write_geopackage, needs_shapes=True),
    "geojson": FileFormat("GeoJSON", "geojson", "application/geo+json", write_geojson, needs_shapes=True),
    "shp": FileFormat("Shapefile", "zip", "application/zip", _write_shapefile, needs_shapes=True),
}
"""Formats by their name in URLs, in the order of the menu."""
