"""Bulk inserts by COPY: keys of the rows, also where others take some, and values in the text format of COPY."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from gridmap.store.schema import Estate, Street, Worker
from gridmap.store.writes import bulk
from gridmap.store.writes.bulk import copy_rows, reserve_ids
from tests.fixtures.subdistricts import SubdistrictIds


@pytest.fixture
def session(owner_connection: Connection) -> Session:
    """A session of the owner that is rolled back."""
    return Session(owner_connection, expire_on_commit=False)


@pytest.mark.parametrize("step", [1, 2])
def test_keys_are_those_of_the_sequence(session: Session, step: int) -> None:
    sequence = session.scalar(text("SELECT pg_get_serial_sequence('worker', 'id')"))
    session.execute(text(f"ALTER SEQUENCE {sequence} INCREMENT BY {step} RESTART WITH 1000"))
    assert reserve_ids(session, Worker, 3).tolist() == [1000, 1000 + step, 1000 + 2 * step]


def test_no_rows_need_no_keys(session: Session) -> None:
    assert reserve_ids(session, Street, 0).tolist() == []


def test_values_come_back_as_they_were(session: Session, east: SubdistrictIds) -> None:
    names = ["王\t强", "a\\b", "\\N", "李\n红", "赵"]
    shared = {"subdistrict_id": [east.subdistrict_id] * 5, "community_id": east.community_id}
    phones = ["027-1"] * 5
    full_time = [True, True, False, True, False]
    ids = copy_rows(session, Worker, {**shared, "name": names, "office_phone": phones, "full_time": full_time})
    rows = session.execute(
        text("SELECT name, office_phone, full_time FROM worker WHERE id = ANY (:ids) ORDER BY id"),
        {"ids": ids.tolist()},
    )
    assert [tuple(row) for row in rows] == list(zip(names, phones, full_time, strict=True))


def test_columns_that_are_converted_at_once_come_back_as_they_were(session: Session, east: SubdistrictIds) -> None:
    names, kinds = [None, "主\\干道", "主\\干道"], ["lane", "local", "lane"]
    shapes = shapely.set_srid(shapely.linestrings([[(0, 0), (n, 1)] for n in (1, 2, 3)]), 4326)
    columns = {"subdistrict_id": np.full(3, east.subdistrict_id), "name": names, "kind": kinds, "geometry": shapes}
    ids = copy_rows(session, Street, columns)
    rows = session.execute(
        text("SELECT name, kind, ST_AsText(geometry) FROM street WHERE id = ANY (:ids) ORDER BY id"),
        {"ids": ids.tolist()},
    )
    wkt = [f"LINESTRING(0 0,{n} 1)" for n in (1, 2, 3)]
    assert [tuple(row) for row in rows] == list(zip(names, kinds, wkt, strict=True))


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (np.array([1, 2]), ["1", "2"]),
        (np.array([1.5, np.nan]), ["1.5", "\\N"]),
        (np.array([True, False]), ["True", "False"]),
        ([3, None, 3], ["3", "\\N", "3"]),
        (pd.Series(["a", None]), ["a", "\\N"]),
        ([date(2026, 3, 1), None], ["2026-03-01", "\\N"]),
        ([pd.NaT, pd.NaT], ["\\N", "\\N"]),
        ([b"\x01", None], ["\\\\x01", "\\N"]),
        ([{"a": "\t"}, [1]], ['{"a": "\\\\t"}', "[1]"]),
        (["a\\b", "c"], ["a\\\\b", "c"]),
    ],
)
def test_values_of_any_type_are_written_as_copy_reads_them(values: Sequence[object], texts: list[str]) -> None:
    assert bulk._copy_texts(values, len(values)) == texts


@pytest.mark.parametrize(("count", "is_known"), [(199, False), (200, True)])
def test_the_database_knows_the_size_of_a_table_that_was_filled(
    session: Session, east: SubdistrictIds, count: int, *, is_known: bool
) -> None:
    """Otherwise a building is checked against every estate of its subdistrict."""
    size = text("SELECT reltuples FROM pg_class WHERE relname = 'estate'")
    before = session.scalar(size)
    keys = {"subdistrict_id": east.subdistrict_id, "community_id": east.community_id}
    copy_rows(session, Estate, {**keys, "name": [f"estate {n}" for n in range(count)]})
    assert (session.scalar(size) != before) == is_known
