"""Bulk inserts by COPY: keys of the rows, also where others take some, and values in the text format of COPY."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from gridmap.store.schema import Street, Worker
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
