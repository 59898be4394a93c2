"""Sentences about a restore."""

from pathlib import Path

from gridmap.cli.operations.restore_report import restore_sentences, restore_values
from gridmap.core.errors import Message
from gridmap.services.operations.restores import RestoreReport
from gridmap.services.operations.returned_rights import ReturnedRights
from gridmap.store.queries.rights import ScopePlace

NOTHING = ReturnedRights([], [], [])
RETURNED = ReturnedRights(["ann"], [ScopePlace("ann", "east", "east1", None, True)], ["bob"])


def sentences(returned: ReturnedRights, entries: int | None = 2) -> list[str]:
    report = RestoreReport("town_before_1", "2026-11-23", 3, entries, returned, [Message("a key is missing")])
    return [str(sentence) for sentence in restore_sentences(Path("town.backup"), report)]


def test_a_restore_without_returned_rights_lists_none() -> None:
    shown = sentences(NOTHING)
    assert len(shown) == 4
    assert shown[1:] == [
        "Everybody has to sign in again; 3 sessions of the backup's time are closed.",
        "The audit goes on: 2 later entries are kept, and the restore is one, too.",
        "a key is missing",
    ]


def test_rights_that_hold_again_are_listed_with_the_commands_to_take_them_away() -> None:
    *lists, advice = sentences(RETURNED)[4:]
    assert lists == [
        "Accounts that can sign in again (1): ann",
        "Scopes that hold again (1): ann east east1",
        "Accounts that may approve plans again (1): ann",
        "Accounts whose earlier password works again (1): bob",
    ]
    assert "gridmap account deactivate NAME" in advice


def test_an_audit_that_could_not_be_read_is_told_with_its_place() -> None:
    assert "are in the database town_before_1 only" in sentences(NOTHING, None)[2]


def test_the_values_for_machines_have_the_same_lists() -> None:
    report = RestoreReport("town_before_1", "2026-11-23", 3, 2, RETURNED)
    values = restore_values(Path("town.backup"), report)
    assert values["returned_accounts"] == ["ann"]
    assert values["returned_scopes"] == [("ann", "east", "east1", None, True)]
