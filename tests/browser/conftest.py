"""Chromium, and pages that fail their test on foreign requests and on console messages."""

import hashlib
import os
import pickle
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import geopandas as gpd
import pytest
from flask import Flask
from playwright.sync_api import Browser, Dialog, Page, Request, ViewportSize, sync_playwright
from waitress import wasyncore

from gridmap.services.files.map import write_map_file
from gridmap.serving.proxies.proxy_headers import TrustedProxies
from gridmap.serving.web_process import WebServer
from tests.chromium import find_chromium
from tests.fixtures import result_files

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 780}
Layers = dict[str, gpd.GeoDataFrame]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Launch the installed Chromium."""
    executable = find_chromium()
    if executable is None:
        pytest.skip("no chromium on this machine; install it to test pages in a browser")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@dataclass
class PageGuard:
    """Record of the problems of pages: foreign requests, console messages, errors and dialogs."""

    problems: list[str] = field(default_factory=list)
    allowed_prefixes: tuple[str, ...] = ("file:", "data:")
    """Prefixes of the addresses that pages may request."""

    def attach(self, page: Page) -> None:
        page.on("request", self.record_request)
        page.on("console", lambda message: self.record_message(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", self.record_dialog)

    def record_message(self, message: str) -> None:
        if not message.startswith("info: Clear-Site-Data header"):  # Chromium mentions each sign-out
            self.problems.append(message)

    def record_request(self, request: Request) -> None:
        if not request.url.startswith(self.allowed_prefixes):
            self.problems.append(f"requested {request.url}")

    def record_dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()


OpenPage = Callable[..., Page]


@pytest.fixture
def guard() -> Iterator[PageGuard]:
    """Fail the test if its pages have problems."""
    page_guard = PageGuard()
    yield page_guard
    assert page_guard.problems == []


WriteMap = Callable[[Layers, str], Path]


@pytest.fixture(scope="session")
def write_map(tmp_path_factory: pytest.TempPathFactory) -> WriteMap:
    """Return a function that writes the map file of layers in a language, once for the same layers.

    Writing one takes most of a second, and many tests look at the same one.
    """
    files: dict[tuple[bytes, str], Path] = {}

    def write(layers: Layers, language: str) -> Path:
        key = hashlib.sha256(pickle.dumps(layers)).digest(), language
        if key not in files:
            folder = tmp_path_factory.mktemp("map")
            result = result_files.write_result(folder / "result.gpkg", layers)
            write_map_file(result, folder / "map.html", language)
            files[key] = folder / "map.html"
        return files[key]

    return write


@pytest.fixture
def open_map(browser: Browser, guard: PageGuard, write_map: WriteMap) -> Iterator[OpenPage]:
    """Return a function that opens the map file of layers."""
    contexts = []

    def open_layers(layers: Layers, viewport: ViewportSize = DESKTOP, language: str = "en") -> Page:
        contexts.append(browser.new_context(viewport=viewport, has_touch=viewport is PHONE, reduced_motion="reduce"))
        page = contexts[-1].new_page()
        guard.attach(page)
        page.goto(write_map(layers, language).as_uri())
        return page

    yield open_layers
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(browser: Browser, guard: PageGuard) -> Iterator[OpenPage]:
    """Return a function that serves an application and opens a page, which may request its server only."""
    with ExitStack() as stack:

        def open_application(app: Flask, path: str, viewport: ViewportSize = DESKTOP, **options: Any) -> Page:
            address = stack.enter_context(serve_app(app))
            guard.allowed_prefixes = (*guard.allowed_prefixes, f"{address}/")
            options = {"locale": "en", "has_touch": viewport is PHONE, **options}
            context = browser.new_context(viewport=viewport, base_url=address, **options)
            stack.callback(context.close)
            page = context.new_page()
            guard.attach(page)
            page.goto(path)
            return page

        yield open_application


@contextmanager
def serve_app(app: Flask) -> Iterator[str]:
    """Serve an application as the service does and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener, Path(os.devnull).open("wb") as heartbeat:
        server = WebServer(app, listener, heartbeat.fileno(), TrustedProxies())
        thread = Thread(target=server.run)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.stop()
        thread.join()
        wasyncore.close_all(server.socket_map, ignore_all=True)
