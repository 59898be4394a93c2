"""Choice of the database: the one in DATABASE_URL, or programs installed on the machine or fetched."""

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
    """An empty folder for private copies."""
    monkeypatch.setattr(private_install, "copy_folders", lambda: (tmp_path,))
    return tmp_path


@pytest.mark.parametrize(
    "spelling", ["postgres://", "postgresql://", "postgresql+psycopg2://", "postgresql+psycopg://"]
)
def test_every_spelling_of_a_url_is_normalised(spelling: str) -> None:
    assert urls.normalise(f"{spelling}anna@db:5433/town") == "postgresql+psycopg2://anna@db:5433/town"


@pytest.mark.parametrize(
    "value", ["mysql://anna@db/town", "town", "postgresql://anna@db", "sqlite://", "postgresql://["]
)
def test_an_invalid_url_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(InvalidInput, match="DATABASE_URL") as error:
        urls.normalise(value)
    assert "postgresql://" in str(error.value.faults[0].advice)


def test_a_database_in_the_environment_is_used_and_no_server_is_started(
    database_url: str, monkeypatch: Patch, gridmap_home: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("postgresql+psycopg2", "postgres"))
    assert (lifecycle.start(), lifecycle.database_url(), lifecycle.is_running()) == (database_url, database_url, False)
    assert not (gridmap_home / "postgres").exists()


def test_a_server_without_postgis_is_refused(database_url: str, monkeypatch: Patch) -> None:
    monkeypatch.setattr(databases, "REQUIRED_EXTENSIONS", ("no_such_extension",))
    monkeypatch.setenv("DATABASE_URL", database_url)
    with pytest.raises(InvalidInput, match="has no extension no_such_extension"):
        lifecycle.start()


def test_an_old_server_is_refused_with_the_minimum_version(database_url: str, monkeypatch: Patch) -> None:
    monkeypatch.setattr(databases, "MIN_POSTGRES_VERSION", 99)
    monkeypatch.setenv("DATABASE_URL", database_url)
    with pytest.raises(InvalidInput, match="is PostgreSQL") as error:
        lifecycle.start()
    assert "15 or newer" in str(error.value.faults[0].advice)


def test_a_server_that_cannot_be_reached_is_named_without_its_password(monkeypatch: Patch) -> None:
    monkeypatch.setenv("DATABASE_URL", UNREACHABLE_URL)
    with pytest.raises(InvalidInput, match=r"anna:\*\*\*@127.0.0.1") as error:
        lifecycle.start()
    assert "start the server" in str(error.value.faults[0].advice)


def test_an_incomplete_copy_is_not_used(private_dir: Path) -> None:
    (private_dir / "postgis-99").mkdir()
    assert private_install.list_copies() == {}


def test_the_newest_copy_comes_first(private_dir: Path) -> None:
    for version in (9, 15, 17):
        (private_dir / f"postgis-{version}").mkdir()
        (private_dir / f"postgis-{version}" / apt_packages.COMPLETE_FILE).touch()
    assert list(private_install.list_copies()) == [17, 15, 9]


def test_a_renewed_copy_replaces_the_old_one(private_dir: Path) -> None:
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


def test_without_apt_the_advice_is_to_set_a_database(private_dir: Path, monkeypatch: Patch) -> None:
    monkeypatch.setenv("PATH", str(private_dir))
    with pytest.raises(InvalidInput, match="nor apt") as error:
        private_install.ensure_copy(None, ignore_progress)
    assert "DATABASE_URL" in str(error.value.faults[0].advice)


def test_without_network_the_advice_is_to_connect(private_dir: Path, monkeypatch: Patch) -> None:
    install_fake_apt(private_dir, monkeypatch, "E: Failed to fetch http://somewhere  Could not connect to somewhere:80")
    with pytest.raises(InvalidInput, match="offer no PostGIS") as error:
        private_install.ensure_copy(None, ignore_progress)
    assert "network" in str(error.value.faults[0].advice)


def test_a_full_disk_is_reported_and_nothing_remains(private_dir: Path, monkeypatch: Patch) -> None:
    install_fake_apt(
        private_dir, monkeypatch, "E: write (28: No space left on device)", available="postgresql-15-postgis-3"
    )
    with pytest.raises(InvalidInput, match="could not be fetched") as error:
        private_install.ensure_copy(None, ignore_progress)
    assert "space" in str(error.value.faults[0].advice)
    assert [path.name for path in private_dir.glob("postgis*")] == ["postgis.lock"]


def install_fake_apt(private_dir: Path, monkeypatch: Patch, output: str, available: str = "") -> None:
    """Put an apt that fails with an output first on the path."""
    folder = private_dir / "bin"
    folder.mkdir()
    for name, script in (("apt-get", f"echo '{output}' >&2; exit 100"), ("apt-cache", f"echo {available}")):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_dependencies_name_the_providers_of_virtual_packages() -> None:
    output = "libpq5\n  Depends: libc6\n |Depends: libssl3\nproj\n  Depends: <perl:any>\n    perl\n"
    assert apt_packages.parse_dependencies(output) == {"libpq5": ["libc6", "libssl3"], "proj": ["perl", "perl"]}


def test_programs_of_another_version_than_the_data_are_refused(
    private_dir: Path, gridmap_home: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("PATH", str(private_dir))
    (gridmap_home / "postgres").mkdir()
    (gridmap_home / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(InvalidInput, match="the data are of PostgreSQL 9"):
        lifecycle.start()


def test_the_oldest_suitable_client_programs_are_found(private_dir: Path, monkeypatch: Patch) -> None:
    for version in (14, 16, 17):
        (private_dir / f"usr/lib/postgresql/{version}/bin").mkdir(parents=True)
        (private_dir / f"usr/lib/postgresql/{version}/bin/pg_dump").touch()
    monkeypatch.setattr(binaries, "SYSTEM_ROOT", private_dir)
    monkeypatch.setenv("PATH", str(private_dir))
    found = binaries.find_client_binaries(15)
    assert found is not None
    assert found.version == 16


def test_programs_do_not_see_the_users_environment(monkeypatch: Patch) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    environment = subprocesses.run("env")
    assert "PGHOST" not in environment
    assert "LC_ALL=C.UTF-8" in environment
