"""Where the pages' scripts, styles and templates are, and their text made fit to stand inside a page."""

import base64
import re
from functools import cache
from pathlib import Path

from gridmap.config import folder
from gridmap.core.errors import N_, BadInput, Fault, Message

LEAFLET = "vendor/node_modules/leaflet/dist/leaflet"
KINDS = {".png": "image/png", ".svg": "image/svg+xml"}

NOT_SET_UP = N_("a part of the page is missing: {asset}")
SET_UP = N_("run scripts/setup once; it installs what pages are made of")

_LINKED = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


@cache
def template(name: str) -> str:
    """Text of a template.

    Raises
    ------
    BadInput
        If the installation is incomplete.
    """
    return _text(folder("templates") / name)


@cache
def inlined(asset: str) -> str:
    """Text of a script or style sheet that needs no other file.

    Images of a style sheet become data addresses, references to source maps go, and what others wrote carries its
    licence.

    Parameters
    ----------
    asset : str
        Path within ``static``.

    Raises
    ------
    BadInput
        If it is not there: scripts and styles of others are installed by ``scripts/setup``.
    ValueError
        If it is an address on some host: pages bring everything with them.

    Examples
    --------
    >>> inlined("https://example.org/some.js")
    Traceback (most recent call last):
    ...
    ValueError: not an own asset: https://example.org/some.js
    """
    if ":" in asset or asset.startswith("/"):
        raise ValueError(f"not an own asset: {asset}")
    path = folder("static") / asset
    text = _SOURCE_MAP.sub("", _text(path))
    if path.suffix == ".css":
        text = _LINKED.sub(lambda found: f"url({_address(path.parent, found[1])})", text)
    return _licence(asset) + text


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        problem = Message(NOT_SET_UP, {"asset": path.name})
        raise BadInput([Fault(problem, file=path.name, advice=Message(SET_UP))]) from None


def _address(place: Path, link: str) -> str:
    """The data address of an image; what is no file (an old browser's ``#default#VML``) stays as it is."""
    if link.startswith(("#", "data:")):
        return link
    image = place / link
    return f"data:{KINDS[image.suffix]};base64,{base64.b64encode(image.read_bytes()).decode()}"


def _licence(asset: str) -> str:
    """Comment with the licence of a package of others; nothing for what is our own."""
    if not asset.startswith("vendor/"):
        return ""
    home = "/".join(asset.split("/")[:3])
    return f"/*\n{_text(folder('static') / home / 'LICENSE')}*/\n"
