"""A small Flask application that real web processes serve in tests."""

import argparse
import os
import time

import click
from flask import Flask, Response, request

from gridmap.serving.service import Service
from gridmap.serving.tls_proxy import LanEndpoint


def create_application(*, secure: bool) -> Flask:
    """Create an application whose answers take as long as requested."""
    app = Flask(__name__)

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
    parser.add_argument("--lan", type=int, nargs=2)
    options = parser.parse_args()
    lan = LanEndpoint("127.0.0.1", *options.lan) if options.lan else None
    Service(port=options.port, application=options.application, lan=lan).run(click.echo)
