"""The office's own certificate: checks before anything listens, and the real Caddy that serves with it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gridmap.core.errors import NotPossible
from gridmap.serving.proxies.certificate import load_certificate
from tests.serving.service_process import find_free_ports, require_caddy, start_sample_service

NAMES = (x509.DNSName("grid.example.org"), x509.IPAddress(ip_address("127.0.0.1")))


def key_pem(key: ec.EllipticCurvePrivateKey, passphrase: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def write_certificate(
    folder: Path, *, begins: float = -1, ends: float = 90, names: tuple[x509.GeneralName, ...] = NAMES
) -> tuple[Path, Path]:
    """Write a certificate that is valid from and until days from now, and its key; return both files."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "office")])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now + timedelta(days=begins)).not_valid_after(now + timedelta(days=ends))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    folder.mkdir(exist_ok=True)
    file, key_file = folder / "office.pem", folder / "office.key"
    file.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    key_file.write_bytes(key_pem(key))
    return file, key_file


def test_the_names_of_a_certificate_are_those_of_the_service(tmp_path: Path) -> None:
    assert load_certificate(write_certificate(tmp_path)[0]).names == ("grid.example.org", "127.0.0.1")


def test_a_key_may_be_in_the_same_file(tmp_path: Path) -> None:
    file, key_file = write_certificate(tmp_path)
    file.write_bytes(file.read_bytes() + key_file.read_bytes())
    key_file.unlink()
    assert load_certificate(file).key_file == file


@pytest.mark.parametrize(
    ("begins", "ends", "reason"), [(-2, -0.01, "expired on"), (0.01, 9, "valid from"), (-2, -1, "expired on")]
)
def test_a_certificate_that_is_not_valid_now_is_refused(
    tmp_path: Path, begins: float, ends: float, reason: str
) -> None:
    with pytest.raises(NotPossible, match=reason):
        load_certificate(write_certificate(tmp_path, begins=begins, ends=ends)[0])


@pytest.mark.parametrize(("days", "warned"), [(29, True), (31, False)])
def test_a_certificate_that_expires_within_a_month_is_named_at_the_start(
    tmp_path: Path, days: int, warned: bool
) -> None:
    assert bool(load_certificate(write_certificate(tmp_path, ends=days)[0]).warnings()) is warned


def test_the_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    file, _ = write_certificate(tmp_path / "one")
    _, other_key = write_certificate(tmp_path / "other")
    with pytest.raises(NotPossible, match="does not belong"):
        load_certificate(file, other_key)


def test_a_key_with_a_passphrase_is_refused(tmp_path: Path) -> None:
    file, key_file = write_certificate(tmp_path)
    key_file.write_bytes(key_pem(ec.generate_private_key(ec.SECP256R1()), b"secret"))
    with pytest.raises(NotPossible, match="passphrase"):
        load_certificate(file)


def test_a_certificate_without_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="names no host"):
        load_certificate(write_certificate(tmp_path, names=())[0])


@pytest.mark.parametrize(("content", "reason"), [(b"nothing", "no certificate"), (None, "cannot be read")])
def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    if content is not None:
        (tmp_path / "file.pem").write_bytes(content)
    with pytest.raises(NotPossible, match=reason):
        load_certificate(tmp_path / "file.pem")


class OfficeService(NamedTuple):
    """The service behind Caddy with the office's certificate."""

    url: str
    trust_url: str
    certificate: str


@pytest.fixture(scope="module")
def office_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeService]:
    require_caddy()
    file, _ = write_certificate(tmp_path_factory.mktemp("certificate"))
    port, trust_port = find_free_ports()
    home = tmp_path_factory.mktemp("home")
    service = start_sample_service("0", "--lan", port, trust_port, "--certificate", str(file), home=home)
    yield OfficeService(f"https://127.0.0.1:{port}", f"http://127.0.0.1:{trust_port}/trust", str(file))
    service.stop()


def test_caddy_serves_with_the_certificate_of_the_office(office_service: OfficeService) -> None:
    request = requests.get(f"{office_service.url}/seen", verify=office_service.certificate, timeout=10).json()
    assert (request["scheme"], request["secure"], request["from"]) == ("https", True, "127.0.0.1")


def test_no_page_asks_to_trust_an_authority_of_our_own(office_service: OfficeService) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(office_service.trust_url, timeout=10)
