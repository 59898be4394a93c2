"""Which database there is: one that was given, or programs found on the machine or fetched."""

import os
from pathlib import Path

import pytest

from gridmap.core.errors import InvalidInput
from gridmap.core.progress import ignore_progress
from gridmap.postgres import apt_packages, binaries, databases, lifecycle, private_install, subprocesses, urls

Patch = pytest.MonkeyPatch
UNREACHABLE_URL = "postgresql://anna:secret@127.0.0.1:9/town"


@pytest.fixture
def private_dir(tmp_path: Path, monkeypatch: Patch) -> Path:
    """An empty place for private copies."""
    monkeypatch.setattr(private_install, "copy_folders", lambda: (tmp_path,))
    return tmp_path


@pytest.mark.parametrize(
    "spelling", ["postgres://", "postgresql://", "postgresql+psycopg2://", "postgresql+psycopg://"]
)
def test_every_spelling_of_an_address_is_understood(spelling: str) -> None:
    assert urls.normalise(f"{spelling}anna@db:5433/town") == "postgresql+psycopg2://anna@db:5433/town"


@pytest.mark.parametrize(
    "said", ["mysql://anna@db/town", "town", "postgresql://anna@db", "sqlite://", "postgresql://["]
)
def test_what_is_no_address_is_refused_with_an_example(said: str) -> None:
    with pytest.raises(InvalidInput, match="DATABASE_URL") as refused:
        urls.normalise(said)
    assert "postgresql://" in str(refused.value.faults[0].advice)


def test_a_database_that_is_given_is_used_and_nothing_is_started(
    database_url: str, monkeypatch: Patch, gridmap_home: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("postgresql+psycopg2", "postgres"))
    assert (lifecycle.start(), lifecycle.database_url(), lifecycle.is_running()) == (database_url, database_url, False)
    assert not (gridmap_home / "postgres").exists()


def test_a_server_without_postgis_is_refused_in_clear_words(database_url: str, monkeypatch: Patch) -> None:
    monkeypatch.setattr(databases, "REQUIRED_EXTENSIONS", ("no_such_extension",))
    monkeypatch.setenv("DATABASE_URL", database_url)
    with pytest.raises(InvalidInput, match="has no extension no_such_extension"):
        lifecycle.start()


def test_a_server_too_old_is_told_which_would_do(database_url: str, monkeypatch: Patch) -> None:
    monkeypatch.setattr(databases, "MIN_POSTGRES_VERSION", 99)
    monkeypatch.setenv("DATABASE_URL", database_url)
    with pytest.raises(InvalidInput, match="is PostgreSQL") as refused:
        lifecycle.start()
    assert "15 or newer" in str(refused.value.faults[0].advice)


def test_a_server_that_cannot_be_reached_is_named_without_its_password(monkeypatch: Patch) -> None:
    monkeypatch.setenv("DATABASE_URL", UNREACHABLE_URL)
    with pytest.raises(InvalidInput, match=r"anna:\*\*\*@127.0.0.1") as refused:
        lifecycle.start()
    assert "start the server" in str(refused.value.faults[0].advice)


def test_an_interrupted_copy_is_not_used(private_dir: Path) -> None:
    (private_dir / "postgis-99").mkdir()
    assert private_install.list_copies() == {}


def test_the_newest_copy_comes_first(private_dir: Path) -> None:
    for version in (9, 15, 17):
        (private_dir / f"postgis-{version}").mkdir()
        (private_dir / f"postgis-{version}" / apt_packages.COMPLETE_FILE).touch()
    assert list(private_install.list_copies()) == [17, 15, 9]


def test_a_renewed_copy_takes_the_place_of_the_old_one(private_dir: Path) -> None:
    for name in ("postgis-15", "postgis-15.part"):
        (private_dir / name).mkdir()
        (private_dir / name / apt_packages.COMPLETE_FILE).write_text(name)
    apt_packages.replace_folder(private_dir / "postgis-15", private_dir / "postgis-15.part")
    assert [(path.name, (path / apt_packages.COMPLETE_FILE).read_text()) for path in private_dir.iterdir()] == [
        ("postgis-15", "postgis-15.part")
    ]


