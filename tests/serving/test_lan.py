"""Phones in the same network: Caddy in front, with an authority that they can come to trust."""

import shutil
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from gridmap.core.errors import Unable
from gridmap.serving import lan
from gridmap.store.cluster.private import places
from gridmap.texts import LANGUAGES, say
from tests.serving.conftest import Served, start
from tests.serving.test_supervisor import second


def free_ports() -> list[str]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        return [str(each.getsockname()[1]) for each in (one, two)]


@dataclass
class Network:
    """What a phone sees."""

    inner: Served
    address: str
    trust: str
    home: Path

    @property
    def root(self) -> str:
        return str(self.home / "caddy" / "pki" / "authorities" / "local" / "root.crt")

    def get(self, path: str) -> requests.Response:
        return requests.get(self.address + path, verify=self.root, timeout=10)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    if not (shutil.which("caddy") or any((place / "caddy").exists() for place in places())):
        pytest.skip("no Caddy on this machine, and tests fetch none")
    port, trust_port = free_ports()
    home = tmp_path_factory.mktemp("network")
    service = start("0", "--lan", port, trust_port, home=home)
    seen = Network(service, f"https://127.0.0.1:{port}", f"http://127.0.0.1:{trust_port}", home)
    yield seen
    seen.inner.stop()


def test_who_trusts_the_certificate_is_served_by_tls(network: Network) -> None:
    told = network.get("/seen").json()
    assert told["scheme"] == "https"
    assert told["host"] == network.address.removeprefix("https://")
    assert told["secure"] is True


def test_who_does_not_trust_it_is_warned(network: Network) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(network.address, timeout=10)


def test_the_certificate_comes_with_a_page_in_every_language(network: Network) -> None:
    page = requests.get(network.trust + "/trust", timeout=10)
    assert all(say("Download the certificate", language) in page.text for language in LANGUAGES)
    assert all(phone in page.text for phone in ("iPhone", "Android", "HarmonyOS"))
    assert lan.fingerprint(Path(network.root)) in page.text


def test_the_certificate_is_the_root_and_nothing_else_of_the_authority(network: Network) -> None:
    given = requests.get(network.trust + "/gridmap.crt", timeout=10)
    assert given.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert given.text == Path(network.root).read_text()
    assert requests.get(network.trust + "/pki/authorities/local/root.key", timeout=10).status_code == 404


def test_keys_are_for_their_owner_alone(network: Network) -> None:
    assert (network.home / "caddy").stat().st_mode & 0o077 == 0


def test_the_authority_outlives_a_restart(network: Network) -> None:
    before = Path(network.root).read_text()
    network.inner.stop()
    ports = (address.rpartition(":")[2] for address in (network.address, network.trust))
    network.inner = start("0", "--lan", *ports, home=network.home)
    assert network.get("/livez").text == "live"
    assert Path(network.root).read_text() == before


def test_a_port_for_phones_that_is_taken_is_named(own_home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert "GRIDMAP_LAN_PORT=" in second("0", "--lan", str(other.getsockname()[1]), "1")


def test_a_fingerprint_is_that_of_the_encoded_certificate(tmp_path: Path) -> None:
    (tmp_path / "root.crt").write_text(ssl.DER_cert_to_PEM_cert(b"certificate"))
    assert lan.fingerprint(tmp_path / "root.crt").startswith("03 D6 ")


def test_the_code_to_scan_has_its_three_corners() -> None:
    rows = lan.code("http://192.168.1.5:8444/trust")
    assert len({len(row) for row in rows}) == 1
    assert rows[1].startswith("██ ▄▄▄▄▄ █")
    assert rows[1].endswith("█ ▄▄▄▄▄ ██")


def test_a_machine_in_no_network_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "NOWHERE", "255.255.255.255")
    with pytest.raises(Unable, match="--lan-host"):
        lan.own_address()
