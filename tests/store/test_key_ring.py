"""The key file keeps the names of existing installations; values are encrypted, and a changed one is refused."""

import json

import pytest
from cryptography.fernet import Fernet

from gridmap.core.errors import NotPossible
from gridmap.secret_files import create_secret_file
from gridmap.store import key_ring

EXISTING_FILE = {
    "keys": [
        {
            "id": "0a1b2c3d",
            "made": "2025-01-02T03:04:05+00:00",
            "sealing": "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=",
            "marking": "aa" * 32,
        }
    ]
}


def write_key_file(content: object) -> None:
    create_secret_file(key_ring.key_file_path(), json.dumps(content))


def test_a_file_of_an_existing_installation_is_read() -> None:
    write_key_file(EXISTING_FILE)
    (key,) = key_ring.load_key_ring().keys
    assert (key.id, key.created_at, key.index_key) == ("0a1b2c3d", "2025-01-02T03:04:05+00:00", "aa" * 32)


def test_a_saved_file_keeps_the_names_of_an_existing_one() -> None:
    write_key_file(EXISTING_FILE)
    key_ring.save_key_ring(key_ring.load_key_ring())
    assert json.loads(key_ring.key_file_path().read_text()) == EXISTING_FILE


def test_a_file_with_an_unknown_name_is_refused() -> None:
    write_key_file({"keys": [{**EXISTING_FILE["keys"][0], "note": "?"}]})
    with pytest.raises(NotPossible, match="holds no keys"):
        key_ring.load_key_ring()


def test_a_value_of_an_earlier_version_is_decrypted() -> None:
    write_key_file(EXISTING_FILE)
    token = Fernet(EXISTING_FILE["keys"][0]["sealing"]).encrypt("身份证 110101199003070019".encode())
    assert key_ring.load_key_ring().decrypt(b"0a1b2c3d" + token) == "身份证 110101199003070019"


def test_equal_values_are_encrypted_differently_and_both_are_read() -> None:
    ring = key_ring.create_key_ring()
    first, second = ring.encrypt("13800138000"), ring.encrypt("13800138000")
    assert first != second
    assert ring.decrypt(first) == ring.decrypt(second) == "13800138000"
    assert b"13800138000" not in first


@pytest.mark.parametrize("position", [8, 9, 20, 21, -1])
def test_a_changed_value_is_refused(position: int) -> None:
    ring = key_ring.create_key_ring()
    changed = bytearray(ring.encrypt("13800138000"))
    changed[position] ^= 1
    with pytest.raises(NotPossible, match="does not decrypt"):
        ring.decrypt(bytes(changed))


@pytest.mark.parametrize("length", [8, 9, 12, 30])
def test_a_shortened_value_is_refused(length: int) -> None:
    ring = key_ring.create_key_ring()
    with pytest.raises(NotPossible, match="does not decrypt"):
        ring.decrypt(ring.encrypt("13800138000")[:length])


def test_a_value_of_one_key_is_refused_under_the_id_of_another() -> None:
    ring = key_ring.create_key_ring().with_new_key()
    value = ring.keys[0].encrypt("13800138000")
    with pytest.raises(NotPossible, match="does not decrypt"):
        ring.decrypt(ring.keys[1].id.encode() + value[8:])


def test_a_key_of_another_size_is_refused() -> None:
    write_key_file({"keys": [{**EXISTING_FILE["keys"][0], "sealing": "cw_0x689"}]})
    with pytest.raises(NotPossible, match="holds no keys"):
        key_ring.load_key_ring()


def test_values_that_are_encrypted_at_once_have_a_nonce_each() -> None:
    ring = key_ring.KeyRing((key_ring.EncryptionKey.generate(),))
    encrypted = ring.encrypt_all(["13800138000", "13800138000", ""])
    assert [ring.decrypt(value) for value in encrypted] == ["13800138000", "13800138000", ""]
    assert len(set(encrypted)) == 3
    start = key_ring.KEY_ID_LENGTH + 1
    assert len({value[start : start + key_ring.NONCE_SIZE] for value in encrypted}) == 3
    assert ring.encrypt_all([]) == []
