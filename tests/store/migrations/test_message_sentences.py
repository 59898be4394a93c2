"""Migration 0010 rewords stored messages, so that the catalogue translates them."""

import json
from collections.abc import Iterator

import pytest

from gridmap.core.errors import Message
from gridmap.postgres.databases import execute, fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.store.message_json import message_from_json
from gridmap.texts import translate
from tests.fixtures import postgis
from tests.store.migrations.schema_0008 import database_at_0008

pytestmark = pytest.mark.full  # a migration of an old version; test_plain_names upgrades such a database in every run

OLD_REASON = "{total} households fit no number of grids of {minimum} to {maximum}"
OLD_NOTE = "{name} lies in pieces that no way joins within one grid: it is divided"
INSERT_GRID = """
INSERT INTO revision_grid (revision_id, grid_id, subdistrict_id, kind, status, households, buildings, area_m2, reason,
    geometry)
SELECT 12, 9, 1, 'household', 'over', 560, 1, 100.0, '{reason}',
    ST_Multi(ST_MakeEnvelope(114.3, 30.5, 114.4, 30.6, 4326))
"""
VALUES = {"total": 560, "minimum": 300, "maximum": 500}


@pytest.fixture(scope="module")
def upgraded_url(postgis_server: Cluster) -> Iterator[str]:
    reason = json.dumps({"template": OLD_REASON, "values": VALUES})
    note = json.dumps([{"template": OLD_NOTE, "values": {"name": {"template": OLD_REASON, "values": VALUES}}}])
    with database_at_0008(postgis_server) as url:
        execute(url, "ALTER TABLE revision_grid DISABLE TRIGGER USER", "ALTER TABLE revision DISABLE TRIGGER USER")
        execute(url, INSERT_GRID.replace("{reason}", reason), f"UPDATE revision SET reasons = '{note}'")
        postgis.migrate_template(url)
        yield url


def read_messages(url: str) -> list[Message]:
    [(reason,)] = fetch_rows(url, "SELECT reason FROM revision_grid")
    [(notes,)] = fetch_rows(url, "SELECT reasons FROM revision")
    return [message_from_json(reason), *map(message_from_json, notes)]


def test_stored_messages_are_reworded_with_their_values(upgraded_url: str) -> None:
    text = "560 households do not fit any number of grids of 300 to 500"
    assert [str(message) for message in read_messages(upgraded_url)] == [
        text,
        f"{text} is in parts that cannot be connected within one grid, so it is divided",
    ]


def test_stored_messages_are_translated(upgraded_url: str) -> None:
    texts = [translate(message, "zh_CN") for message in read_messages(upgraded_url)]
    assert [text for text in texts if text.isascii()] == []
    assert "households" not in "".join(texts)


def test_rows_stay_immutable_after_the_upgrade(upgraded_url: str) -> None:
    enabled = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'"
    assert fetch_rows(upgraded_url, enabled) == [(0,)]
