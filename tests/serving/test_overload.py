"""Admission of requests: queue, refusals, priority, limits of size and speed."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest
import requests

from gridmap.serving.admission.overload import error_page
from gridmap.serving.web_process import MAX_BODY_BYTES, MAX_CONNECTIONS, MAX_QUEUE_LENGTH, THREADS
from tests.serving.service_process import SupervisedService

CAPACITY = 2 * (THREADS + MAX_QUEUE_LENGTH)


def open_connection(service: SupervisedService) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), timeout=30)


def test_requests_beyond_the_queue_are_refused_at_once(shared_service: SupervisedService) -> None:
    with ThreadPoolExecutor(2 * CAPACITY) as crowd:
        answers = list(crowd.map(lambda _: shared_service.get("/slow/0.5", timeout=30), range(2 * CAPACITY)))
    refused = [answer for answer in answers if answer.status_code == 503]
    assert {answer.status_code for answer in answers} == {200, 503}
    assert len(refused) >= CAPACITY / 2
    assert all(answer.headers["Retry-After"] == "2" and "再试" in answer.text for answer in refused)


@pytest.fixture
def overload(shared_service: SupervisedService) -> Iterator[None]:
    """Send many more requests at once than all processes can queue."""
    many = [open_connection(shared_service) for _ in range(4 * CAPACITY)]
    for one in many:
        one.sendall(b"GET /slow/1.5 HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.4)
    yield
    for one in many:
        one.close()


def test_the_liveness_check_is_answered_under_overload(shared_service: SupervisedService, overload: None) -> None:
    begun = time.monotonic()
    assert all(shared_service.get("/livez").text == "live" for _ in range(10))
    assert time.monotonic() - begun < 2


def test_a_refused_client_retries_on_the_same_connection(shared_service: SupervisedService, overload: None) -> None:
    link = HTTPConnection(shared_service.url.removeprefix("http://"))
    codes, sockets = [0], set()
    while codes[-1] != 200 and len(codes) < 50:
        link.request("GET", "/who")
        sockets.add(id(link.sock))
        answer = link.getresponse()
        codes.append(answer.status)
        answer.read()
        time.sleep(0.2)
    link.close()
    assert (codes[1], codes[-1], len(sockets)) == (503, 200, 1)


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(shared_service: SupervisedService) -> None:
    with open_connection(shared_service) as one:
        one.sendall(b"POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1))
        assert one.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_body_of_unknown_length_is_cut_off(shared_service: SupervisedService) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 2**20 + 1):
            yield b"x" * 2**20

    with pytest.raises(requests.RequestException):
        requests.post(shared_service.url + "/size", data=endless(), timeout=30).raise_for_status()


def test_a_body_that_fits_arrives(shared_service: SupervisedService) -> None:
    assert requests.post(shared_service.url + "/size", data=b"x" * 2**20, timeout=10).text == str(2**20)


def test_headers_that_are_too_large_are_refused(shared_service: SupervisedService) -> None:
    assert requests.get(shared_service.url + "/who", headers={"X-Long": "x" * 40_000}, timeout=10).status_code == 431


def test_slow_senders_do_not_block_others(shared_service: SupervisedService) -> None:
    slow = [open_connection(shared_service) for _ in range(200)]
    for number, one in enumerate(slow):
        one.sendall(b"POST /size HTTP/1.1\r\nContent-Length: 9\r\n\r\nx" if number % 2 else b"GET /who HTTP/1.1\r\nX-")
    assert all(shared_service.get("/who").ok for _ in range(20))
    for one in slow:
        one.close()


def test_a_process_accepts_nearly_as_many_connections_as_select_allows() -> None:
    assert MAX_CONNECTIONS > 900


@pytest.mark.parametrize("code", [400, 413, 431, 500, 501, 503])
def test_every_refusal_is_explained_in_both_languages(code: int) -> None:
    page = error_page(code).decode()
    assert f"<h1>{code}</h1>" in page
    assert 'lang="zh-CN"' in page
    assert 'lang="en"' in page