def test_a_copy_that_cannot_be_renewed_stays(private_dir: Path, monkeypatch: Patch) -> None:
    (private_dir / "postgis-15").mkdir()
    (private_dir / "postgis-15" / apt_packages.COMPLETE_FILE).touch()
    install_fake_apt(private_dir, monkeypatch, "E: Failed to fetch", available="postgresql-15-postgis-3")
    with pytest.raises(InvalidInput):
        private_install.renew_copy(15, ignore_progress)
    assert list(private_install.list_copies()) == [15]


def test_a_machine_without_apt_is_told_to_give_a_database(private_dir: Path, monkeypatch: Patch) -> None:
    monkeypatch.setenv("PATH", str(private_dir))
    with pytest.raises(InvalidInput, match="no apt") as refused:
        private_install.ensure_copy(None, ignore_progress)
    assert "DATABASE_URL" in str(refused.value.faults[0].advice)


def test_a_machine_without_network_is_told_to_connect(private_dir: Path, monkeypatch: Patch) -> None:
    install_fake_apt(private_dir, monkeypatch, "E: Failed to fetch http://somewhere  Could not connect to somewhere:80")
    with pytest.raises(InvalidInput, match="offer no PostGIS") as refused:
        private_install.ensure_copy(None, ignore_progress)
    assert "network" in str(refused.value.faults[0].advice)


def test_a_full_disk_is_said_and_nothing_is_left(private_dir: Path, monkeypatch: Patch) -> None:
    install_fake_apt(
        private_dir, monkeypatch, "E: write (28: No space left on device)", available="postgresql-15-postgis-3"
    )
    with pytest.raises(InvalidInput, match="could not be fetched") as refused:
        private_install.ensure_copy(None, ignore_progress)
    assert "space" in str(refused.value.faults[0].advice)
    assert [path.name for path in private_dir.glob("postgis*")] == ["postgis.lock"]


def install_fake_apt(private_dir: Path, monkeypatch: Patch, output: str, available: str = "") -> None:
    """Put an apt first on the path that fails with some words."""
    folder = private_dir / "bin"
    folder.mkdir()
    for name, script in (("apt-get", f"echo '{output}' >&2; exit 100"), ("apt-cache", f"echo {available}")):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_a_package_leads_to_what_it_depends_on_and_virtual_ones_to_their_providers() -> None:
    said = "libpq5\n  Depends: libc6\n |Depends: libssl3\nproj\n  Depends: <perl:any>\n    perl\n"
    assert apt_packages.parse_dependencies(said) == {"libpq5": ["libc6", "libssl3"], "proj": ["perl", "perl"]}


def test_only_programs_that_can_read_the_data_are_taken(
    private_dir: Path, gridmap_home: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("PATH", str(private_dir))
    (gridmap_home / "postgres").mkdir()
    (gridmap_home / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(InvalidInput, match="the data are of PostgreSQL 9"):
        lifecycle.start()


def test_the_clients_of_a_newer_server_are_sought(private_dir: Path, monkeypatch: Patch) -> None:
    for version in (14, 16, 17):
        (private_dir / f"usr/lib/postgresql/{version}/bin").mkdir(parents=True)
        (private_dir / f"usr/lib/postgresql/{version}/bin/pg_dump").touch()
    monkeypatch.setattr(binaries, "SYSTEM_ROOT", private_dir)
    monkeypatch.setenv("PATH", str(private_dir))
    found = binaries.find_client_binaries(15)
    assert found is not None
    assert found.version == 16


def test_programs_see_nothing_of_the_users_settings(monkeypatch: Patch) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    seen = subprocesses.run("env")
    assert "PGHOST" not in seen
    assert "LC_ALL=C.UTF-8" in seen
