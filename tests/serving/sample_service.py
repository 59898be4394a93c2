"""A small Flask application that real web processes serve in tests."""

import argparse
import os
import time
from pathlib import Path

import click
from flask import Flask, Response, request

from gridmap.serving.proxies.certificate import load_certificate
from gridmap.serving.proxies.tls_proxy import LanEndpoint
from gridmap.serving.service import Service
from gridmap.web.context import REQUEST_OWNER_EXTENSION
from gridmap.web.hosts import HostFilter


def create_application(*, secure: bool, allowed_hosts: tuple[str, ...]) -> Flask:
    """Create an application whose answers take as long as requested."""
    app = Flask(__name__)
    app.wsgi_app = HostFilter(app.wsgi_app, (*allowed_hosts, "x"))  # type: ignore[method-assign]

    app.extensions[REQUEST_OWNER_EXTENSION] = lambda cookies: cookies.partition("owner=")[2] or None

    @app.get("/livez")
    def livez() -> str:
        return "live"

    @app.get("/who")
    def who() -> str:
        return str(os.getpid())

    @app.get("/slow/<float:seconds>")
    def slow(seconds: float) -> str:
        time.sleep(seconds)
        return str(os.getpid())

    @app.post("/size")
    def size() -> Response:
        return Response(str(len(request.get_data())))

    @app.get("/seen")
    def seen() -> dict[str, str | bool | None]:
        return {"scheme": request.scheme, "host": request.host, "from": request.remote_addr, "secure": secure}

    @app.get("/broken")
    def broken() -> str:
        raise ZeroDivisionError

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("application", nargs="?", default="tests.serving.sample_service:create_application")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--lan", type=int, nargs=2)
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--behind-proxy", action="append", default=[])
    parser.add_argument("--allowed-host", action="append", default=[])
    options = parser.parse_args()
    certificate = load_certificate(options.certificate) if options.certificate else None
    Service(
        port=options.port,
        processes=options.processes,
        application=options.application,
        lan=LanEndpoint("127.0.0.1", options.lan[0], options.lan[1], certificate) if options.lan else None,
        trusted_proxies=tuple(options.behind_proxy),
        allowed_hosts=tuple(options.allowed_host) or ("local",),
    ).run(click.echo)
