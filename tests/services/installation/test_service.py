"""The service: whether it runs and is ready, and refusals where it cannot be installed."""

import fcntl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gridmap.core.errors import NotPossible
from gridmap.services.installation import service, units
from gridmap.services.installation.units import ServiceInstallation


class ReadyHandler(BaseHTTPRequestHandler):
    """Answers `/readyz` as a service that is ready."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Keep quiet."""


@pytest.fixture
def ready_url() -> Iterator[str]:
    """Return the URL of a service that is ready."""
    with HTTPServer(("127.0.0.1", 0), ReadyHandler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def held_lock(tmp_path: Path, ready_url: str) -> Iterator[Path]:
    """Hold the lock of a home, as a supervisor does."""
    with (tmp_path / "serve.lock").open("w") as lock:
        lock.write(ready_url)
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield tmp_path


def test_a_service_runs_while_its_supervisor_holds_the_lock(held_lock: Path, tmp_path: Path) -> None:
    assert service.is_running(held_lock)
    with pytest.raises(NotPossible, match="without a service unit"):
        service.require_stopped(held_lock)


def test_a_lock_that_nobody_holds_is_of_a_service_that_has_ended(tmp_path: Path) -> None:
    assert not service.is_running(tmp_path)
    (tmp_path / "serve.lock").write_text("http://127.0.0.1:1")
    assert not service.is_running(tmp_path)
    service.require_stopped(tmp_path)


def test_a_service_that_answers_is_ready(held_lock: Path) -> None:
    service.wait_until_ready(ServiceInstallation(Path("/opt"), held_lock), timeout_s=5)


def test_the_answer_of_another_service_on_the_same_port_does_not_count(ready_url: str, tmp_path: Path) -> None:
    (tmp_path / "serve.lock").write_text(ready_url)
    with pytest.raises(NotPossible, match="journalctl --user -u gridmap"):
        service.wait_until_ready(ServiceInstallation(Path("/opt"), tmp_path), timeout_s=0)


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "http://127.0.0.1:1"])
def test_nothing_else_is_ready(url: str) -> None:
    assert not service.is_ready(url)


def test_without_systemd_the_refusal_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotPossible, match=r"/opt/gridmap-1/\.venv/bin/gridmap serve"):
        service.require_systemd(ServiceInstallation(Path("/opt/gridmap-1"), Path("/home")))


def test_without_a_unit_nothing_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "unit_file", lambda: tmp_path / "gridmap.service")
    assert service.uninstall_service() is False
    assert service.service_status()["unit"] is None
