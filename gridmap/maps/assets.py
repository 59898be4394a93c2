"""Scripts, styles and templates of pages, prepared for inlining in a page."""

import base64
import re
from functools import cache
from pathlib import Path

from gridmap.config import resource_dir
from gridmap.core.errors import N_, InputFault, InvalidInput, Message

LEAFLET_PATH = "vendor/node_modules/leaflet/dist/leaflet"
MIME_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}

MISSING_ASSET = N_("a part of the page is missing: {asset}")
RUN_SETUP = N_("run scripts/setup once; it installs the parts of pages")

_CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


@cache
def read_template(name: str) -> str:
    """Read a template.

    Raises
    ------
    InvalidInput
        If the installation is incomplete.
    """
    return _read_text(resource_dir("templates") / name)


@cache
def inline_asset(asset: str) -> str:
    """Return a script or style sheet as text that needs no other file.

    Images of a style sheet become data URLs, references to source maps are removed, and files of other projects get
    their licence as a comment.

    Parameters
    ----------
    asset : str
        Path within ``static``.

    Raises
    ------
    InvalidInput
        If it is missing: ``scripts/setup`` installs scripts and styles of other projects.
    ValueError
        If it is a URL of another host: pages contain everything they need.

    Examples
    --------
    >>> inline_asset("https://example.org/some.js")
    Traceback (most recent call last):
    ...
    ValueError: not an own asset: https://example.org/some.js
    """
    if ":" in asset or asset.startswith("/"):
        raise ValueError(f"not an own asset: {asset}")
    path = resource_dir("static") / asset
    text = _SOURCE_MAP.sub("", _read_text(path))
    if path.suffix == ".css":
        text = _CSS_URL.sub(lambda match: f"url({_data_url(path.parent, match[1])})", text)
    return _licence_comment(asset) + text


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        problem = Message(MISSING_ASSET, {"asset": path.name})
        raise InvalidInput([InputFault(problem, file=path.name, advice=Message(RUN_SETUP))]) from None


def _data_url(directory: Path, link: str) -> str:
    """Return the data URL of an image; a link to no file (``#default#VML`` of old browsers) stays as it is."""
    if link.startswith(("#", "data:")):
        return link
    image = directory / link
    return f"data:{MIME_TYPES[image.suffix]};base64,{base64.b64encode(image.read_bytes()).decode()}"


def _licence_comment(asset: str) -> str:
    """Return a comment with the licence of another project's package; an empty text for our own files."""
    if not asset.startswith("vendor/"):
        return ""
    package = "/".join(asset.split("/")[:3])
    return f"/*\n{_read_text(resource_dir('static') / package / 'LICENSE')}*/\n"
