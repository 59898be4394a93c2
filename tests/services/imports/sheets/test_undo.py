"""Undo of imports: a refusal names what stands on it, whatever table that is in."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import NotPossible
from gridmap.services.imports.load_report import LoadReport
from gridmap.services.imports.sheets.undo import TABLE_TITLES, undo_import
from gridmap.store.access.conditions import FORMER_CELL_TABLES
from gridmap.store.schema.journal import JOURNALED_TABLES
from gridmap.store.writes.change_sets import open_change_set
from tests.services.imports.sheets.conftest import Apply
from tests.store.table_snapshot import changed_tables, snapshot_tables

NOT_IMPORTED = {"community"}
"""Tables whose rows no import that can be undone inserts."""
GONE_WITH_THE_ROW = {*FORMER_CELL_TABLES, "building_cell"}
REFERRING = """
SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND confrelid::regclass::text = ANY (:tables)
"""
DWELLING: dict[str, object] = {"小区": "东湖花园", "楼号": "1", "房号": "101"}


def begin_later_changes(session: Session, town: LoadReport) -> None:
    """Open another change set: one a transaction is the rule, the newest of several counts."""
    open_change_set(session, "later", subdistrict_id=town.loaded.stored.subdistrict_id)


def test_every_table_that_may_keep_an_import_has_a_title(session: Session) -> None:
    imported = set(JOURNALED_TABLES) - NOT_IMPORTED
    referring = set(session.scalars(text(REFERRING), {"tables": list(imported)})) - GONE_WITH_THE_ROW
    assert {"case_step", "duty", "household"} <= referring
    assert (imported | referring) - set(TABLE_TITLES) == set()


def test_each_row_that_others_refer_to_is_counted_once(session: Session, apply: Apply, town: LoadReport) -> None:
    run = apply("dwellings", [DWELLING])
    homes = """
    INSERT INTO household (subdistrict_id, building_id, dwelling_id, kind, source)
    SELECT d.subdistrict_id, d.building_id, d.id, k, 'x' FROM dwelling d, unnest('{resident,registered}'::text[]) k
    WHERE d.number = '101'
    """
    begin_later_changes(session, town)
    session.execute(text(homes))
    before = snapshot_tables(session)
    with pytest.raises(NotPossible, match=r"other rows refer to 1 of its rows \(households\)"):
        undo_import(session, OWNER, run.run_id)
    assert changed_tables(before, snapshot_tables(session)) == []
    session.execute(text("DELETE FROM household WHERE source = 'x'"))
    undo_import(session, OWNER, run.run_id)
    assert session.scalar(text("SELECT count(*) FROM dwelling")) == 0
