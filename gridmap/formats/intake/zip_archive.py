"""Unpacking of ZIP files, with names as Windows, Linux and macOS write them."""

import errno
import lzma
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from gridmap.core.errors import N_, InvalidInput
from gridmap.formats.encodings.detection import choose_encoding
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

UNICODE_NAMES = 0x800
ENCRYPTED = 0x1
MAX_FILES = 10_000
MAX_UNPACKED_BYTES = 4 * 1024**3
MAX_NAME_BYTES = 200
CHUNK_BYTES = 1024 * 1024
IGNORED_FOLDERS = ("__macosx",)

DAMAGED_ZIP = FaultTemplate(N_("the ZIP file is damaged or incomplete"), advice=N_("copy or download it again"))
PROTECTED_ZIP = FaultTemplate(
    N_("the ZIP file is protected by a password"), advice=N_("unpack it yourself, and name the folder")
)
STRANGE_ZIP = FaultTemplate(
    N_("the ZIP file is packed by a method that cannot be read"), advice=N_("unpack it yourself, and name the folder")
)
ZIP_TOO_LARGE = FaultTemplate(
    N_("the ZIP file is too large to unpack"),
    N_("at most {files} files and {gigabytes} GB"),
    N_("unpack it yourself, and name the folder"),
)


def unpack_zip(path: Path, file: str, folder: Path) -> Path:
    """Unpack a ZIP file into a private folder.

    Names without the mark for Unicode are decoded by their content, since Chinese Windows writes them in GBK. No name
    leads out of the folder.

    Parameters
    ----------
    path : Path
        The ZIP file.
    file : str
        Its name to show.
    folder : Path
        Existing empty folder.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InvalidInput
        If the file is damaged, incomplete, protected by a password or too large.
    """
    location = FaultLocation(file)
    try:
        with zipfile.ZipFile(path) as archive:
            _unpack_members(archive, location, folder)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError) as error:
        raise InvalidInput([make_fault(location, DAMAGED_ZIP, value=error)]) from None
    except OSError as error:
        if error.errno != errno.EINVAL:  # of a place before the start of a file that was cut off
            raise
        raise InvalidInput([make_fault(location, DAMAGED_ZIP)]) from None
    except NotImplementedError:
        raise InvalidInput([make_fault(location, STRANGE_ZIP)]) from None
    return folder


def decode_names(members: Iterable[zipfile.ZipInfo]) -> dict[zipfile.ZipInfo, str]:
    """Decode the names of members: by their mark for Unicode, or all others by their content.

    Examples
    --------
    >>> member = zipfile.ZipInfo("网格.shp".encode("gbk").decode("cp437"))
    >>> list(decode_names([member]).values())
    ['网格.shp']
    """
    members = list(members)
    raw = {member: _raw_name(member) for member in members}
    encoding = choose_encoding(name for name in raw.values() if name is not None)
    codec = encoding.codec if encoding else "cp437"
    return {
        member: member.filename if name is None else name.decode(codec, errors="replace")
        for member, name in raw.items()
    }


def _raw_name(member: zipfile.ZipInfo) -> bytes | None:
    """Return the bytes of a name without the mark for Unicode."""
    if member.flag_bits & UNICODE_NAMES:
        return None
    try:
        return member.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return None


def _unpack_members(archive: zipfile.ZipFile, location: FaultLocation, folder: Path) -> None:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise InvalidInput([make_fault(location, PROTECTED_ZIP)])
    if len(members) > MAX_FILES or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        placeholders = {"files": MAX_FILES, "gigabytes": MAX_UNPACKED_BYTES // 1024**3}
        raise InvalidInput([make_fault(location, ZIP_TOO_LARGE, placeholders=placeholders)])
    for member, name in decode_names(members).items():
        parts = _safe_parts(name)
        if parts and parts[0].lower() not in IGNORED_FOLDERS:
            _unpack_member(archive, member, folder.joinpath(*parts))


def _safe_parts(name: str) -> list[str]:
    """Return the parts of a name that stay within a folder, short enough for every file system."""
    parts = PurePosixPath(name.replace("\\", "/").replace("\0", "")).parts
    return [_shorten(part) for part in parts if part not in ("/", "..", ".") and not part.endswith(":")]


def _shorten(part: str) -> str:
    if len(part.encode()) <= MAX_NAME_BYTES:
        return part
    stem, dot, suffix = part.rpartition(".")
    return stem.encode()[: MAX_NAME_BYTES - 20].decode("utf-8", errors="ignore") + dot + suffix[:10]


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Write one member; its length and checksum are compared at its end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as packed, target.open("wb") as unpacked:
        while chunk := packed.read(CHUNK_BYTES):
            unpacked.write(chunk)
