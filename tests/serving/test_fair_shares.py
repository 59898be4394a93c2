"""Shares of accounts and addresses in the threads and the queue of a real web process."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from gridmap.serving.admission.fair_queue import FairQueue
from tests.serving.service_process import SupervisedService, start_sample_service


@pytest.fixture(scope="module")
def single_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedService]:
    """Return a service with one web process: 8 threads, 6 of them for one owner, and a queue of 32."""
    service = start_sample_service("0", "--processes", "1", home=tmp_path_factory.mktemp("fair"))
    yield service
    service.stop()


def ask(service: SupervisedService, owner: str, path: str) -> requests.Response:
    headers = {"Cookie": f"owner={owner}", "Connection": "close"}
    return requests.get(service.url + path, headers=headers, timeout=60)


def duration_s(service: SupervisedService, *owners: str) -> float:
    """Return the seconds that requests of half a second take, which owners send at the same time."""
    started_at = time.monotonic()
    with ThreadPoolExecutor(len(owners)) as pool:
        assert all(answer.ok for answer in pool.map(lambda owner: ask(service, owner, "/slow/0.5"), owners))
    return time.monotonic() - started_at


def test_six_requests_of_an_account_are_answered_at_once_and_the_seventh_after_them(
    single_process: SupervisedService,
) -> None:
    assert duration_s(single_process, *["busy"] * 6) < 1
    assert duration_s(single_process, *["busy"] * 7) >= 1


def test_two_accounts_use_all_eight_threads(single_process: SupervisedService) -> None:
    assert duration_s(single_process, *["busy"] * 6, *["other"] * 2) < 1


@pytest.fixture
def flood(single_process: SupervisedService) -> Iterator[list[socket.socket]]:
    """Send four times as many slow requests of one account as the process can hold."""
    port = int(single_process.url.rpartition(":")[2])
    many = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(160)]
    for one in many:
        one.sendall(b"GET /slow/1.0 HTTP/1.1\r\nHost: x\r\nCookie: owner=busy\r\nConnection: close\r\n\r\n")
    time.sleep(0.5)
    yield many
    for one in many:
        one.close()


def test_a_flood_of_one_account_delays_no_other(single_process: SupervisedService, flood: list[socket.socket]) -> None:
    started_at = time.monotonic()
    answers = [ask(single_process, f"other-{number}", "/who") for number in range(10)]
    assert [answer.status_code for answer in answers] == [200] * 10
    assert time.monotonic() - started_at < 2


def test_a_flood_of_one_address_delays_no_account(single_process: SupervisedService) -> None:
    with ThreadPoolExecutor(60) as pool:
        floods = [pool.submit(requests.get, f"{single_process.url}/slow/0.5", timeout=60) for _ in range(60)]
        time.sleep(0.2)
        started_at = time.monotonic()
        assert ask(single_process, "somebody", "/who").status_code == 200
        assert time.monotonic() - started_at < 1
        assert {flooded.result().status_code for flooded in floods} == {200, 503}


def test_the_queue_makes_room_at_the_cost_of_the_owner_with_most_requests(
    single_process: SupervisedService, flood: list[socket.socket]
) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: ask(single_process, "other", "/slow/0.1"), range(10)))
    assert {answer.status_code for answer in answers} == {200}
    statuses = [one.recv(4096)[9:12] for one in flood]
    assert statuses.count(b"503") >= 120
    assert 20 <= statuses.count(b"200") <= 40


def test_a_request_is_refused_where_its_owner_has_as_many_as_any_other() -> None:
    queue = FairQueue(max_running=1)
    for owner in ("one", "one", "one", "two"):
        queue.append(owner, owner)
    assert queue.make_room("one") is None
    removed = queue.make_room("two")
    assert removed is not None
    assert (removed.owner, removed.number) == ("one", 3)
    assert queue.make_room("two") is None
