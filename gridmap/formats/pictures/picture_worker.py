"""Process that reads one picture from its input, and writes a line of JSON and a new file to its output.

A picture to trace on becomes WebP and keeps the tags of its place; a photo becomes JPEG without anything beside it.

It runs with a limit of memory, and its parent ends it after some seconds. It imports as little as it can.
"""

import io
import json
import resource
import sys
import warnings
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from gridmap.formats.pictures.tile_mosaic import assemble_tiles, is_mbtiles

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF")
PHOTO_FORMATS = ("PNG", "JPEG", "WEBP", "MPO")
"""MPO is a JPEG file with further pictures, as some phones make it."""
QUALITY = 88
PHOTO_QUALITIES = (82, 70, 55, 40)
"""Qualities of a photo: the first one whose file is small enough is taken; after the last one it is made smaller."""
GEO_TAGS = {"scale": 33550, "tiepoint": 33922, "matrix": 34264, "keys": 34735}
"""Tags of GeoTIFF: size of a pixel, a place, a matrix in their stead, and codes of the CRS."""


def main() -> None:
    """Read, recode and write."""
    max_pixels, max_side, memory, *max_bytes = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    upload = sys.stdin.buffer.read()
    header, content = (
        recode_photo(upload, max_pixels, max_side, max_bytes[0]) if max_bytes else recode(upload, max_pixels, max_side)
    )
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + content)


def recode(content: bytes, max_pixels: int, max_side: int) -> tuple[dict[str, Any], bytes]:
    """Return what is known of a picture, and the picture anew; or a problem.

    Parameters
    ----------
    content : bytes
    max_pixels : int
        A picture with more of them is not decoded.
    max_side : int
        Longest side of the result.
    """
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # the number of pixels is checked below, before anything is decoded
    try:
        if is_mbtiles(content):
            return _write(*assemble_tiles(content, max_side), max_side)
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > max_pixels:
                return {"problem": "pixels", "pixels": opened.width * opened.height}, b""
            tags = _geo_tags(opened)
            opened.draft("RGB", (max_side, max_side))  # JPEG is decoded at a fraction of its size
            ImageOps.exif_transpose(opened, in_place=True)
            return _write(opened, tags, max_side)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError):
        return {"problem": "format"}, b""


def recode_photo(content: bytes, max_pixels: int, max_side: int, max_bytes: int) -> tuple[dict[str, Any], bytes]:
    """Return the size of a photo, and the photo upright as a JPEG file; or a problem.

    Parameters
    ----------
    content : bytes
    max_pixels, max_side : int
        As for `recode`.
    max_bytes : int
        Largest size of the file, for which its quality is lowered, and at last its sides.
    """
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # as above
    try:
        with Image.open(io.BytesIO(content), formats=PHOTO_FORMATS) as opened:
            if opened.width * opened.height > max_pixels:
                return {"problem": "pixels", "pixels": opened.width * opened.height}, b""
            opened.draft("RGB", (max_side, max_side))
            opened.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
            return _write_photo(ImageOps.exif_transpose(opened), max_bytes)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError):
        return {"problem": "format"}, b""


def _write_photo(picture: Image.Image, max_bytes: int) -> tuple[dict[str, Any], bytes]:
    opaque = picture.convert("RGBA") if picture.has_transparency_data else picture.convert("RGB")
    plain = Image.new("RGB", opaque.size, "white")
    plain.paste(opaque, mask=opaque if opaque.mode == "RGBA" else None)
    content = _encode_photo(plain, max_bytes)
    while len(content) > max_bytes:
        plain.thumbnail((plain.width * 3 // 4, plain.height * 3 // 4), Image.Resampling.LANCZOS)
        content = _encode_photo(plain, max_bytes)
    return {"width": plain.width, "height": plain.height}, content


def _encode_photo(picture: Image.Image, max_bytes: int) -> bytes:
    """Return the file of the best quality that is small enough, else that of the worst one."""
    for quality in PHOTO_QUALITIES:
        output = io.BytesIO()
        picture.save(output, "JPEG", quality=quality, optimize=True)
        if output.tell() <= max_bytes:
            break
    return output.getvalue()


def _geo_tags(picture: Image.Image) -> dict[str, list[float]]:
    """Return the tags that tell where a GeoTIFF lies, with the full width under ``width``."""
    stored = getattr(picture, "tag_v2", None) or {}
    tags = {name: [float(each) for each in stored[key]] for name, key in GEO_TAGS.items() if key in stored}
    return {**tags, "width": [float(picture.width)]} if "keys" in tags and len(tags) > 1 else {}


def _write(picture: Image.Image, tags: dict[str, list[float]], max_side: int) -> tuple[dict[str, Any], bytes]:
    mode = "RGBA" if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info else "RGB"
    if picture.mode not in {"RGB", "RGBA", "L"}:
        picture = picture.convert(mode)
    picture.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)  # before a copy is made, which takes as much
    plain = picture.convert(mode)
    output = io.BytesIO()
    plain.save(output, "WEBP", quality=QUALITY, method=2)
    reduction = tags["width"][0] / plain.width if tags else 1.0
    return {"width": plain.width, "height": plain.height, "tags": tags, "reduction": reduction}, output.getvalue()


if __name__ == "__main__":
    main()
