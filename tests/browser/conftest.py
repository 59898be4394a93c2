"""A real browser, and pages that fail their test when they ask for anything from elsewhere or complain."""

import os
import shutil
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
from gridmap.serving.web_process import WebServer
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
    """Chromium as the machine has it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no chromium on this machine; install it to test pages in a browser")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@dataclass
class PageGuard:
    """Record of everything that a page must not do."""

    problems: list[str] = field(default_factory=list)
    allowed_prefixes: tuple[str, ...] = ("file:", "data:")
    """What addresses may begin with."""

    def watch(self, page: Page) -> None:
        page.on("request", self.note_request)
        page.on("console", lambda told: self.problems.append(f"{told.type}: {told.text}"))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", self.note_dialog)

    def note_request(self, request: Request) -> None:
        if not request.url.startswith(self.allowed_prefixes):
            self.problems.append(f"asked for {request.url}")

    def note_dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"ran: {dialog.message}")
        dialog.dismiss()


OpenPage = Callable[..., Page]


@pytest.fixture
def guard() -> Iterator[PageGuard]:
    """Fails the test if its pages ask for anything or complain."""
    kept = PageGuard()
    yield kept
    assert kept.problems == []


@pytest.fixture
def open_map(browser: Browser, guard: PageGuard, tmp_path: Path) -> Iterator[OpenPage]:
    """Draw layers and open their map."""
    contexts = []

    def opened(layers: Layers, viewport: ViewportSize = DESKTOP, language: str = "en") -> Page:
        result = result_files.write_result(tmp_path / "result.gpkg", layers)
        write_map_file(result, tmp_path / "map.html", language)
        contexts.append(browser.new_context(viewport=viewport, has_touch=viewport is PHONE, reduced_motion="reduce"))
        page = contexts[-1].new_page()
        guard.watch(page)
        page.goto((tmp_path / "map.html").as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(browser: Browser, guard: PageGuard) -> Iterator[OpenPage]:
    """Serve an application and open a page of it; it may ask for what its server has, and for nothing else."""
    with ExitStack() as stack:

        def opened(app: Flask, path: str, viewport: ViewportSize = DESKTOP, **taste: Any) -> Page:
            address = stack.enter_context(serve_app(app))
            guard.allowed_prefixes = (*guard.allowed_prefixes, f"{address}/")
            taste = {"locale": "en", "has_touch": viewport is PHONE, **taste}
            context = browser.new_context(viewport=viewport, base_url=address, **taste)
            stack.callback(context.close)
            page = context.new_page()
            guard.watch(page)
            page.goto(path)
            return page

        yield opened


@contextmanager
def serve_app(app: Flask) -> Iterator[str]:
    """Address of an application, served as the service does it."""
    with socket.create_server(("127.0.0.1", 0)) as listening, Path(os.devnull).open("wb") as beat:
        web = WebServer(app, listening, beat.fileno(), behind_proxy=False)
        thread = Thread(target=web.run)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        web.stop()
        thread.join()
        wasyncore.close_all(web.socket_map, ignore_all=True)
