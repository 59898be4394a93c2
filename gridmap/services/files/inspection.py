"""Description of an input: the files and layers in it, and what was found out about each, with the evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyproj import CRS
from pyproj.exceptions import CRSError

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.formats.intake.source_file import SourceLike, open_source
from gridmap.formats.package.stated_columns import SCHEMAS, check_stated_columns
from gridmap.formats.readers.column_choice import ColumnChoice
from gridmap.formats.readers.layer_rows import choose_layer_columns, read_frame, read_layer_metadata
from gridmap.formats.readers.layer_source import LayerSource, report_read_errors
from gridmap.formats.readers.positions import crs_name
from gridmap.services.operations.error_log import fault_values
from gridmap.texts import translate

NO_CRS = N_("none")
LAYER = N_("{file}, layer {layer}: {driver}, {rows} rows, {geometry}; CRS {crs}")
ENCODING = N_("encoding {encoding}: {evidence}")
COLUMNS = N_("columns: {columns}")
FIELDS = N_("columns as they are read: {fields}")
UNUSED = N_("columns that are not used: {columns}")


@dataclass(frozen=True)
class LayerDescription:
    """Findings about a layer.

    Parameters
    ----------
    file, layer, driver : str
        Names of the file, the layer and the format.
    rows : int
    geometry : str or None
        None for a list without coordinates.
    crs : str or None
        Code or name of the coordinate reference system.
    encoding : str
    evidence : Message
        Why the texts were read in this encoding.
    columns : tuple of str
    fields : mapping or None
        Columns of a town package with the columns of the file that they are read from; None in a layer of another name.
    warnings : tuple of InputFault
    """

    file: str
    layer: str
    driver: str
    rows: int
    geometry: str | None
    crs: str | None
    encoding: str
    evidence: Message
    columns: tuple[str, ...]
    fields: Mapping[str, str] | None
    warnings: tuple[InputFault, ...]

    @property
    def unused(self) -> list[str] | None:
        """Return the columns that are not used, None in a layer of another name."""
        used = None if self.fields is None else set(self.fields.values())
        return None if used is None else [column for column in self.columns if column not in used]

    def sentences(self) -> list[Message]:
        """Return sentences for people."""
        geometry = self.geometry or Message(N_("no geometry"))
        values = {"file": self.file, "layer": self.layer, "driver": self.driver, "rows": self.rows}
        return [
            Message(LAYER, {**values, "geometry": geometry, "crs": self.crs or Message(NO_CRS)}),
            Message(ENCODING, {"encoding": self.encoding, "evidence": self.evidence}),
            Message(COLUMNS, {"columns": ", ".join(self.columns)}),
            *self._field_sentences(),
        ]

    def _field_sentences(self) -> Iterator[Message]:
        if self.fields:
            fields = ", ".join(f"{name} ← {column}" for name, column in self.fields.items())
            yield Message(FIELDS, {"fields": fields})
        if self.unused:
            yield Message(UNUSED, {"columns": ", ".join(self.unused)})

    def as_json(self, language: str) -> dict[str, object]:
        """Return plain values."""
        return {
            "file": self.file,
            "layer": self.layer,
            "driver": self.driver,
            "rows": self.rows,
            "geometry": self.geometry,
            "crs": self.crs,
            "encoding": self.encoding,
            "evidence": translate(self.evidence, language),
            "columns": list(self.columns),
            "fields": None if self.fields is None else dict(self.fields),
            "unused": self.unused,
            "warnings": [fault_values(warning, language) for warning in self.warnings],
        }


@dataclass(frozen=True)
class SourceDescription:
    """Findings about an input.

    Parameters
    ----------
    layers : tuple of LayerDescription
    faults : tuple of InputFault
        Layers and files that cannot be read, with the way to get them read.
    """

    layers: tuple[LayerDescription, ...]
    faults: tuple[InputFault, ...]

    def as_json(self, language: str) -> dict[str, object]:
        """Return plain values."""
        return {
            "layers": [layer.as_json(language) for layer in self.layers],
            "faults": [fault_values(fault, language) for fault in self.faults],
        }


def inspect_source(source: SourceLike) -> SourceDescription:
    """Describe every layer of a file, folder or ZIP file, by reading it whole.

    Parameters
    ----------
    source : Path, InputSource or OpenSource
        The input.

    Returns
    -------
    SourceDescription

    Raises
    ------
    InvalidInput
        If nothing in it can be read.
    """
    layers, faults = [], []
    with open_source(source) as opened:
        faults += [*opened.faults, *opened.foreign, *check_stated_columns(opened)]
        for name, layer_source in opened.layers.items():
            try:
                choice = _choose_columns(name, layer_source)
                layers.append(_describe_layer(layer_source, choice))
                faults += choice.faults.values() if choice else []
            except InvalidInput as error:
                faults += error.faults
    return SourceDescription(tuple(layers), tuple(faults))


def _choose_columns(name: str, source: LayerSource) -> ColumnChoice | None:
    """Choose the columns of a layer of a town package, by its name; None for another layer."""
    with report_read_errors(source):
        return choose_layer_columns(source, SCHEMAS[name].fields) if name in SCHEMAS else None


def _describe_layer(source: LayerSource, choice: ColumnChoice | None) -> LayerDescription:
    with report_read_errors(source):
        metadata = read_layer_metadata(source)
        frame = read_frame(source, on_invalid="ignore")
    return LayerDescription(
        file=source.location.file,
        layer=source.layer,
        driver=source.driver,
        rows=len(frame),
        geometry=metadata["geometry_type"],
        crs=_find_crs(source, metadata["crs"]),
        encoding=source.encoding.label,
        evidence=source.encoding.evidence,
        columns=tuple(map(str, metadata["fields"])),
        fields=choice.headers if choice else None,
        warnings=(*source.notes, *frame.attrs.get("notes", [])),
    )


def _find_crs(source: LayerSource, text: str | None) -> str | None:
    """Return the CRS that the reader names, or that of the file."""
    if source.crs is not None:
        return crs_name(source.crs)
    try:
        return crs_name(CRS(text)) if text else None
    except CRSError:
        return None
