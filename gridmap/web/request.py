"""What was asked, however it is spelled."""

from string import printable
from typing import Any
from urllib.parse import quote_from_bytes

import flask


class Request(flask.Request):
    """A request whose query may hold any bytes; what is no UTF-8 is read with replacement marks, as in paths and forms.

    Without it, one such byte made every look at the query an error of ours.
    """

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(environ, *args, **kwargs)
        if not self.query_string.isascii():
            self.query_string = quote_from_bytes(self.query_string, safe=printable).encode("ascii")
