"""Layer of a GeoJSON file."""

import codecs
from pathlib import Path

from gridmap.core.errors import N_
from gridmap.formats.readers.dbf import is_decodable
from gridmap.formats.readers.layer_source import UNKNOWN_ENCODING, InspectedFile, LayerSource
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

NOT_GEOJSON = FaultTemplate(N_("this is not GeoJSON"), N_("a GeoJSON text in UTF-8"), N_("export it again"))


def inspect_geojson(path: Path, location: FaultLocation) -> InspectedFile:
    """Check that a file holds a JSON object in UTF-8.

    Returns
    -------
    faults : list of InputFault
        Reasons why the file cannot be used.
    layer_source : LayerSource or None
        None if there are faults.
    """
    content = path.read_bytes()
    if not content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return [make_fault(location, NOT_GEOJSON)], None
    if not is_decodable([content], "utf-8"):
        return [make_fault(location, UNKNOWN_ENCODING)], None
    return [], LayerSource(path, path.stem)
