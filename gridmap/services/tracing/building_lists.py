"""The list of buildings of the first day: read from a paste or a file, and written back as text."""

from collections.abc import Sequence

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.tracing.shapes import ListedBuilding
from gridmap.formats.package.building_list import BuildingList, read_pasted_list, read_workbook_list

__all__ = ["BuildingList", "read_list", "write_list"]

MAX_FILE_BYTES = 20 * 2**20
FILE_TOO_LARGE = N_("the file has {size} MB; at most {maximum} MB are read")
HEADER = "小区\t楼号\t户数\t层数"


def read_list(text: str, upload: bytes | None) -> BuildingList:
    r"""Read a list: the file if there is one, else the text.

    Parameters
    ----------
    text : str
        Rows as copied from a spreadsheet.
    upload : bytes or None
        Workbook or text file.

    Raises
    ------
    InvalidInput
        If the file cannot be read.

    Examples
    --------
    >>> [each.number for each in read_list("小区\t楼号\t户数\n东园\t1\t30", None).buildings]
    ['1']
    """
    if upload is None:
        return read_pasted_list(text)
    if len(upload) > MAX_FILE_BYTES:
        values = {"size": round(len(upload) / 2**20), "maximum": MAX_FILE_BYTES // 2**20}
        raise InvalidInput([InputFault(Message(FILE_TOO_LARGE, values), column="file")])
    return read_workbook_list(upload)


def write_list(buildings: Sequence[ListedBuilding]) -> str:
    """Return a list as text with tabs, to be corrected; empty without buildings.

    Examples
    --------
    >>> write_list([ListedBuilding("东园", "1号楼", 30)]).splitlines()[1].split()
    ['东园', '1号楼', '30']
    """
    rows = (f"{each.estate}\t{each.number}\t{each.households}\t{each.levels or ''}" for each in buildings)
    return "\n".join([HEADER, *rows]) if buildings else ""
