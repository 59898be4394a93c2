"""Checks of an installation: the rule of the second factor where data are real, and in demos and rehearsals."""

from datetime import date

import pytest
from sqlalchemy import create_engine, text

from gridmap.postgres.databases import execute
from gridmap.services.operations.database_checks import DatabaseCheck, check_database
from gridmap.texts import translate
from tests.fixtures import postgis
from tests.fixtures.subdistricts import FilledDatabase, set_rehearsal_date

NEEDED = "administrators and stations need a second factor"


@pytest.fixture(scope="module")
def owner_url(filled_database: FilledDatabase) -> str:
    """Return the URL of an upgraded database with two subdistricts and their residents, by default as real ones."""
    postgis.migrate_template(filled_database.owner_url)  # a copy counts as an older version
    return filled_database.owner_url


@pytest.fixture(autouse=True)
def real_data(owner_url: str) -> None:
    set_sources(owner_url, "test")
    set_rehearsal_date(owner_url, None)


def set_sources(owner_url: str, source: str) -> None:
    execute(owner_url, *(f"UPDATE {table} SET source = '{source}'" for table in ("subdistrict", "resident")))


def check_rule(owner_url: str, *roles: str) -> DatabaseCheck:
    """Set the roles that need a second factor, and return the check of them."""
    execute(owner_url, f"UPDATE installation SET second_factor_roles = '{{{','.join(roles)}}}'")
    (check,) = (check for check in check_database(owner_url) if "second factor" in translate(check.subject, "en"))
    return check


@pytest.mark.parametrize(
    ("roles", "holds", "command"),
    [
        ((), False, "admin station"),
        (("admin",), False, "admin station"),
        (("station", "leader"), False, "leader station admin"),
        (("station", "admin"), True, "admin station"),
        (("admin", "station", "leader"), True, "leader station admin"),
    ],
)
def test_administrators_and_stations_need_a_second_factor_where_people_are_real(
    owner_url: str, roles: tuple[str, ...], holds: bool, command: str
) -> None:
    check = check_rule(owner_url, *roles)
    assert (translate(check.subject, "en"), check.holds) == (NEEDED, holds)
    assert check.advice
    advice = translate(check.advice, "en").removeprefix("run: gridmap account require-second-factor ")
    assert set(advice.split()) == set(command.split())


def test_a_demo_needs_no_second_factor(owner_url: str) -> None:
    set_sources(owner_url, "gridmap demo")
    assert check_rule(owner_url).holds
    assert "this is a demo" in translate(check_rule(owner_url, "leader").subject, "en")
    assert translate(check_rule(owner_url, "admin", "station").subject, "en") == NEEDED


@pytest.mark.parametrize("table", ["subdistrict", "resident"])
def test_one_real_subdistrict_or_person_beside_a_demo_ends_the_exemption(owner_url: str, table: str) -> None:
    set_sources(owner_url, "gridmap demo")
    execute(owner_url, f"UPDATE {table} SET source = 'register' WHERE id = (SELECT max(id) FROM {table})")
    assert not check_rule(owner_url).holds


def test_the_end_of_a_rehearsal_ends_the_exemption(owner_url: str) -> None:
    set_rehearsal_date(owner_url, date(2026, 12, 1))
    assert check_rule(owner_url).holds
    set_rehearsal_date(owner_url, None)
    assert not check_rule(owner_url).holds


def test_a_database_without_a_subdistrict_is_no_demo(database_url: str) -> None:
    postgis.migrate_template(database_url)
    assert not check_rule(database_url).holds


def test_a_database_of_an_earlier_version_is_told_to_be_upgraded_first(owner_url: str) -> None:
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        fingerprint = connection.scalar(text("SELECT obj_description('alembic_version'::regclass)"))
        connection.execute(text("COMMENT ON TABLE alembic_version IS 'earlier'"))
    subjects = [translate(check.subject, "en") for check in check_database(owner_url) if not check.holds]
    with engine.begin() as connection:
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{fingerprint}'"))
    engine.dispose()
    assert subjects == ["tables, functions and rights are of this version"]
