"""Caddy as TLS proxy for phones in the local network, with its own certificate authority."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from gridmap.core.errors import NotPossible
from gridmap.serving.proxies import tls_proxy
from gridmap.texts import LANGUAGES, translate
from tests.serving.service_process import (
    SupervisedService,
    find_free_ports,
    require_caddy,
    run_second_instance,
    start_sample_service,
)


@dataclass
class LanService:
    """The service behind Caddy, as a phone reaches it."""

    service: SupervisedService
    url: str
    trust_url: str
    home: Path

    @property
    def root_certificate(self) -> str:
        return str(self.home / "caddy" / "pki" / "authorities" / "local" / "root.crt")

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, verify=self.root_certificate, timeout=10)


@pytest.fixture(scope="module")
def lan_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanService]:
    require_caddy()
    port, trust_port = find_free_ports()
    home = tmp_path_factory.mktemp("network")
    service = start_sample_service("0", "--lan", port, trust_port, home=home)
    lan = LanService(service, f"https://127.0.0.1:{port}", f"http://127.0.0.1:{trust_port}", home)
    yield lan
    lan.service.stop()


def test_a_client_that_trusts_the_certificate_is_served_by_tls(lan_service: LanService) -> None:
    request = lan_service.get("/seen").json()
    assert request["scheme"] == "https"
    assert request["host"] == lan_service.url.removeprefix("https://")
    assert request["secure"] is True


def test_the_address_of_a_client_is_its_own_and_not_what_it_claims(lan_service: LanService) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
    url = lan_service.url + "/seen"
    request = requests.get(url, headers=headers, verify=lan_service.root_certificate, timeout=10).json()
    assert (request["from"], request["scheme"]) == ("127.0.0.1", "https")


def test_a_client_that_does_not_trust_it_refuses_the_connection(lan_service: LanService) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(lan_service.url, timeout=10)


def test_the_certificate_comes_with_a_page_in_every_language(lan_service: LanService) -> None:
    page = requests.get(lan_service.trust_url + "/trust", timeout=10)
    assert all(translate("Download the certificate", language) in page.text for language in LANGUAGES)
    assert all(phone in page.text for phone in ("iPhone", "Android", "HarmonyOS"))
    assert tls_proxy.certificate_fingerprint(Path(lan_service.root_certificate)) in page.text


def test_the_certificate_is_the_root_and_nothing_else_of_the_authority(lan_service: LanService) -> None:
    answer = requests.get(lan_service.trust_url + "/gridmap.crt", timeout=10)
    assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert answer.text == Path(lan_service.root_certificate).read_text()
    assert requests.get(lan_service.trust_url + "/pki/authorities/local/root.key", timeout=10).status_code == 404


def test_keys_are_readable_by_their_owner_only(lan_service: LanService) -> None:
    assert (lan_service.home / "caddy").stat().st_mode & 0o077 == 0


def test_the_authority_outlives_a_restart(lan_service: LanService) -> None:
    before = Path(lan_service.root_certificate).read_text()
    lan_service.service.stop()
    ports = (address.rpartition(":")[2] for address in (lan_service.url, lan_service.trust_url))
    lan_service.service = start_sample_service("0", "--lan", *ports, home=lan_service.home)
    assert lan_service.get("/livez").text == "live"
    assert Path(lan_service.root_certificate).read_text() == before


def test_a_port_for_phones_that_is_taken_is_named(gridmap_home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert "GRIDMAP_LAN_PORT=" in run_second_instance("0", "--lan", str(other.getsockname()[1]), "1")


def test_a_fingerprint_is_that_of_the_encoded_certificate(tmp_path: Path) -> None:
    (tmp_path / "root.crt").write_text(ssl.DER_cert_to_PEM_cert(b"certificate"))
    assert tls_proxy.certificate_fingerprint(tmp_path / "root.crt").startswith("03 D6 ")


def test_the_code_to_scan_has_its_three_corners() -> None:
    rows = tls_proxy.qr_code_lines("http://192.168.1.5:8444/trust")
    assert len({len(row) for row in rows}) == 1
    assert rows[1].startswith("██ ▄▄▄▄▄ █")
    assert rows[1].endswith("█ ▄▄▄▄▄ ██")


def test_a_machine_without_a_network_gets_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_proxy, "TEST_NET_ADDRESS", "255.255.255.255")
    with pytest.raises(NotPossible, match="--lan-host"):
        tls_proxy.detect_lan_address()
