"""Restart, stop and takeover by the supervisor when processes or the supervisor itself are killed."""

import os
import re
import signal
import socket
import threading
import time
from pathlib import Path

import requests

from tests.serving.service_process import (
    SupervisedService,
    is_running,
    run_second_instance,
    start_sample_service,
    wait_until,
)


def test_a_killed_web_process_is_replaced_and_no_request_fails(service: SupervisedService) -> None:
    victim = min(service.web_process_ids())
    os.kill(victim, signal.SIGKILL)
    assert all(service.get("/who").ok for _ in range(20))
    assert wait_until(lambda: len(service.web_process_ids()) == 2 and victim not in service.web_process_ids())


def test_with_all_web_processes_killed_connections_wait_for_the_new_ones(service: SupervisedService) -> None:
    for one in service.web_process_ids():
        os.kill(one, signal.SIGKILL)
    assert service.get("/who", timeout=15).ok


def test_a_web_process_that_is_stopped_for_a_second_is_replaced(service: SupervisedService) -> None:
    victim = min(service.web_process_ids())
    os.kill(victim, signal.SIGSTOP)
    time.sleep(0.5)
    assert is_running(victim)
    assert wait_until(lambda: not is_running(victim), 5)
    assert wait_until(lambda: len(service.web_process_ids()) == 2)


def test_a_home_is_served_once(service: SupervisedService) -> None:
    error = run_second_instance("0")
    assert service.url in error
    assert "already running" in error


def test_a_port_that_is_taken_is_named_with_what_to_do(gridmap_home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"GRIDMAP_PORT={port + 1 if port < 65535 else port - 1}" in run_second_instance(str(port))


def test_ctrl_c_lets_requests_finish_and_leaves_nothing_behind(service: SupervisedService) -> None:
    service.get("/who")
    children, answers = service.web_process_ids(), []
    asking = threading.Thread(target=lambda: answers.append(service.get("/slow/1.0")))
    asking.start()
    time.sleep(0.4)
    assert service.stop() == 0
    asking.join()
    assert [answer.status_code for answer in answers] == [200]
    assert not any(map(is_running, children))


def test_an_endless_request_does_not_delay_a_stop(service: SupervisedService) -> None:
    with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2]))) as waiting:
        waiting.sendall(b"GET /slow/60.0 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.3)
        begun = time.monotonic()
        assert service.stop(signal.SIGTERM) == 0
    assert time.monotonic() - begun < 10


def test_a_killed_supervisor_leaves_no_process_behind(service: SupervisedService) -> None:
    children = service.web_process_ids()
    os.kill(service.supervisor.pid, signal.SIGKILL)
    assert wait_until(lambda: not any(map(is_running, children)), 5)
    successor = start_sample_service(service.url.rpartition(":")[2])
    assert requests.get(service.url + "/livez", timeout=10).text == "live"
    assert successor.stop() == 0


def test_logs_are_readable_by_their_owner_only(service: SupervisedService, gridmap_home: Path) -> None:
    service.get("/broken")
    web_log = gridmap_home / ("web/log" if os.geteuid() == 0 else "log")  # of an account of its own
    wait_until(lambda: any(web_log.glob("access-*.log")))  # it is written after the answer has gone
    files = sorted({*(gridmap_home / "log").iterdir(), *web_log.iterdir()}, key=lambda file: file.name)
    access_logs = [file.name for file in files if file.name.startswith("access-")]  # of the process that answered
    assert access_logs in (["access-web-1.log"], ["access-web-2.log"], ["access-web-1.log", "access-web-2.log"])
    others = [file.name for file in files[len(access_logs) :]]
    assert others == ["serve.log", "web-1.log", "web-1.out", "web-2.log", "web-2.out"]
    assert {file.stat().st_mode & 0o077 for file in files} == {0}
    assert "ZeroDivisionError" in "".join(file.read_text("utf-8") for file in files)


def test_an_application_that_fails_ends_the_start_and_the_error_names_its_log(gridmap_home: Path) -> None:
    error = run_second_instance("0", "nowhere:create")
    logged = re.search(rf"web-\d ended while it was starting; ({gridmap_home}/log/web-\d.out) says why\.", error)
    assert logged, error
    assert "No module named 'nowhere'" in Path(logged[1]).read_text("utf-8")
