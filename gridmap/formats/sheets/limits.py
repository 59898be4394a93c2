"""Limits of a sheet's file, checked before anything of it is unpacked."""

import zipfile
from pathlib import Path

from gridmap.core.errors import N_, InvalidInput
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

MAX_FILE_BYTES = 60 * 2**20
"""A register of 300,000 residents has about 25 MB as CSV, and 20 MB as a workbook."""
MAX_MEMBERS = 1_000
MAX_UNPACKED_BYTES = 400 * 2**20
MAX_EXPANSION = 200
"""Bytes that a packed byte may become; sheets of an office reach about 20."""
MIN_SUSPICIOUS_BYTES = 20 * 2**20
PACKED_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".ods", ".zip")

TOO_LARGE = FaultTemplate(
    N_("the file has {size} MB, more than {maximum} MB"), advice=N_("divide it, or save the sheet as CSV")
)
TOO_MANY_MEMBERS = FaultTemplate(
    N_("the file holds {count} parts, more than {maximum}"), advice=N_("save the sheet alone as a new workbook")
)
EXPANDS = FaultTemplate(
    N_("unpacked the file would have {size} MB, more than a sheet of its size can have"),
    advice=N_("save the sheet alone as a new workbook"),
)
NESTED = FaultTemplate(N_("the archive holds other archives"), advice=N_("save the sheet alone as a new workbook"))


def check_limits(path: Path) -> None:
    """Refuse a file that is too large, has too many parts, or would expand too far.

    Raises
    ------
    InvalidInput
        With the size and the limit. A file that is no archive is left to its reader.
    """
    location = FaultLocation(path.name)
    size = path.stat().st_size if path.is_file() else 0
    if size > MAX_FILE_BYTES:
        values = {"size": size // 2**20, "maximum": MAX_FILE_BYTES // 2**20}
        raise InvalidInput([make_fault(location, TOO_LARGE, placeholders=values)])
    if path.suffix.lower() not in PACKED_SUFFIXES or not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return
    if len(members) > MAX_MEMBERS:
        values = {"count": len(members), "maximum": MAX_MEMBERS}
        raise InvalidInput([make_fault(location, TOO_MANY_MEMBERS, placeholders=values)])
    if any(member.filename.lower().endswith(".zip") for member in members):
        raise InvalidInput([make_fault(location, NESTED)])
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > MIN_SUSPICIOUS_BYTES and unpacked > MAX_EXPANSION * size):
        raise InvalidInput([make_fault(location, EXPANDS, placeholders={"size": unpacked // 2**20})])
