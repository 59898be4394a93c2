"""Several tables in one file: a GeoPackage with styles, a workbook with a sheet each, or a ZIP file of CSV."""

import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gridmap.core.errors import Message
from gridmap.formats.exports.csv_text import encode_rows, write_csv
from gridmap.formats.exports.table import ExportTable
from gridmap.formats.exports.workbook import NOTE_SHEET, Sheet, make_workbook
from gridmap.texts import translate


@dataclass(frozen=True, eq=False)
class ExportBundle:
    """Tables that go into one file, and the notes about all of them.

    Parameters
    ----------
    tables : sequence of ExportTable
        Each with a key of its own.
    notes : sequence of pairs of str or Message
        Subject and text.
    language : str
    """

    tables: Sequence[ExportTable]
    notes: Sequence[tuple[str, str | Message]]
    language: str

    def note_rows(self) -> list[tuple[str, str]]:
        """Return the notes in the language of the file."""
        return [(translate(subject, self.language), translate(text, self.language)) for subject, text in self.notes]


@dataclass(frozen=True)
class BundleFormat:
    """A format of files with several tables: its title, suffix, media type, and writer."""

    title: str
    suffix: str
    media_type: str
    write: Callable[[ExportBundle], bytes]


def _write_geopackage(bundle: ExportBundle) -> bytes:
    """Return the tables as layers; those without shapes are tables without geometry."""
    import pandas as pd  # only who needs it pays

    from gridmap.formats.exports import geopackage
    from gridmap.formats.exports.frame import make_frame
    from gridmap.formats.exports.layer_appearance import find_appearance

    appearances = {geopackage.NOTE_LAYER: geopackage.NOTE_DESCRIPTION}
    for table in bundle.tables:
        appearances.update(find_appearance(table))
    notes = pd.DataFrame(bundle.note_rows(), columns=["subject", "text"], dtype=object)
    layers = {table.key: make_frame(table) for table in bundle.tables}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle.gpkg"
        geopackage.append_layers(path, {**layers, geopackage.NOTE_LAYER: notes})
        geopackage.add_styles(path, appearances, bundle.language)
        return path.read_bytes()


def _write_workbook(bundle: ExportBundle) -> bytes:
    language = bundle.language
    sheets = [
        Sheet(translate(each.title, language), each.header(language), each.label_rows(language), filters=True)
        for each in bundle.tables
    ]
    return make_workbook([*sheets, Sheet(translate(NOTE_SHEET, language), ["", ""], bundle.note_rows())])


def _write_csv_files(bundle: ExportBundle) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in bundle.tables:
            archive.writestr(f"{table.key}.csv", write_csv(table, bundle.language))
        archive.writestr("notes.csv", encode_rows(bundle.note_rows()))
    return content.getvalue()


BUNDLE_FORMATS: Mapping[str, BundleFormat] = {
    "gpkg": BundleFormat("GeoPackage", "gpkg", "application/geopackage+sqlite3", _write_geopackage),
    "xlsx": BundleFormat(
        "Excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _write_workbook
    ),
    "csv": BundleFormat("CSV (ZIP)", "zip", "application/zip", _write_csv_files),
}
"""Formats of files with several tables, by the names that pages and jobs use."""
