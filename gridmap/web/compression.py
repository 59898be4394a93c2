"""Compression of responses: phones fetch them on slow networks. Files by Brotli where the browser takes it, else gzip.

The size of a compressed page that holds a secret beside text from the request would reveal the secret (BREACH,
https://breachattack.com). Only pages are compressed that hold no such text: those asked for by GET and without a query.
Their path names a page or a row that exists, and what they show was stored before. Length and secret are further apart
by a random number of bytes, as in Django (https://ieeexplore.ieee.org/document/9754554).
"""

import gzip
import io
import secrets
from functools import lru_cache
from pathlib import Path

import brotli
import rjsmin
from flask import Flask, Response, current_app, request

from gridmap.web.geojson import GEOJSON_MIMETYPE

MIN_GZIP_BYTES = 1000
"""Smaller responses are sent as they are."""
LARGE_LEVEL, LARGE_BYTES = 1, 500_000
"""A quarter more bytes than by level 6, in a quarter of the time: large layers are made for each request."""
LEVEL = 6
FILE_LEVEL = 9
"""Files are compressed once."""
VENDOR = "vendor"
"""Folder of scripts that are small already, and keep the notices of their licences; ours lose their comments."""
MAX_PADDING_BYTES = 100
MAX_FILES = 1024
"""Compressed files that a process keeps, each in both encodings; the service has fewer."""
TEXT_MIMETYPES = frozenset(
    {"text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json"}
)


def init_app(app: Flask) -> None:
    """Compress layers of maps, static files, and pages without text from the request."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    is_file = request.endpoint == "static" and response.mimetype in TEXT_MIMETYPES
    if not is_file and (response.is_streamed or not _is_compressible(response)):
        return response
    if response.content_encoding or response.status_code != 200:
        return response
    response.vary.add("Accept-Encoding")
    encoding = "br" if is_file and request.accept_encodings["br"] else "gzip"
    if not request.accept_encodings[encoding] or (response.content_length or 0) < MIN_GZIP_BYTES:
        return response
    if is_file:
        _replace_file(response, encoding)
    elif response.mimetype == GEOJSON_MIMETYPE:
        response.set_data(_compress_layer(response.get_data()))
    else:
        response.set_data(_compress_page(response.get_data()))
    response.content_encoding = encoding
    return response


def _is_compressible(response: Response) -> bool:
    """Return whether a response is a layer, or a page without text from the request."""
    is_plain_page = response.mimetype == "text/html" and request.method == "GET" and not request.query_string
    return response.mimetype == GEOJSON_MIMETYPE or is_plain_page


def _compress_layer(content: bytes) -> bytes:
    return gzip.compress(content, LEVEL if len(content) < LARGE_BYTES else LARGE_LEVEL, mtime=0)


def _compress_page(content: bytes) -> bytes:
    """Compress a page; the header of the file has a name of random length, so that its size tells less."""
    buffer = io.BytesIO()
    name = "a" * (1 + secrets.randbelow(MAX_PADDING_BYTES))
    with gzip.GzipFile(name, "wb", LEVEL, buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()


def _replace_file(response: Response, encoding: str) -> None:
    """Put the compressed content of a static file into its response."""
    path = Path(current_app.static_folder or "") / str((request.view_args or {})["filename"])
    response.close()  # the file that Flask has opened
    response.direct_passthrough = False
    response.set_data(_compress_file(path, encoding))
    response.set_etag(response.get_etag()[0] or "", weak=True)  # one for both encodings


@lru_cache(maxsize=MAX_FILES)
def _compress_file(path: Path, encoding: str) -> bytes:
    """Compress a file once; another version of it is of another process, as its URL changes."""
    content = path.read_bytes()
    if path.suffix == ".js" and VENDOR not in path.parts:
        content = rjsmin.jsmin(content)
    return brotli.compress(content) if encoding == "br" else gzip.compress(content, FILE_LEVEL, mtime=0)
