"""Load generator: many HTTP clients in one process, with a summary as JSON in the last line.

Usage: python -m tests.benchmarks.harness.load_generator ADDRESS SECONDS --connections N [--rate R]
       [--slow headers|bodies] [--path PATH]... [--header LINE]...
Without --rate, every connection sends its next request as soon as the previous one is answered. With it, all
connections together send so many requests per second, whether or not earlier ones are answered; a connection that
still waits for an answer skips its turn. With --slow, a request never ends: it sends one byte now and then.
"""

import argparse
import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles
from urllib.parse import urlsplit

REQUEST_TIMEOUT_S = 30.0
SLOW_BYTE_INTERVAL_S = 3.0
SUCCESS_STATUSES = ("200", "304")
INCOMPLETE_REQUESTS = {
    "headers": b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "bodies": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n",
}


@dataclass
class LoadGenerator:
    """Clients of one address with the statuses and latencies of their requests."""

    host: str
    port: int
    paths: list[str]
    ends_at: float
    extra_headers: str = ""
    statuses: Counter[str] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)
    request_count: int = 0

    async def send_requests(self, delay_s: float, interval_s: float) -> None:
        """Send requests on one connection until the end: after every answer, or once in every `interval_s`."""
        send_at, connection = time.monotonic() + delay_s, None
        while (now := time.monotonic()) < self.ends_at:
            if send_at > now:
                await asyncio.sleep(min(send_at, self.ends_at) - now)
                continue
            connection = await self._send_request(connection)
            send_at = max(send_at + interval_s, time.monotonic() - interval_s) if interval_s else 0.0
        if connection:
            connection[1].close()

    async def _send_request(self, connection: "HttpConnection | None") -> "HttpConnection | None":
        self.request_count += 1
        start = time.monotonic()
        path = self.paths[self.request_count % len(self.paths)]
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                connection = connection or await asyncio.open_connection(self.host, self.port)
                status, keep_alive = await request_path(connection, path, self.extra_headers)
        except (OSError, EOFError, TimeoutError) as error:
            status, keep_alive = type(error).__name__, False
        self.statuses[status] += 1
        if status in SUCCESS_STATUSES:
            self.latencies_s.append(time.monotonic() - start)
        if connection and not keep_alive:
            connection[1].close()
        return connection if keep_alive else None

    async def send_slowly(self, request_start: bytes) -> None:
        """Begin a request and never finish it; begin again when the server has closed the connection."""
        while time.monotonic() < self.ends_at:
            try:
                reader, writer = await asyncio.open_connection(self.host, self.port)
                writer.write(request_start)
                self.statuses["begun"] += 1
                while time.monotonic() < self.ends_at and not reader.at_eof():
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(SLOW_BYTE_INTERVAL_S)
                writer.close()
            except OSError:
                self.statuses["thrown out"] += 1

    def summary(self, seconds: float) -> dict[str, object]:
        """Return the statuses, rates and latencies of the whole run."""
        times = self.latencies_s if len(self.latencies_s) > 1 else [0.0, 0.0]
        cuts = quantiles(times, n=100)
        served = sum(self.statuses[status] for status in SUCCESS_STATUSES)
        rates = {"offered_rps": self.request_count / seconds, "served_rps": served / seconds}
        return {"statuses": self.statuses, **rates, "p50_ms": 1000 * cuts[49], "p99_ms": 1000 * cuts[98]}


HttpConnection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def request_path(connection: HttpConnection, path: str, extra_headers: str = "") -> tuple[str, bool]:
    """Request a path and read the whole answer; return its status and whether the connection stays open."""
    reader, writer = connection
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n{extra_headers}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, _, after = head.partition(b"content-length:")
    if after:  # an answer "not modified" has no body and need not state a length
        await reader.readexactly(int(after.split(None, 1)[0]))
    return head.split(None, 2)[1].decode(), b"connection: close" not in head


async def run_clients(generator: LoadGenerator, connections: int, rate: float, slow: str) -> None:
    """Run all connections side by side until the end."""
    interval_s = connections / rate if rate else 0.0
    if slow:
        clients = [generator.send_slowly(INCOMPLETE_REQUESTS[slow]) for _ in range(connections)]
    else:
        delays = (interval_s * number / connections for number in range(connections))
        clients = [generator.send_requests(delay_s, interval_s) for delay_s in delays]
    await asyncio.gather(*clients)


def main() -> None:
    """Read the command line, generate load, print the summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("seconds", type=float)
    parser.add_argument("--path", action="append", dest="paths")
    parser.add_argument("--header", action="append", dest="headers", default=[], help="NAME: VALUE, sent each time")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--slow", choices=INCOMPLETE_REQUESTS, default="")
    options = parser.parse_args()
    address = urlsplit(options.address)
    headers = "".join(f"{line}\r\n" for line in options.headers)
    ends_at = time.monotonic() + options.seconds
    paths = options.paths or ["/livez"]
    generator = LoadGenerator(address.hostname or "", address.port or 80, paths, ends_at, headers)
    asyncio.run(run_clients(generator, options.connections, options.rate, options.slow))
    print(json.dumps(generator.summary(options.seconds)))


if __name__ == "__main__":
    main()
