"""Certificate of the office for our TLS proxy, checked before anything listens with it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from gridmap.core.errors import N_, Message, NotPossible

NAME_PATTERN = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
WARNING_PERIOD = timedelta(days=30)
NO_CERTIFICATE = N_("{file} holds no certificate in PEM format.")
NO_KEY = N_("{file} holds no private key (PEM, without a passphrase); name the key's file with --certificate-key.")
WRONG_KEY = N_("The key in {key_file} does not belong to the certificate in {file}.")
EXPIRED = N_("The certificate in {file} expired on {date}; get a new one.")
NOT_YET_VALID = N_("The certificate in {file} is valid from {date} on; check the clock of this machine, or wait.")
NO_NAMES = N_("The certificate in {file} names no host (subject alternative name), so that no browser would accept it.")
UNREADABLE = N_("{file} cannot be read: {words}")
EXPIRES_SOON = N_("The certificate in {file} expires on {date}: get a new one, and start gridmap again.")


@dataclass(frozen=True)
class Certificate:
    """Certificate with its key, which browsers accept for its names.

    Parameters
    ----------
    file, key_file : Path
        Chain of certificates and private key, in PEM format.
    names : tuple of str
        Names and addresses of its subject alternative name.
    expires_at : datetime
    """

    file: Path
    key_file: Path
    names: tuple[str, ...]
    expires_at: datetime

    def warnings(self) -> list[Message]:
        """Return a message if the certificate expires soon."""
        soon = self.expires_at - datetime.now(UTC) < WARNING_PERIOD
        values = {"file": self.file, "date": self.expires_at.date()}
        return [Message(EXPIRES_SOON, values)] if soon else []


def load_certificate(file: Path, key_file: Path | None = None) -> Certificate:
    """Return a certificate with its key.

    Parameters
    ----------
    file : Path
        Certificate, with those that issued it, in PEM format.
    key_file : Path, optional
        Private key; by default in the same file, or in the file of the same name that ends in ``.key``.

    Raises
    ------
    NotPossible
        If it cannot be read, is not valid now, names no host, or the key is not its own.
    """
    found, chosen = _read_certificate(file), key_file or _find_key_file(file)
    if _public_bytes(_read_key(chosen).public_key()) != _public_bytes(found.public_key()):
        raise NotPossible(Message(WRONG_KEY, {"file": file, "key_file": chosen}))
    now = datetime.now(UTC)
    if now > found.not_valid_after_utc:
        raise NotPossible(Message(EXPIRED, {"file": file, "date": found.not_valid_after_utc.date()}))
    if now < found.not_valid_before_utc:
        raise NotPossible(Message(NOT_YET_VALID, {"file": file, "date": found.not_valid_before_utc.date()}))
    return Certificate(file.resolve(), chosen.resolve(), _names(found, file), found.not_valid_after_utc)


def _read_certificate(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_read(file))[0]
    except ValueError as error:
        raise NotPossible(Message(NO_CERTIFICATE, {"file": file})) from error


def _find_key_file(file: Path) -> Path:
    key_file = file.with_suffix(".key")
    return file if b"PRIVATE KEY" in _read(file) or not key_file.exists() else key_file


def _read_key(file: Path) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(_read(file), None)
    except (ValueError, TypeError) as error:
        raise NotPossible(Message(NO_KEY, {"file": file})) from error


def _public_bytes(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _names(certificate: x509.Certificate, file: Path) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound as error:
        raise NotPossible(Message(NO_NAMES, {"file": file})) from error
    dns_names = [name for name in names.get_values_for_type(x509.DNSName) if NAME_PATTERN.fullmatch(name)]
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    if not (dns_names or addresses):
        raise NotPossible(Message(NO_NAMES, {"file": file}))
    return (*dns_names, *addresses)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotPossible(Message(UNREADABLE, {"file": file, "words": error.strerror})) from error
