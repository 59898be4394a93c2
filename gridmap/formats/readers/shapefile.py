"""Layer of a Shapefile, which consists of several files."""

from collections.abc import Mapping
from pathlib import Path

from gridmap.core.errors import N_
from gridmap.formats.readers.dbf import detect_encoding, is_complete
from gridmap.formats.readers.layer_source import UNKNOWN_ENCODING, InspectedFile, LayerSource, read_header
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

SHAPEFILE_HEADER = b"\x00\x00\x27\x0a"
REQUIRED_COMPANIONS = (".dbf", ".shx")

NOT_SHAPEFILE = FaultTemplate(N_("this is not a Shapefile"), advice=N_("export it again"))
TRUNCATED_TABLE = FaultTemplate(
    N_("the table of the Shapefile is incomplete"), advice=N_("copy all files of the Shapefile")
)
MISSING_COMPANION = FaultTemplate(
    N_("the file {companion} of the Shapefile is missing"), advice=N_("copy all files of the Shapefile")
)


def inspect_shapefile(path: Path, location: FaultLocation) -> InspectedFile:
    """Check that a Shapefile is complete, and find the encoding of its texts.

    Returns
    -------
    faults : list of InputFault
        Reasons why the Shapefile cannot be used.
    layer_source : LayerSource or None
        None if there are faults.
    """
    companions = {sibling.suffix.lower(): sibling for sibling in path.parent.glob(f"{path.stem}.*")}
    missing = [path.stem + suffix for suffix in REQUIRED_COMPANIONS if suffix not in companions]
    if missing:
        faults = [make_fault(location, MISSING_COMPANION, placeholders={"companion": name}) for name in missing]
        return faults, None
    if read_header(path, len(SHAPEFILE_HEADER)) != SHAPEFILE_HEADER:
        return [make_fault(location, NOT_SHAPEFILE)], None
    return _inspect_table(path, location, companions)


def _inspect_table(path: Path, location: FaultLocation, companions: Mapping[str, Path]) -> InspectedFile:
    table = companions[".dbf"].read_bytes()
    if not is_complete(table):
        return [make_fault(location, TRUNCATED_TABLE)], None
    declared = companions[".cpg"].read_text("latin-1").strip() if ".cpg" in companions else None
    encoding = detect_encoding(table, declared)
    if encoding is None:
        return [make_fault(location, UNKNOWN_ENCODING, value=declared)], None
    return [], LayerSource(path, path.stem, encoding)
