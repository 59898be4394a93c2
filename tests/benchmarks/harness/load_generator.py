#!/usr/bin/env python
"""A crowd of visitors in one process, for the scripts beside this file: says in its last line, as JSON, how they fared.

Usage: crowd.py ADDRESS SECONDS --connections N [--rate R] [--slow headers|bodies] [--path PATH]...
       [--header LINE]...
Without --rate every connection asks again as soon as it is answered; with it, so many requests a second are made by
all together, whether or not the earlier ones are answered (a connection that is still waiting leaves its turn out).
With --slow a request never ends: a byte now and then.
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
    """Visitors of one address, and how they fared."""

    host: str
    port: int
    paths: list[str]
    ends_at: float
    extra_headers: str = ""
    statuses: Counter[str] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)
    request_count: int = 0

    async def visit(self, first_s: float, every_s: float) -> None:
        """Ask until the time is over: at once after every answer, or in turns of `every_s`."""
        request_count, link = time.monotonic() + first_s, None
        while (now := time.monotonic()) < self.ends_at:
            if request_count > now:
                await asyncio.sleep(min(request_count, self.ends_at) - now)
                continue
            link = await self._send_request(link)
            request_count = max(request_count + every_s, time.monotonic() - every_s) if every_s else 0.0
        if link:
            link[1].close()

    async def _ask(self, link: "Link | None") -> "Link | None":
        self.request_count += 1
        begun = time.monotonic()
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                link = link or await asyncio.open_connection(self.host, self.port)
                status, stays = await ask(link, self.paths[self.request_count % len(self.paths)], self.extra_headers)
        except (OSError, EOFError, TimeoutError) as error:
            status, stays = type(error).__name__, False
        self.statuses[status] += 1
        if status in SUCCESS_STATUSES:
            self.latencies_s.append(time.monotonic() - begun)
        if link and not stays:
            link[1].close()
        return link if stays else None

    async def dribble(self, beginning: bytes) -> None:
        """Begin a request and never finish it; begin again when the server has had enough."""
        while time.monotonic() < self.ends_at:
            try:
                reader, writer = await asyncio.open_connection(self.host, self.port)
                writer.write(beginning)
                self.statuses["begun"] += 1
                while time.monotonic() < self.ends_at and not reader.at_eof():
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(SLOW_BYTE_INTERVAL_S)
                writer.close()
            except OSError:
                self.statuses["thrown out"] += 1

    def summary(self, seconds: float) -> dict[str, object]:
        """How it went."""
        times = self.latencies_s if len(self.latencies_s) > 1 else [0.0, 0.0]
        cuts = quantiles(times, n=100)
        served = sum(self.statuses[status] for status in SUCCESS_STATUSES)
        rates = {"offered_rps": self.request_count / seconds, "served_rps": served / seconds}
        return {"statuses": self.statuses, **rates, "p50_ms": 1000 * cuts[49], "p99_ms": 1000 * cuts[98]}


HttpConnection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def ask(link: HttpConnection, path: str, more: str = "") -> tuple[str, bool]:
    """Status of one answer, read whole, and whether the connection stays; with more lines of the request's head."""
    reader, writer = link
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, _, after = head.partition(b"content-length:")
    if after:  # an answer that says "not modified" has no body, and need not say so
        await reader.readexactly(int(after.split(None, 1)[0]))
    return head.split(None, 2)[1].decode(), b"connection: close" not in head


async def gather(crowd: LoadGenerator, connections: int, rate: float, slow: str) -> None:
    """Let them all come."""
    every_s = connections / rate if rate else 0.0
    if slow:
        await asyncio.gather(*(crowd.send_slowly(INCOMPLETE_REQUESTS[slow]) for _ in range(connections)))
    else:
        await asyncio.gather(*(crowd.send_requests(every_s * one / connections, every_s) for one in range(connections)))


def main() -> None:
    """Read the command line, come, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("seconds", type=float)
    parser.add_argument("--path", action="append", dest="paths")
    parser.add_argument("--header", action="append", dest="headers", default=[], help="NAME: VALUE, sent each time")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--slow", choices=INCOMPLETE_REQUESTS, default="")
    asked = parser.parse_args()
    place = urlsplit(asked.address)
    head = "".join(f"{line}\r\n" for line in asked.headers)
    ends = time.monotonic() + asked.seconds
    crowd = LoadGenerator(place.hostname or "", place.port or 80, asked.paths or ["/livez"], ends, head)
    asyncio.run(gather(crowd, asked.connections, asked.rate, asked.slow))
    print(json.dumps(crowd.summary(asked.seconds)))


if __name__ == "__main__":
    main()
