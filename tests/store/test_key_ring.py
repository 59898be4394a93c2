"""The key file keeps the names of existing installations."""

import json

import pytest

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
