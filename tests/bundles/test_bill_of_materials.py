"""The bill of materials: every package of a bundle, valid by the schema of CycloneDX."""

import json
import subprocess
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from gridmap.bundles import reader
from gridmap.bundles.bill_of_materials import PACKAGE_LOCK, build_bom, list_components
from gridmap.bundles.writer import build_manifest
from tests.bundles.conftest import RELEASE
from tests.source_files import ROOT

CONTROL = (
    "Package: proj-data\nVersion: 1:9.1.1-1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: test\n"
)


@pytest.fixture
def bom(tmp_path: Path) -> dict[str, object]:
    """Return the bill of materials of a bundle with two wheels, a Debian package and the scripts of pages."""
    (tmp_path / "tree" / "DEBIAN").mkdir(parents=True)
    (tmp_path / "tree" / "DEBIAN" / "control").write_text(CONTROL)
    subprocess.run(["dpkg-deb", "--build", "tree", "proj.deb"], cwd=tmp_path, check=True, capture_output=True)
    for name in ("flask-3.1.3-py3-none-any.whl", "argon2_cffi-25.1.0-py3-none-any.whl"):
        (tmp_path / name).write_text("wheel")
    files = {f"bundle/wheels/{path.name}": path for path in tmp_path.glob("*.whl")}
    files |= {"bundle/debs/postgis-15/proj.deb": tmp_path / "proj.deb", PACKAGE_LOCK: ROOT / PACKAGE_LOCK}
    manifest = build_manifest(RELEASE, reader.describe_system() | {"id": "debian"}, files)
    return build_bom(RELEASE, list_components(manifest, files))


def components(bom: dict[str, object]) -> dict[str, dict[str, object]]:
    listed = bom["components"]
    assert isinstance(listed, list)
    return {component["purl"]: component for component in listed}


def test_the_bill_of_materials_is_valid_cyclonedx(bom: dict[str, object]) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bom)) is None


def test_every_package_is_in_it(bom: dict[str, object]) -> None:
    found = set(components(bom))
    assert found >= {
        "pkg:pypi/flask@3.1.3",
        "pkg:pypi/argon2-cffi@25.1.0",
        "pkg:deb/debian/proj-data@1%3A9.1.1-1?arch=all",
        "pkg:npm/leaflet@1.9.4",
        "pkg:npm/%40mapbox/vector-tile@3.0.0",
    }
    assert len(found) == 3 + len(json.loads((ROOT / PACKAGE_LOCK).read_text("utf-8"))["packages"]) - 1


def test_a_component_has_the_checksum_of_its_file_and_its_licence(bom: dict[str, object]) -> None:
    wheel = components(bom)["pkg:pypi/flask@3.1.3"]
    digest = "ba59926159d2aa256eb8739b8da7e2b574b960e1202c6d624cbe981cef996c91"
    assert wheel["hashes"] == [{"alg": "SHA-256", "content": digest}]
    assert wheel["licenses"] == [{"expression": "BSD-3-Clause"}]


def test_the_same_bundle_has_the_same_bill_of_materials(bom: dict[str, object]) -> None:
    assert bom["serialNumber"] == build_bom(RELEASE, [])["serialNumber"]
    assert bom["serialNumber"] != build_bom(RELEASE | {"name": "gridmap-9.9"}, [])["serialNumber"]
