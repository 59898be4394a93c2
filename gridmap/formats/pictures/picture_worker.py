"""Process that reads one picture from its input, and writes a line of JSON and a WebP file to its output.

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
QUALITY = 88
GEO_TAGS = {"scale": 33550, "tiepoint": 33922, "matrix": 34264, "keys": 34735}
"""Tags of GeoTIFF: size of a pixel, a place, a matrix in their stead, and codes of the CRS."""


def main() -> None:
    """Read, recode and write."""
    max_pixels, max_side, memory = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    header, content = recode(sys.stdin.buffer.read(), max_pixels, max_side)
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
