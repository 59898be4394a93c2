"""Fixtures with a running sample service."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.service_process import SupervisedService, start_sample_service


@pytest.fixture(scope="module")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedService]:
    """A running service for the tests of a module that do not change it."""
    service = start_sample_service(home=tmp_path_factory.mktemp("shared"))
    yield service
    service.stop()


@pytest.fixture
def service(gridmap_home: Path) -> Iterator[SupervisedService]:
    """A running service, ended after the test in any case."""
    service = start_sample_service()
    yield service
    if service.supervisor.poll() is None:
        os.kill(service.supervisor.pid, signal.SIGKILL)
    service.supervisor.communicate()
