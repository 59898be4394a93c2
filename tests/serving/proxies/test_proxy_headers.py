"""Headers of the office's TLS proxy count, those of others do not; hosts; the access log. All with real processes."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gridmap.core.errors import NotPossible
from gridmap.serving.access_log import compress_file
from gridmap.serving.options import service_from_options
from gridmap.serving.proxies.proxy_headers import TrustedProxies
from tests.serving.service_process import SupervisedService, start_sample_service, wait_until

FORWARDED = {
    "X-Forwarded-For": "203.0.113.66, 198.51.100.7",
    "X-Forwarded-Proto": "http, https",
    "X-Forwarded-Host": "evil.example, grid.example.org",
}
OPTIONS = {"lan": False, "certificate": None, "certificate_key": None, "lan_host": None, "lan_port": 1, "trust_port": 2}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def proxied_service(home: Path) -> Iterator[SupervisedService]:
    """Return a service whose proxy is this machine."""
    hosts = ("--allowed-host", "grid.example.org", "--allowed-host", "local")
    service = start_sample_service("0", "--behind-proxy", "127.0.0.0/8", *hosts, home=home)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def other_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedService]:
    """Return a service whose proxy is another machine."""
    service = start_sample_service("0", "--behind-proxy", "192.0.2.1", home=tmp_path_factory.mktemp("other"))
    yield service
    service.stop()


def get_seen(service: SupervisedService, headers: dict[str, str]) -> dict[str, object]:
    seen: dict[str, object] = requests.get(f"{service.url}/seen", headers=headers, timeout=10).json()
    return seen


def test_the_last_hop_of_a_trusted_proxy_names_client_scheme_and_host(proxied_service: SupervisedService) -> None:
    seen = get_seen(proxied_service, FORWARDED)
    assert (seen["from"], seen["scheme"], seen["host"]) == ("198.51.100.7", "https", "grid.example.org")
    assert seen["secure"] is True


def test_forged_headers_from_elsewhere_do_not_count(other_service: SupervisedService) -> None:
    seen = get_seen(other_service, FORWARDED)
    assert (seen["from"], seen["scheme"]) == ("127.0.0.1", "http")
    assert seen["host"] == other_service.url.removeprefix("http://")


def test_without_a_proxy_no_header_counts(shared_service: SupervisedService) -> None:
    seen = get_seen(shared_service, FORWARDED)
    assert (seen["from"], seen["scheme"], seen["secure"]) == ("127.0.0.1", "http", False)


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-Port", "X-Forwarded-By"])
def test_other_headers_of_proxies_are_removed(proxied_service: SupervisedService, header: str) -> None:
    seen = get_seen(proxied_service, {header: "for=203.0.113.66;host=evil.example"})
    assert (seen["from"], seen["host"]) == ("127.0.0.1", proxied_service.url.removeprefix("http://"))


def test_an_unknown_host_from_a_trusted_proxy_is_refused(proxied_service: SupervisedService) -> None:
    answer = requests.get(f"{proxied_service.url}/seen", headers={"X-Forwarded-Host": "evil.example"}, timeout=10)
    assert answer.status_code == 421
    assert "evil" not in answer.text


@pytest.mark.parametrize("value", ["proxy.example.org", "10.0.0.0/99", ""])
def test_a_proxy_that_is_no_address_is_refused_with_a_sentence(value: str) -> None:
    with pytest.raises(NotPossible, match="not an address"):
        service_from_options({**OPTIONS, "trusted_proxies": (value,)})


def test_a_proxy_of_the_office_and_our_own_exclude_each_other() -> None:
    with pytest.raises(NotPossible, match="choose one"):
        service_from_options({**OPTIONS, "lan": True, "trusted_proxies": ("192.0.2.1",)})


def test_the_client_of_an_untrusted_peer_is_the_peer() -> None:
    headers = {"X_FORWARDED_FOR": "203.0.113.66, 198.51.100.7"}
    assert TrustedProxies.parse(["192.0.2.1"]).client_address("192.0.2.2", headers) == "192.0.2.2"
    assert TrustedProxies.parse(["192.0.2.1"]).client_address("192.0.2.1", headers) == "198.51.100.7"


def read_access_log(home: Path) -> str:
    folders = home / "log", home / "web" / "log"  # the latter as root
    return "".join(file.read_text() for folder in folders for file in folder.glob("access-web-*.log"))


def test_a_line_of_the_access_log_has_a_pattern_and_nothing_of_a_person(
    proxied_service: SupervisedService, home: Path
) -> None:
    answer = requests.get(f"{proxied_service.url}/slow/0.25?name=lihua", headers=FORWARDED, timeout=10)
    request_id = answer.headers["X-Request-Id"]
    assert wait_until(lambda: request_id in read_access_log(home))  # written after the answer
    [line] = [line for line in read_access_log(home).splitlines() if request_id in line]
    assert re.fullmatch(
        r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} GET /slow/<float:seconds> 200 \d{3,}\.\d \d+ [0-9a-f]{16}", line
    )
    assert not re.search("lihua|0\\.25|198\\.51|example", line)


def test_unknown_addresses_and_refusals_are_logged_without_their_path(
    proxied_service: SupervisedService, home: Path
) -> None:
    for method, path, headers in (
        ("GET", "/who/li.na", {}),
        ("LI-NA", "/who", {}),
        ("GET", "/who", {"X-Long": "x" * 40_000}),
    ):
        requests.request(method, proxied_service.url + path, headers=headers, timeout=10)
    assert wait_until(lambda: all(status in read_access_log(home) for status in (" 404 ", " 405 ", " 431 ")))
    log = read_access_log(home)
    assert " GET - 404 " in log
    assert " OTHER /who 405 " in log or " OTHER - 405 " in log
    assert "li.na" not in log.lower()
    assert "li-na" not in log.lower()


def test_an_id_of_a_request_is_not_taken_from_the_client(proxied_service: SupervisedService) -> None:
    answer = requests.get(f"{proxied_service.url}/who", headers={"X-Request-Id": "forged"}, timeout=10)
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])


def test_earlier_days_of_the_access_log_are_compressed_and_private(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text("a line\n")
    compress_file(str(tmp_path / "access.log"), str(tmp_path / "access.log.gz"))
    assert gzip.decompress((tmp_path / "access.log.gz").read_bytes()) == b"a line\n"
    assert (tmp_path / "access.log.gz").stat().st_mode & 0o077 == 0
    assert not (tmp_path / "access.log").exists()
