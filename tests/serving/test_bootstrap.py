"""Preparation of the database before the service starts."""

import pytest

from gridmap.postgres.databases import fetch_rows
from gridmap.serving.bootstrap import prepare_database


def test_a_rehearsal_is_a_row_of_the_database_until_the_next_start(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDMAP_TODAY", "2031-05-06")
    prepare_database(database_url, demo=False)
    assert str(fetch_rows(database_url, "SELECT today()")[0][0]) == "2031-05-06"
    monkeypatch.delenv("GRIDMAP_TODAY")
    prepare_database(database_url, demo=False)
    assert fetch_rows(database_url, "SELECT rehearsal_date FROM installation") == [(None,)]
