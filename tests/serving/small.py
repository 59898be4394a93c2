"""A small real application for real web processes: what it takes to see how they are served."""

import os
import sys
import time

import click
from flask import Flask, Response, request

from gridmap.serving.service import Service


def create(*, secure: bool) -> Flask:
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

    @app.get("/broken")
    def broken() -> str:
        raise ZeroDivisionError

    return app


if __name__ == "__main__":
    Service(port=int(sys.argv[1]), application="tests.serving.small:create").run(click.echo)
