"""Inputs as people name them: a path, and what they say about its texts and coordinates."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pyproj import CRS
from pyproj.exceptions import CRSError

from gridmap.core.coverage.community_repair import DEFAULT_WIDTH_M
from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.core.geodesy.datums import Datum
from gridmap.formats.intake.source_file import InputSource
from gridmap.formats.package.stated_columns import SCHEMAS
from gridmap.formats.readers.layer_source import ReadOptions
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault
from gridmap.services.files.column_statements import NOT_A_LAYER, read_column_statements

NOT_A_CRS = FaultTemplate(
    N_("there is no such coordinate reference system"), N_("a code such as EPSG:4547, or LAYER=CODE for one layer")
)
NOT_A_DATUM = FaultTemplate(
    N_("there is no such datum"), N_("wgs84 (also for CGCS2000), gcj02 or bd09, or LAYER=DATUM for one layer")
)
SAID_TWICE = FaultTemplate(N_("the option is given twice for the same layers"), advice=N_("give it once"))

ValueT = TypeVar("ValueT")


def input_source(
    path: Path,
    encoding: str | None = None,
    crs: Iterable[str] = (),
    datum: Iterable[str] = (),
    column: Iterable[str] = (),
    mend_width_m: float = DEFAULT_WIDTH_M,
) -> InputSource:
    """Return a path with what the person who reads it says about it.

    Parameters
    ----------
    path : Path
    encoding : str, optional
        Encoding of the texts.
    crs : iterable of str
        A code for all layers, or ``LAYER=CODE`` for one.
    datum : iterable of str
        ``wgs84``, ``gcj02`` or ``bd09`` for all layers, or ``LAYER=DATUM`` for one.
    column : iterable of str
        ``FIELD=HEADER`` for all layers that have the header, or ``LAYER.FIELD=HEADER`` for one.
    mend_width_m : float
        Width up to which gaps and overlaps of communities are mended.

    Raises
    ------
    InvalidInput
        If an encoding, CRS, datum, layer or field does not exist, or is said twice.

    Examples
    --------
    >>> source = input_source(Path("town.gpkg"), "GBK", ["EPSG:4547"], ["buildings=gcj02"])
    >>> source.options.encoding, source.options.crs[""].to_epsg(), source.options.datum["buildings"].value
    ('GBK', 4547, 'gcj02')
    """
    faults: list[InputFault] = []
    crs_by_layer = _by_layer("--crs", crs, _read_crs, NOT_A_CRS, faults)
    datum_by_layer = _by_layer("--datum", datum, lambda text: Datum(text.lower()), NOT_A_DATUM, faults)
    columns = read_column_statements(column, faults)
    if faults:
        raise InvalidInput(faults)
    return InputSource(path, ReadOptions(encoding, crs_by_layer, datum_by_layer, columns, mend_width_m))


def _by_layer(
    option: str,
    texts: Iterable[str],
    read: Callable[[str], ValueT],
    wrong: FaultTemplate,
    faults: list[InputFault],
) -> Mapping[str, ValueT]:
    """Return values by layer, ``""`` for those of all layers; faults are added to the list."""
    values: dict[str, ValueT] = {}
    for text in texts:
        layer, value = _split(text)
        template = _find_fault(layer, values)
        try:
            values[layer] = read(value)
        except (CRSError, ValueError):
            template = template or wrong
        if template:
            names = {"layers": ", ".join(SCHEMAS)}
            faults.append(make_fault(FaultLocation(option), template, value=text, placeholders=names))
    return values


def _find_fault(layer: str, known: Mapping[str, object]) -> FaultTemplate | None:
    if layer and layer not in SCHEMAS:
        return NOT_A_LAYER
    return SAID_TWICE if layer in known else None


def _split(text: str) -> tuple[str, str]:
    """Return the layer and the value; PROJ strings also have equals signs.

    Examples
    --------
    >>> _split("Buildings = EPSG:4547"), _split("4547"), _split("+proj=utm +zone=48")
    (('buildings', 'EPSG:4547'), ('', '4547'), ('', '+proj=utm +zone=48'))
    """
    match = re.fullmatch(r"\s*(\w+)\s*=\s*(.+)", text)
    return (match[1].lower(), match[2].strip()) if match else ("", text.strip())


def _read_crs(text: str) -> CRS:
    return CRS(int(text)) if text.isdecimal() else CRS(text)
