"""A small real application for real web processes: what it takes to see how they are served."""

import argparse
import os
import time

import click
from flask import Flask, Response, request

from gridmap.serving.service import Service
from gridmap.serving.tls_proxy import LanEndpoint


def create_application(*, secure: bool) -> Flask:
    """An application whose answers take as long as asked."""
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
    parser.add_argument("application", nargs="?", default="tests.serving.sample_service:create")
    parser.add_argument("--lan", type=int, nargs=2)
    asked = parser.parse_args()
    lan = LanEndpoint("127.0.0.1", *asked.lan) if asked.lan else None
    Service(port=asked.port, application=asked.application, lan=lan).run(click.echo)
