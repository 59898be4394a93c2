"""Result files, written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyogrio

from gridmap.core.errors import N_, InvalidInput
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

FOLDER_NOT_FOUND = FaultTemplate(N_("the folder {folder} does not exist"), advice=N_("create it, or write elsewhere"))
TARGET_IS_FOLDER = FaultTemplate(N_("there is a folder of that name"), N_("the name of a file"), N_("write elsewhere"))
NOT_WRITABLE = FaultTemplate(N_("nothing can be written there: {reason}"), advice=N_("make room or write elsewhere"))


@contextmanager
def replace_file(target: Path, suffix: str) -> Iterator[Path]:
    """Give a temporary file to write, and move it to its target when everything is written.

    A reader of the target sees the old file or the whole new one.

    Parameters
    ----------
    target : Path
        File to write; an existing one is replaced.
    suffix : str
        Suffix of the temporary file, which drivers may require.

    Yields
    ------
    Path
        The temporary file, in a folder of its own beside the target.

    Raises
    ------
    InvalidInput
        If the folder does not exist or cannot be written to. Nothing is left behind then.

    Examples
    --------
    >>> with replace_file(Path("nowhere") / "report.json", ".json") as temporary:
    ...     pass
    Traceback (most recent call last):
    ...
    gridmap.core.errors.InvalidInput: the folder nowhere does not exist
    """
    location = FaultLocation(target.name)
    if not target.parent.is_dir():
        raise InvalidInput([make_fault(location, FOLDER_NOT_FOUND, placeholders={"folder": str(target.parent)})])
    if target.is_dir():
        raise InvalidInput([make_fault(location, TARGET_IS_FOLDER)])
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            temporary = Path(folder) / f"result{suffix}"
            yield temporary
            _sync_to_disk(temporary)
            temporary.replace(target)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InvalidInput([make_fault(location, NOT_WRITABLE, placeholders={"reason": reason})]) from None
    _sync_to_disk(target.parent)


def write_text(target: Path, text: str) -> None:
    """Write a text in UTF-8, whole or not at all.

    Raises
    ------
    InvalidInput
        If the file cannot be written; see `replace_file`.
    """
    with replace_file(target, target.suffix) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(target: Path, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    InvalidInput
        If the file cannot be written; see `replace_file`.
    """
    with replace_file(target, target.suffix) as temporary:
        temporary.write_bytes(content)


def _sync_to_disk(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
