"""Layers of maps are sent by gzip: they are the largest answers, and phones fetch them out of doors."""

import gzip

from flask import Flask, Response, request

from gridmap.web.geojson import MIMETYPE

LEAST = 1000
"""Bytes from which on it is worth while."""
LEVEL = 1
"""A quarter more bytes than by 6, in a quarter of the time."""


def install(app: Flask) -> None:
    """Squeeze what may be squeezed."""
    app.after_request(_squeezed)


def _squeezed(answer: Response) -> Response:
    """Layers and nothing else: of a page that holds both a secret and what was asked, the size would tell the secret.

    See BREACH, https://breachattack.com.
    """
    if answer.mimetype != MIMETYPE or answer.is_streamed or answer.content_encoding:
        return answer
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] and (answer.content_length or 0) >= LEAST:
        answer.set_data(gzip.compress(answer.get_data(), LEVEL, mtime=0))
        answer.content_encoding = "gzip"
    return answer
