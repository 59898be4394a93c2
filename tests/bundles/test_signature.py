"""Keys of bundles: made once, readable for their owner alone, checked by OpenSSL's own program, too."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gridmap.bundles import reader
from gridmap.bundles.signature import create_key, load_key, public_key, sign
from gridmap.core.errors import InvalidInput


def test_a_key_is_readable_for_its_owner_alone(tmp_path: Path) -> None:
    create_key(tmp_path / "key.pem")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    key = create_key(tmp_path / "key.pem")
    with pytest.raises(FileExistsError):
        create_key(tmp_path / "key.pem")
    assert public_key(load_key(tmp_path / "key.pem")) == key


@pytest.mark.parametrize("content", ["", "-----BEGIN PRIVATE KEY-----\n", "text"])
def test_other_files_are_no_keys(content: str, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(content)
    with pytest.raises(InvalidInput, match="no private key"):
        load_key(tmp_path / "key.pem")


def test_a_manifest_with_its_signature_is_accepted_by_openssl_too(tmp_path: Path) -> None:
    """Anybody can check a bundle without gridmap."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("this machine has no program of OpenSSL")
    create_key(tmp_path / "key.pem")
    key, content = load_key(tmp_path / "key.pem"), tmp_path / "manifest.json"
    content.write_bytes(b"{}")
    (tmp_path / "signature").write_bytes(key.sign(b"{}"))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public.pem").write_bytes(public)
    options = ["-verify", "-pubin", "-rawin", "-inkey", "public.pem", "-in", "manifest.json", "-sigfile", "signature"]
    subprocess.run([openssl, "pkeyutl", *options], cwd=tmp_path, check=True, capture_output=True)


def test_a_signature_names_its_key(tmp_path: Path) -> None:
    key = create_key(tmp_path / "key.pem")
    assert key.encode() in sign(b"{}", load_key(tmp_path / "key.pem"))
    assert len(reader.parse_key(key)) == 32
