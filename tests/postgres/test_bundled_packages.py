"""Packages of an installation from a bundle: unpacked from there, without apt."""

import subprocess
from pathlib import Path

import pytest

from gridmap import config
from gridmap.core.progress import ignore_progress
from gridmap.postgres import private_install
from gridmap.postgres.apt_packages import COMPLETE_FILE


@pytest.fixture
def debs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of packages of an installation in which apt must not be used."""

    def fail(*arguments: object) -> None:
        raise AssertionError("apt is used")

    monkeypatch.setattr(config, "PACKAGE_DIR", tmp_path / "opened" / "gridmap")
    monkeypatch.setattr(private_install, "AptClient", fail)
    monkeypatch.setattr(private_install, "copy_folders", lambda: (tmp_path / "copies",))
    return tmp_path / "opened" / "bundle" / "debs"


def make_deb(folder: Path, name: str, file: str) -> None:
    """Make a package with one file."""
    tree = folder.parents[2] / f"tree-{name}"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: test\n"
    )
    (tree / file).parent.mkdir(parents=True)
    (tree / file).write_text(name)
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["dpkg-deb", "--build", tree, folder / f"{name}.deb"], check=True, capture_output=True)


def test_a_package_comes_from_the_bundle(debs_folder: Path) -> None:
    make_deb(debs_folder / "caddy", "caddy", "usr/bin/caddy")
    assert (private_install.ensure_package("caddy") / "usr/bin/caddy").read_text() == "caddy"


@pytest.mark.parametrize("version", [None, 15])
def test_postgis_comes_from_the_bundle(version: int | None, debs_folder: Path) -> None:
    make_deb(debs_folder / "postgis-15", "server", "usr/lib/postgresql/15/bin/initdb")
    copy = private_install.ensure_copy(version, ignore_progress)
    assert copy.name == "postgis-15"
    assert (copy / "usr/lib/postgresql/15/bin/initdb").read_text() == "server"
    assert (copy / COMPLETE_FILE).read_text() == "server.deb\n"


def test_another_version_of_postgresql_is_not_taken_from_the_bundle(debs_folder: Path) -> None:
    make_deb(debs_folder / "postgis-15", "server", "usr/lib/postgresql/15/bin/initdb")
    with pytest.raises(AssertionError, match="apt is used"):
        private_install.ensure_copy(16, ignore_progress)


def test_a_damaged_package_leaves_no_copy(debs_folder: Path, tmp_path: Path) -> None:
    (debs_folder / "postgis-15").mkdir(parents=True)
    (debs_folder / "postgis-15" / "server.deb").write_text("damaged")
    with pytest.raises(Exception, match="could not be unpacked"):
        private_install.ensure_copy(None, ignore_progress)
    assert private_install.list_copies() == {}


def test_a_checkout_has_no_packages_of_a_bundle() -> None:
    assert private_install.bundled_version() is None
    assert private_install.bundled_archives("caddy") == []
