"""Compression of GeoJSON responses by gzip: they are the largest, and phones fetch them on slow networks."""

import gzip

from flask import Flask, Response, request

from gridmap.web.geojson import GEOJSON_MIMETYPE

MIN_GZIP_BYTES = 1000
"""Smaller responses are sent as they are."""
GZIP_LEVEL = 1
"""A quarter more bytes than by level 6, in a quarter of the time."""


def init_app(app: Flask) -> None:
    """Compress GeoJSON responses."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    """Compress a GeoJSON response and no other.

    The size of a compressed page that holds a secret beside text from the request would reveal the secret: see BREACH,
    https://breachattack.com.
    """
    if response.mimetype != GEOJSON_MIMETYPE or response.is_streamed or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] and (response.content_length or 0) >= MIN_GZIP_BYTES:
        response.set_data(gzip.compress(response.get_data(), GZIP_LEVEL, mtime=0))
        response.content_encoding = "gzip"
    return response
