"""Signs that a file is not finished: downloads, locks of other programs, and changes during the reading."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

DOWNLOAD_SUFFIXES = (
    ".part",
    ".partial",
    ".crdownload",
    ".download",
    ".opdownload",
    ".filepart",
    ".aria2",
    ".!ut",
    ".!qb",
    ".td",
    ".xltd",
    ".td.cfg",
    ".baiduyun.p.downloading",
    ".downloading",
    ".cfg.tmp",
)
"""Suffixes that browsers and download programs give to files that are not complete."""

EDIT_LOCK_SUFFIXES = (".ed.lock", ".wr.lock")

UNFINISHED_DOWNLOAD = FaultTemplate(
    N_("the file is not finished: {sidecar} belongs to a download or copy"),
    advice=N_("wait until it is complete; if it was broken off, fetch the file again and delete {sidecar}"),
)
OPEN_IN_OFFICE = FaultTemplate(
    N_("the file is open in another program ({sidecar})"),
    advice=N_("save and close it there; if it is closed, delete {sidecar}"),
)
CHANGED_DURING_READING = FaultTemplate(
    N_("the file changed while it was read"), advice=N_("wait until nothing writes to it any more, and try again")
)


@dataclass(frozen=True)
class FileStamp:
    """Size, time and identity of a file, to notice changes.

    Parameters
    ----------
    path : Path
    size, modified, inode : int
        -1 if the file is missing.
    """

    path: Path
    size: int
    modified: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> "FileStamp":
        """Take the stamp of a file."""
        try:
            status = path.stat()
        except OSError:
            return cls(path, -1, -1, -1)
        return cls(path, status.st_size, status.st_mtime_ns, status.st_ino)


def changed_files(stamps: Iterable[FileStamp]) -> list[InputFault]:
    """Return a fault for each file that is no longer as it was."""
    return [
        make_fault(FaultLocation(stamp.path.name), CHANGED_DURING_READING)
        for stamp in stamps
        if FileStamp.of(stamp.path) != stamp
    ]


def require_finished(path: Path, file: str) -> None:
    """Refuse a file that is being downloaded, or open for editing.

    Parameters
    ----------
    path : Path
        The file.
    file : str
        Name to show.

    Raises
    ------
    InvalidInput
        With the name of the sign, and what to do.
    """
    if path.name.lower().endswith(DOWNLOAD_SUFFIXES):
        raise _unfinished(UNFINISHED_DOWNLOAD, file, path.name)
    siblings = {sibling.name.lower(): sibling.name for sibling in path.parent.iterdir()}
    name = path.name.lower()
    for suffix in DOWNLOAD_SUFFIXES:
        if name + suffix in siblings:
            raise _unfinished(UNFINISHED_DOWNLOAD, file, siblings[name + suffix])
    for lock in _edit_locks(name, siblings):
        raise _unfinished(OPEN_IN_OFFICE, file, siblings[lock])


def _edit_locks(name: str, siblings: Iterable[str]) -> list[str]:
    """Return the locks of Excel, WPS, LibreOffice and ArcGIS for a file; Excel may replace the first two letters."""
    office = {f"~${name}", f"~${name[2:]}", f".~lock.{name}#", f".~{name}"}
    return [
        each
        for each in siblings
        if each in office or (each.startswith(f"{name}.") and each.endswith(EDIT_LOCK_SUFFIXES))
    ]


def _unfinished(template: FaultTemplate, file: str, sidecar: str) -> InvalidInput:
    return InvalidInput([make_fault(FaultLocation(file), template, placeholders={"sidecar": sidecar})])
