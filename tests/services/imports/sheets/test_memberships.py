"""Service groups in a register of residents: joined, never ended; unknown ones and those that are off are faults."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.services.accounts.encryption_keys import load_or_create_key_ring
from gridmap.services.imports.sheets.run import apply_import, prepare_import
from gridmap.services.imports.sheets.undo import undo_import
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.services.imports.sheets.conftest import DAY, Apply, OpenAccount, Prepare, request_of
from tests.services.imports.sheets.test_import import CHILD, LI, ZHANG, counts


def members(session: Session) -> list[tuple[str, str, date, date | None, str]]:
    rows = session.execute(
        text(
            "SELECT r.name, g.key, lower(m.valid), upper(m.valid), m.source FROM service_group_member m"
            " JOIN resident r ON r.id = m.resident_id JOIN service_group g ON g.id = m.service_group_id ORDER BY m.id"
        )
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("cell", "keys"),
    [
        ("低保对象", ["minimum_allowance"]),
        (" 低保对象 ； Elderly living alone/VETERAN ", ["minimum_allowance", "elderly_alone", "veteran"]),
        ("低保对象、minimum_allowance、Minimum living allowance", ["minimum_allowance"]),
        ("", []),
    ],
)
def test_groups_are_named_in_chinese_in_english_or_by_key(
    session: Session, apply: Apply, cell: str, keys: list[str]
) -> None:
    apply("residents", [{**LI, "服务类别": cell}])
    assert members(session) == [("李红", key, DAY, None, "register") for key in keys]


def test_a_group_more_is_a_change_and_undone_with_the_import(session: Session, prepare: Prepare, apply: Apply) -> None:
    apply("residents", [ZHANG, LI, CHILD])
    before = members(session)
    rows = [ZHANG, {**LI, "服务类别": "志愿者"}, CHILD]
    assert counts(prepare, "residents", rows, "another office") == {"changed": 1, "unchanged": 2}
    run = apply("residents", rows, "another office")
    assert members(session) == [*before, ("李红", "volunteer", DAY, None, "another office")]
    undo_import(session, OWNER, run.run_id)
    assert members(session) == before


def test_a_group_that_the_sheet_no_longer_names_is_proposed_only(
    session: Session, prepare: Prepare, apply: Apply
) -> None:
    apply("residents", [ZHANG])
    before = members(session)
    preview = prepare("residents", [{**ZHANG, "服务类别": "退役军人"}])
    assert (preview.counts()["unchanged"], preview.bad_rows) == (1, set())
    assert "no longer names the service group 低保对象: it stays" in preview.reasons("en")[2]
    assert prepare("residents", [{**ZHANG, "服务类别": ""}], "another office").reasons("en") == {}
    assert members(session) == before


def test_a_sheet_without_the_column_says_nothing_of_groups(prepare: Prepare, apply: Apply) -> None:
    apply("residents", [ZHANG])
    preview = prepare("residents", [{name: value for name, value in ZHANG.items() if name != "服务类别"}])
    assert (preview.counts()["unchanged"], preview.problems) == (1, [])


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("低保对象、低保户", "低保户 is no service group of this subdistrict; it has: 低保对象、特困人员、"),
        ("低保对象、残疾人", "残疾人 is sensitive and has no legal basis, so nobody is recorded in it: remove it"),
        ("volunteer", "志愿者 is not in use, so nobody is recorded in it: remove it"),
    ],
)
def test_a_group_that_takes_nobody_is_a_fault_of_the_row(
    session: Session, prepare: Prepare, cell: str, reason: str
) -> None:
    session.execute(text("UPDATE service_group SET in_use = false WHERE key = 'volunteer'"))
    preview = prepare("residents", [LI, {**ZHANG, "服务类别": cell}])
    assert reason in preview.reasons("en")[3]
    apply_import(preview, good_rows_only=True)
    assert members(session) == []


def groups_seen(session: Session) -> list[str]:
    keys = "SELECT g.key FROM service_group_member m JOIN service_group g ON g.id = m.service_group_id"
    return list(session.scalars(text(keys)))


@pytest.fixture
def station(module_database_url: str, open_account: OpenAccount) -> Session:
    """Session of a station; the town has an encryption key, and a basis for one sensitive group."""
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        load_or_create_key_ring(session, OWNER)
        session.execute(
            text("UPDATE service_group SET legal_basis = '《监狱法》第三十七条', in_use = true WHERE key = 'released'")
        )
    database.close()
    return open_account("station")


def test_a_station_records_a_sensitive_group_with_a_basis_and_undoes_it(station: Session, tmp_path: Path) -> None:
    caller = caller_of(station)
    apply_import(prepare_import(station, caller, request_of(tmp_path, "residents", [LI])))
    named = request_of(tmp_path, "residents", [{**LI, "服务类别": "released"}])
    run = apply_import(prepare_import(station, caller, named))
    assert groups_seen(station) == ["released"]
    assert prepare_import(station, caller, named).counts()["unchanged"] == 1
    undo_import(station, caller, run.run_id)
    assert groups_seen(station) == []


def test_who_moves_stays_in_all_groups(session: Session, apply: Apply) -> None:
    apply("residents", [ZHANG])
    session.execute(text("UPDATE resident SET valid = '[2026-01-01,)'"))
    session.execute(text("UPDATE service_group_member SET valid = '[2026-01-01,)'"))
    before = members(session)
    run = apply("residents", [{**ZHANG, "楼号": "3号楼", "服务类别": "低保对象、独居老人"}])
    known = [row for row in members(session) if row[3] is None]
    assert [(key, first) for _, key, first, _, _ in known] == [
        (key, DAY) for key in ("minimum_allowance", "veteran", "elderly_alone")
    ]
    assert [row[2:4] for row in members(session) if row not in known] == [(date(2026, 1, 1), DAY)] * 2
    undo_import(session, OWNER, run.run_id)
    assert members(session) == before
