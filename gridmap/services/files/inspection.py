"""Description of an input: the files and layers in it, and what was found out about each, with the evidence."""

from dataclasses import dataclass

from pyproj import CRS
from pyproj.exceptions import CRSError

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.formats.intake.source_file import SourceLike, open_source
from gridmap.formats.readers.layer_rows import read_frame, read_layer_metadata
from gridmap.formats.readers.layer_source import LayerSource, report_read_errors
from gridmap.formats.readers.positions import crs_name
from gridmap.services.operations.error_log import fault_values
from gridmap.texts import translate

NO_CRS = N_("none")
LAYER = N_("{file}, layer {layer}: {driver}, {rows} rows, {geometry}; CRS {crs}")
ENCODING = N_("encoding {encoding}: {evidence}")
COLUMNS = N_("columns: {columns}")


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
    warnings: tuple[InputFault, ...]

    def sentences(self) -> list[Message]:
        """Return sentences for people."""
        geometry = self.geometry or Message(N_("no geometry"))
        values = {"file": self.file, "layer": self.layer, "driver": self.driver, "rows": self.rows}
        return [
            Message(LAYER, {**values, "geometry": geometry, "crs": self.crs or Message(NO_CRS)}),
            Message(ENCODING, {"encoding": self.encoding, "evidence": self.evidence}),
            Message(COLUMNS, {"columns": ", ".join(self.columns)}),
        ]

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
        faults += [*opened.faults, *opened.foreign]
        for layer_source in opened.layers.values():
            try:
                layers.append(_describe_layer(layer_source))
            except InvalidInput as error:
                faults += error.faults
    return SourceDescription(tuple(layers), tuple(faults))


def _describe_layer(source: LayerSource) -> LayerDescription:
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
