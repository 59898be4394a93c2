"""Photos of incidents: upright, small, and without what the phone wrote beside them.

A photo is read by the process that reads the pictures to trace on: a file made to fill the memory ends that one alone.
"""

from gridmap.formats.pictures.picture_file import (
    MEMORY_LIMIT_BYTES,
    NOT_A_PICTURE,
    TOO_LARGE,
    TOO_MANY_PIXELS,
    invalid_picture,
    run_worker,
)

MAX_UPLOAD_BYTES = 20 * 2**20
MAX_PIXELS = 60_000_000
"""A phone's largest photos have 50 million."""
MAX_SIDE = 1600
MAX_BYTES = 1_000_000
"""The table of photos takes no more."""
FORMATS = "JPEG, PNG, WebP"
COLUMN = "photos"


def clean_photo(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """Return a photo as JPEG, and its width and height.

    It is turned upright, at most 1600 pixels long and 1 MB large. Nothing but the pixels is kept: place, time and
    owner of the phone are gone. Transparent parts become white.

    Parameters
    ----------
    content : bytes
        Of a JPEG, PNG or WebP file.

    Raises
    ------
    InvalidInput
        If it is too large, no picture, or if reading it takes too long or too much memory.
    """
    if len(content) > MAX_UPLOAD_BYTES:
        size, maximum = round(len(content) / 2**20), MAX_UPLOAD_BYTES // 2**20
        raise invalid_picture(TOO_LARGE, COLUMN, size=size, maximum=maximum)
    header, cleaned = run_worker(content, (MAX_PIXELS, MAX_SIDE, MEMORY_LIMIT_BYTES, MAX_BYTES), COLUMN)
    if header.get("problem") == "pixels":
        pixels, maximum = round(header["pixels"] / 1e6), MAX_PIXELS // 10**6
        raise invalid_picture(TOO_MANY_PIXELS, COLUMN, pixels=pixels, maximum=maximum)
    if "problem" in header:
        raise invalid_picture(NOT_A_PICTURE, COLUMN, formats=FORMATS)
    return cleaned, (header["width"], header["height"])
