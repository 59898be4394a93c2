"""Assets of pages: found, and independent of other files."""

import json
from pathlib import Path

import pytest

from gridmap import config
from gridmap.config import resource_dir
from gridmap.core.errors import InvalidInput
from gridmap.maps.assets import LEAFLET_PATH, inline_asset, read_template

PACKAGE_LOCK = json.loads((resource_dir("static") / "vendor" / "package-lock.json").read_text("utf-8"))
PACKAGES = {name: package for name, package in PACKAGE_LOCK["packages"].items() if name}


def test_leaflet_is_inlined_with_its_licence() -> None:
    script = inline_asset(f"{LEAFLET_PATH}.js")
    assert script.startswith("/*\nBSD 2-Clause License")
    assert "sourceMappingURL" not in script


def test_images_of_a_style_are_inlined() -> None:
    style = inline_asset(f"{LEAFLET_PATH}.css")
    assert style.count("url(data:image/png;base64,") == 3
    assert "url(images" not in style


@pytest.mark.parametrize("address", ["https://example.org/x.js", "//example.org/x.js", "/etc/hosts", "file:x.js"])
def test_an_asset_of_another_host_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an own asset"):
        inline_asset(address)


def test_a_missing_asset_is_reported_with_advice() -> None:
    with pytest.raises(InvalidInput) as caught:
        inline_asset("vendor/node_modules/absent/absent.js")
    assert "absent.js" in str(caught.value)
    assert "scripts/setup" in str(caught.value.faults[0].advice)


def test_an_installed_package_has_its_own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gridmap" / "static").mkdir(parents=True)
    monkeypatch.setattr(config, "PACKAGE_DIR", tmp_path / "gridmap")
    assert resource_dir("static") == tmp_path / "gridmap" / "static"
    assert resource_dir("templates") == tmp_path / "templates"


def test_the_template_is_found() -> None:
    assert read_template("map.html").startswith("<!doctype html>")


def test_the_lock_pins_every_script_and_names_no_host() -> None:
    assert all(package["integrity"].startswith("sha512-") for package in PACKAGES.values())
    assert all("resolved" not in package for package in PACKAGES.values())
    assert "://" not in json.dumps(PACKAGE_LOCK)
