"""Request class that accepts any bytes in the query."""

from string import printable
from typing import Any
from urllib.parse import quote_from_bytes

import flask


class Request(flask.Request):
    """Request whose query may hold any bytes; invalid UTF-8 is read with replacement characters, as in paths and forms.

    Werkzeug alone raises an error whenever such a query is read.
    """

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(environ, *args, **kwargs)
        if not self.query_string.isascii():
            self.query_string = quote_from_bytes(self.query_string, safe=printable).encode("ascii")
