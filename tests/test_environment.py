"""Environment variables: their checks, and the list that code and documentation share."""

import re
from pathlib import Path

import click
import pytest

from gridmap import config
from gridmap.cli.main import commands
from gridmap.core.errors import InvalidInput
from gridmap.environment import VARIABLES, check_variables, read_variable, unknown_variables
from gridmap.secret_files import Secret
from gridmap.texts import LANGUAGES

ROOT = Path(__file__).parent.parent
NAME = re.compile(r"\bGRIDMAP_[A-Z]+(?:_[A-Z]+)*\b")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRIDMAP_TIMEZONE", "Asia/Urumqi"),
        ("GRIDMAP_TODAY", "2026-12-01"),
        ("GRIDMAP_LANGUAGE", "zh_CN.UTF-8"),
        ("GRIDMAP_LANGUAGE", "en"),
        ("GRIDMAP_PORT", "0"),
        ("GRIDMAP_PORT", "65535"),
        ("GRIDMAP_LAN_PORT", " 8443 "),
        ("GRIDMAP_BACKUP_HOUR", "23"),
        ("GRIDMAP_BEHIND_PROXY", "10.1.2.3 10.1.0.0/16 fe80::1"),
        ("GRIDMAP_DATABASE_ROLES", "x" * 56),
        ("GRIDMAP_HOME", "/nowhere/yet"),
    ],
)
def test_right_values_pass(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    check_variables()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("GRIDMAP_TIMEZONE", "Nowhere/Zone", "a time zone such as Asia/Shanghai"),
        ("GRIDMAP_TIMEZONE", "Asia", "a time zone such as Asia/Shanghai"),
        ("GRIDMAP_TIMEZONE", "../passwd", "a time zone such as Asia/Shanghai"),
        ("GRIDMAP_TODAY", "1.12.2026", "a date such as 2026-12-01"),
        ("GRIDMAP_LANGUAGE", "fr", "zh_CN or en"),
        ("GRIDMAP_PORT", "65536", "a whole number from 0 to 65535"),
        ("GRIDMAP_TRUST_PORT", "-1", "a whole number from 0 to 65535"),
        ("GRIDMAP_BACKUP_HOUR", "24", "a whole number from 0 to 23"),
        ("GRIDMAP_BACKUP_HOUR", "three", "a whole number from 0 to 23"),
        (
            "GRIDMAP_BEHIND_PROXY",
            "10.1.2.3,10.1.2.4",
            "addresses or networks such as 10.1.2.0/24, with blanks between them",
        ),
        ("GRIDMAP_DATABASE_ROLES", "x" * 57, "a name of at most 56 bytes"),
        ("GRIDMAP_SECRETS", str(Path(__file__)), "a folder"),
    ],
)
def test_wrong_values_name_variable_value_and_expectation(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput) as refused:
        check_variables()
    [fault] = refused.value.faults
    assert (fault.file, fault.value, str(fault.expected)) == (name, value, expected)


def test_all_wrong_variables_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRIDMAP_TIMEZONE", "GRIDMAP_PORT", "GRIDMAP_TODAY"):
        monkeypatch.setenv(name, "wrong")
    with pytest.raises(InvalidInput) as refused:
        check_variables()
    assert {fault.file for fault in refused.value.faults} == {"GRIDMAP_TIMEZONE", "GRIDMAP_PORT", "GRIDMAP_TODAY"}


@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_variable_is_the_default(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, value)
    check_variables()
    assert (read_variable("GRIDMAP_PORT"), config.office_time_zone(), config.rehearsal_date()) == (
        None,
        "Asia/Shanghai",
        None,
    )


def test_secrets_are_not_checked_here_and_so_never_shown() -> None:
    names = [name for secret in Secret for name in (secret.variable, f"{secret.variable}_FILE")]
    assert [VARIABLES[name].check for name in names] == [None] * 10


def test_a_variable_that_is_spelt_wrongly_is_named_with_the_right_one() -> None:
    [unlike, misspelt] = unknown_variables(["GRIDMAP_XYZ", "GRIDMAP_TIME_ZONE", "GRIDMAP_HOME", "TZ"][::-1])[::-1]
    assert (misspelt.file, str(misspelt.advice)) == ("GRIDMAP_TIME_ZONE", "did you mean GRIDMAP_TIMEZONE?")
    assert (unlike.file, unlike.advice) == ("GRIDMAP_XYZ", None)


def test_every_variable_named_in_the_code_is_listed() -> None:
    named = {name for path in (ROOT / "gridmap").rglob("*.py") for name in NAME.findall(path.read_text("utf-8"))}
    assert named - {"GRIDMAP_TIMEZON"} <= set(VARIABLES)


def test_no_other_module_reads_these_variables_itself() -> None:
    reads = re.compile(r"environ(?:\.get\(|\[)f?\"GRIDMAP_|getenv\(f?\"GRIDMAP_")
    paths = [path.name for path in (ROOT / "gridmap").rglob("*.py") if reads.search(path.read_text("utf-8"))]
    assert paths == []


def variables_of_options(command: click.Command) -> set[str]:
    """Return the variables that options of a command and of its subcommands read."""
    members = command.commands.values() if isinstance(command, click.Group) else []
    own = {str(option.envvar) for option in command.params if option.envvar}
    return own.union(*map(variables_of_options, members))


def test_the_variables_of_all_options_are_listed() -> None:
    assert {"GRIDMAP_PORT", "GRIDMAP_BACKUP_HOUR"} <= variables_of_options(commands) <= set(VARIABLES)


def test_the_table_of_the_documentation_lists_each_variable_once() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    table = page.partition("### Environment variables")[2].partition("**Drill.**")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(NAME.findall(" ".join(cells))) == sorted(VARIABLES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_of_the_pages_is_a_right_value(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMAP_LANGUAGE", language)
    check_variables()
