"""Pictures read by a process of their own: it may take so much time and memory, and what it makes is a new file.

Nothing of an upload is served as it came. Metadata, such as the place where a photograph was taken, is not copied.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TypedDict, cast

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.tracing.placement import Placement
from gridmap.formats.pictures.georeference import place_by_tags

MAX_BYTES = 60 * 2**20
MAX_PIXELS = 150_000_000
"""An aerial image of 12,000 × 12,000 pixels; decoded it takes 430 MB."""
MAX_SIDE = 4096
"""Longest side of a stored picture: every browser draws that, and a subdistrict of 2 km has half a metre a pixel."""
TIME_LIMIT_S = 25
MEMORY_LIMIT_BYTES = 2**30
WORKER_MODULE = "gridmap.formats.pictures.picture_worker"
FORMATS = "PNG, JPEG, WebP, GeoTIFF, MBTiles"

TOO_LARGE = N_("the file has {size} MB; at most {maximum} MB are read")
NOT_A_PICTURE = N_("this is no picture that gridmap can read; it reads {formats}")
TOO_MANY_PIXELS = N_("the picture has {pixels} million pixels; at most {maximum} million are read")
TOO_SLOW = N_("reading the picture took too long or too much memory: save it smaller, as PNG or JPEG")


class WorkerHeader(TypedDict, total=False):
    """Line of JSON that the process writes."""

    problem: str
    pixels: int
    width: int
    height: int
    tags: dict[str, list[float]]
    reduction: float


@dataclass(frozen=True)
class RecodedPicture:
    """A picture as gridmap stores it.

    Parameters
    ----------
    width, height : int
        Pixels, after it was reduced.
    content : bytes
        WebP.
    placement : Placement or None
        Where the file says where it lies, as GeoTIFF and MBTiles do.
    """

    width: int
    height: int
    content: bytes = field(repr=False)
    placement: Placement | None = None


def recode_picture(content: bytes) -> RecodedPicture:
    """Read a picture and write it anew.

    Parameters
    ----------
    content : bytes
        Of a PNG, JPEG, WebP, GeoTIFF or MBTiles file.

    Returns
    -------
    RecodedPicture

    Raises
    ------
    InvalidInput
        If it is too large, no picture, or if reading it takes too long.
    """
    if len(content) > MAX_BYTES:
        raise invalid_picture(TOO_LARGE, size=round(len(content) / 2**20), maximum=MAX_BYTES // 2**20)
    header, recoded = run_worker(content, (MAX_PIXELS, MAX_SIDE, MEMORY_LIMIT_BYTES))
    if header.get("problem") == "pixels":
        raise invalid_picture(TOO_MANY_PIXELS, pixels=round(header["pixels"] / 1e6), maximum=MAX_PIXELS // 10**6)
    if "problem" in header:
        raise invalid_picture(NOT_A_PICTURE, formats=FORMATS)
    width, height = header["width"], header["height"]
    placement = place_by_tags(header["tags"], header["reduction"], (width, height)) if header["tags"] else None
    return RecodedPicture(width, height, recoded, placement)


def run_worker(content: bytes, limits: tuple[int, ...], column: str = "picture") -> tuple[WorkerHeader, bytes]:
    """Return what the process writes for a picture.

    Parameters
    ----------
    content : bytes
    limits : tuple of int
        Pixels, longest side, bytes of memory, and for a photo bytes of its file.
    column : str
        Field that an error is about.

    Raises
    ------
    InvalidInput
        If reading it takes too long or too much memory.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", WORKER_MODULE, *map(str, limits)],
            input=content,
            capture_output=True,
            timeout=TIME_LIMIT_S,
            process_group=0,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise invalid_picture(TOO_SLOW, column) from None
    if done.returncode:
        raise invalid_picture(TOO_SLOW, column)
    line, _, recoded = done.stdout.partition(b"\n")
    return cast("WorkerHeader", json.loads(line)), recoded


def invalid_picture(problem: str, column: str = "picture", **values: object) -> InvalidInput:
    """Return the error of a picture that cannot be used."""
    return InvalidInput([InputFault(Message(problem, values), column=column)])
