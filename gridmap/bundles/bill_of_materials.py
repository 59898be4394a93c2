"""Software bill of materials of a bundle (SBOM), as CycloneDX 1.6: wheels, scripts of pages, Debian packages."""

import base64
import json
import re
import subprocess
import uuid
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from urllib.parse import quote

from gridmap.bundles.reader import Manifest

SBOM_FILE = "bundle/sbom.cdx.json"
PACKAGE_LOCK = "static/vendor/package-lock.json"
Component = dict[str, object]
DEB_FIELDS = ("Package", "Version", "Architecture")
SPDX_EXPRESSION = re.compile(r"[\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*")


def build_bom(release: Mapping[str, str], components: Iterable[Component]) -> dict[str, object]:
    """Return the bill of materials of a bundle; the same bundle gives the same one.

    Parameters
    ----------
    release : mapping
        Name of the bundle, version of gridmap and time of its revision.
    components : iterable of Component
        As the functions of this module make them.
    """
    serial = uuid.uuid5(uuid.NAMESPACE_URL, release["name"])
    gridmap = {"type": "application", "bom-ref": "gridmap", "name": "gridmap", "version": release["version"]}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": release["created"],
            "component": gridmap | {"licenses": [{"license": {"id": "Apache-2.0"}}]},
        },
        "components": sorted(components, key=lambda component: str(component["bom-ref"])),
    }


def list_components(manifest: Manifest, files: Mapping[str, Path]) -> list[Component]:
    """Return every package in a bundle, from the list of its files."""
    wheels = [name for name in files if name.endswith(".whl")]
    debs = [name for name in files if name.endswith(".deb")]
    return [
        *(describe_wheel(Path(name).name, str(manifest.files[name]["sha256"])) for name in wheels),
        *(describe_deb(files[name], str(manifest.files[name]["sha256"]), manifest.system["id"]) for name in debs),
        *describe_npm_packages(json.loads(files[PACKAGE_LOCK].read_text("utf-8"))),
    ]


def describe_wheel(file_name: str, sha256: str) -> Component:
    """Return the component of a wheel, with the licence that its package declares here.

    >>> describe_wheel("no_such_town-1.0-py3-none-any.whl", "ab")["purl"]
    'pkg:pypi/no-such-town@1.0'
    """
    name, version = file_name.split("-")[:2]
    name = name.replace("_", "-").lower()
    return _component(name, version, f"pkg:pypi/{name}@{version}", ("SHA-256", sha256), _declared_licence(name))


def _declared_licence(name: str) -> str:
    try:
        fields = metadata(name)
    except PackageNotFoundError:
        return ""
    names = [name for name in ("License-Expression", "License") if name in fields]
    return fields[names[0]].strip().partition("\n")[0] if names else ""


def describe_deb(path: Path, sha256: str, system: str) -> Component:
    """Return the component of a Debian package; its licences are in its own file copyright."""
    command = ["dpkg-deb", "--field", str(path), *DEB_FIELDS]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our arguments
    fields = dict(line.split(": ", 1) for line in output.splitlines())
    name, version = fields["Package"], fields["Version"]
    purl = f"pkg:deb/{system}/{quote(name)}@{quote(version)}?arch={fields['Architecture']}"
    return _component(name, version, purl, ("SHA-256", sha256), "")


def describe_npm_packages(lock: Mapping[str, Mapping[str, Mapping[str, str]]]) -> list[Component]:
    """Return the components of a lock file of npm.

    >>> lock = {"packages": {"": {}, "node_modules/@a/b": {"version": "1.0.0", "integrity": "sha512-AAAA"}}}
    >>> [component["purl"] for component in describe_npm_packages(lock)]
    ['pkg:npm/%40a/b@1.0.0']
    """
    packages = {path.rpartition("node_modules/")[2]: entry for path, entry in lock["packages"].items() if path}
    return [
        _component(
            name,
            entry["version"],
            f"pkg:npm/{quote(name)}@{entry['version']}",
            ("SHA-512", base64.b64decode(entry["integrity"].removeprefix("sha512-")).hex()),
            entry.get("license", ""),
        )
        for name, entry in packages.items()
    ]


def _component(name: str, version: str, purl: str, digest: tuple[str, str], licence: str) -> Component:
    component: Component = {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "hashes": [{"alg": digest[0], "content": digest[1]}],
    }
    if licence:
        component["licenses"] = [_licence(licence)]
    return component


def _licence(text: str) -> dict[str, object]:
    """Return a licence as CycloneDX has it: an expression of SPDX, else its name as declared.

    >>> _licence("MIT OR Apache-2.0"), _licence("BSD License, see file")
    ({'expression': 'MIT OR Apache-2.0'}, {'license': {'name': 'BSD License, see file'}})
    """
    return {"expression": text} if SPDX_EXPRESSION.fullmatch(text) else {"license": {"name": text}}
