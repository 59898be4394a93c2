"""Which database there is: one that was given, or programs found on the machine or fetched."""

import os
from pathlib import Path

import pytest

from gridmap.core.errors import BadInput
from gridmap.core.progress import silent
from gridmap.store import cluster
from gridmap.store.cluster import address, binaries, databases, packages, private, programs

Patch = pytest.MonkeyPatch
NOWHERE = "postgresql://anna:secret@127.0.0.1:9/town"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: Patch) -> Path:
    """An empty place for private copies."""
    monkeypatch.setattr(private, "places", lambda: (tmp_path,))
    return tmp_path


@pytest.mark.parametrize(
    "spelling", ["postgres://", "postgresql://", "postgresql+psycopg2://", "postgresql+psycopg://"]
)
def test_every_spelling_of_an_address_is_understood(spelling: str) -> None:
    assert address.normal(f"{spelling}anna@db:5433/town") == "postgresql+psycopg2://anna@db:5433/town"


@pytest.mark.parametrize(
    "said", ["mysql://anna@db/town", "town", "postgresql://anna@db", "sqlite://", "postgresql://["]
)
def test_what_is_no_address_is_refused_with_an_example(said: str) -> None:
    with pytest.raises(BadInput, match="DATABASE_URL") as refused:
        address.normal(said)
    assert "postgresql://" in str(refused.value.faults[0].advice)


def test_a_database_that_is_given_is_used_and_nothing_is_started(
    database_url: str, monkeypatch: Patch, own_home: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("postgresql+psycopg2", "postgres"))
    assert (cluster.start(), cluster.url(), cluster.running()) == (database_url, database_url, False)
    assert not (own_home / "postgres").exists()


def test_a_server_without_postgis_is_refused_in_clear_words(database_url: str, monkeypatch: Patch) -> None:
    monkeypatch.setattr(databases, "NEEDED", ("no_such_extension",))
    monkeypatch.setenv("DATABASE_URL", database_url)
    with pytest.raises(BadInput, match="has no extension no_such_extension"):
        cluster.start()


def test_a_server_too_old_is_told_which_would_do(database_url: str, monkeypatch: Patch) -> None:
    monkeypatch.setattr(databases, "OLDEST", 99)
    monkeypatch.setenv("DATABASE_URL", database_url)
    with pytest.raises(BadInput, match="is PostgreSQL") as refused:
        cluster.start()
    assert "15 or newer" in str(refused.value.faults[0].advice)


def test_a_server_that_cannot_be_reached_is_named_without_its_password(monkeypatch: Patch) -> None:
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    with pytest.raises(BadInput, match=r"anna:\*\*\*@127.0.0.1") as refused:
        cluster.start()
    assert "start the server" in str(refused.value.faults[0].advice)


def test_an_interrupted_copy_is_not_used(place: Path) -> None:
    (place / "postgis-99").mkdir()
    assert private.copies() == {}


def test_the_newest_copy_comes_first(place: Path) -> None:
    for version in (9, 15, 17):
        (place / f"postgis-{version}").mkdir()
        (place / f"postgis-{version}" / packages.COMPLETE).touch()
    assert list(private.copies()) == [17, 15, 9]


def test_a_renewed_copy_takes_the_place_of_the_old_one(place: Path) -> None:
    for name in ("postgis-15", "postgis-15.part"):
        (place / name).mkdir()
        (place / name / packages.COMPLETE).write_text(name)
    packages.replace(place / "postgis-15", place / "postgis-15.part")
    assert [(path.name, (path / packages.COMPLETE).read_text()) for path in place.iterdir()] == [
        ("postgis-15", "postgis-15.part")
    ]


def test_a_copy_that_cannot_be_renewed_stays(place: Path, monkeypatch: Patch) -> None:
    (place / "postgis-15").mkdir()
    (place / "postgis-15" / packages.COMPLETE).touch()
    pretend_apt(place, monkeypatch, "E: Failed to fetch", offered="postgresql-15-postgis-3")
    with pytest.raises(BadInput):
        private.renewed(15, silent)
    assert list(private.copies()) == [15]


def test_a_machine_without_apt_is_told_to_give_a_database(place: Path, monkeypatch: Patch) -> None:
    monkeypatch.setenv("PATH", str(place))
    with pytest.raises(BadInput, match="no apt") as refused:
        private.unpacked(None, silent)
    assert "DATABASE_URL" in str(refused.value.faults[0].advice)


def test_a_machine_without_network_is_told_to_connect(place: Path, monkeypatch: Patch) -> None:
    pretend_apt(place, monkeypatch, "E: Failed to fetch http://somewhere  Could not connect to somewhere:80")
    with pytest.raises(BadInput, match="offer no PostGIS") as refused:
        private.unpacked(None, silent)
    assert "network" in str(refused.value.faults[0].advice)


def test_a_full_disk_is_said_and_nothing_is_left(place: Path, monkeypatch: Patch) -> None:
    pretend_apt(place, monkeypatch, "E: write (28: No space left on device)", offered="postgresql-15-postgis-3")
    with pytest.raises(BadInput, match="could not be fetched") as refused:
        private.unpacked(None, silent)
    assert "space" in str(refused.value.faults[0].advice)
    assert [path.name for path in place.glob("postgis*")] == ["postgis.lock"]


def pretend_apt(place: Path, monkeypatch: Patch, words: str, offered: str = "") -> None:
    """Put an apt first on the path that fails with some words."""
    folder = place / "bin"
    folder.mkdir()
    for name, script in (("apt-get", f"echo '{words}' >&2; exit 100"), ("apt-cache", f"echo {offered}")):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_a_package_leads_to_what_it_depends_on_and_virtual_ones_to_their_providers() -> None:
    said = "libpq5\n  Depends: libc6\n |Depends: libssl3\nproj\n  Depends: <perl:any>\n    perl\n"
    assert packages.leads_of(said) == {"libpq5": ["libc6", "libssl3"], "proj": ["perl", "perl"]}


def test_only_programs_that_can_read_the_data_are_taken(place: Path, own_home: Path, monkeypatch: Patch) -> None:
    monkeypatch.setenv("PATH", str(place))
    (own_home / "postgres").mkdir()
    (own_home / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(BadInput, match="the data are of PostgreSQL 9"):
        cluster.start()


def test_the_clients_of_a_newer_server_are_sought(place: Path, monkeypatch: Patch) -> None:
    for version in (14, 16, 17):
        (place / f"usr/lib/postgresql/{version}/bin").mkdir(parents=True)
        (place / f"usr/lib/postgresql/{version}/bin/pg_dump").touch()
    monkeypatch.setattr(binaries, "SYSTEM", place)
    monkeypatch.setenv("PATH", str(place))
    found = binaries.newer(15)
    assert found is not None
    assert found.version == 16


def test_programs_see_nothing_of_the_users_settings(monkeypatch: Patch) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    seen = programs.run("env")
    assert "PGHOST" not in seen
    assert "LC_ALL=C.UTF-8" in seen
