"""Map tiles from a server of this machine, by HTTP as from Tianditu's."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from PIL import Image

Answer = tuple[int, bytes]


@dataclass
class TileServer:
    """A server of tiles.

    Parameters
    ----------
    url : str
    requests : list of dict
        Path and values of each request.
    """

    url: str
    requests: list[dict[str, str]] = field(default_factory=list)


def make_tile(color: tuple[int, ...] = (0, 0, 255), side: int = 256, kind: str = "PNG") -> bytes:
    output = io.BytesIO()
    Image.new("RGBA" if len(color) == 4 else "RGB", (side, side), color).save(output, kind)
    return output.getvalue()


@contextmanager
def serve_tiles(answer: Callable[[dict[str, str]], Answer]) -> Iterator[TileServer]:
    """Serve what a function makes of path and values of a request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            values = {"path": parts.path} | {name: value[0] for name, value in parse_qs(parts.query).items()}
            served.requests.append(values)
            status, content = answer(values)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if 300 <= status < 400:
                self.send_header("Location", f"{served.url}/elsewhere")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = TileServer(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
