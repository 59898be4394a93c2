"""Layers of maps are sent by gzip: they are the largest answers, and phones fetch them out of doors."""

import gzip

from flask import Flask, Response, request

from gridmap.web.geojson import GEOJSON_MIMETYPE

MIN_GZIP_BYTES = 1000
"""Bytes from which on it is worth while."""
GZIP_LEVEL = 1
"""A quarter more bytes than by 6, in a quarter of the time."""


def init_app(app: Flask) -> None:
    """Squeeze what may be squeezed."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    """Layers and nothing else: of a page that holds both a secret and what was asked, the size would tell the secret.

    See BREACH, https://breachattack.com.
    """
    if response.mimetype != GEOJSON_MIMETYPE or response.is_streamed or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] and (response.content_length or 0) >= MIN_GZIP_BYTES:
        response.set_data(gzip.compress(response.get_data(), GZIP_LEVEL, mtime=0))
        response.content_encoding = "gzip"
    return response
