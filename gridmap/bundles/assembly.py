"""Assembly of a bundle from a checkout, on a machine with a network."""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from gridmap.bundles import contents, reader
from gridmap.bundles.bill_of_materials import SBOM_FILE, Component, build_bom, list_components
from gridmap.bundles.signature import load_key
from gridmap.bundles.writer import build_manifest, write_bundle

OPENER = "open_bundle.py"


def make_bundle(root: Path, key_file: Path, folder: Path, report: Callable[[str], None]) -> Path:
    """Make a bundle for machines with the system of this one, and return its file.

    Parameters
    ----------
    root : Path
        Checkout that has been set up.
    key_file : Path
        Private key that signs the bundle.
    folder : Path
        Folder for the bundle, its bill of materials, and the program that opens it.
    report : callable
        Receives the name of every step.
    """
    key, release = load_key(key_file), contents.describe_release(root)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gridmap-bundle-") as name:
        work = Path(name)
        report("the project and the scripts of its pages")
        files = contents.list_project_files(root)
        report("wheels of requirements.lock")
        files |= contents.download_wheels(root / "requirements.lock", work / "wheels")
        report("Debian packages of PostGIS and Caddy")
        files |= contents.download_debs(work / "debs")
        report("checksums, bill of materials and signature")
        manifest = build_manifest(release, reader.describe_system(), files)
        files |= {SBOM_FILE: _write_bom(work / "sbom.json", release, list_components(manifest, files))}
        manifest = build_manifest(release, manifest.system, files)
        bundle = folder / f"{manifest.name}.tar"
        write_bundle(manifest, files, key, bundle, int(release["seconds"]))
        shutil.copyfile(files[SBOM_FILE], bundle.with_suffix(".cdx.json"))
    shutil.copyfile(reader.__file__, folder / OPENER)
    return bundle


def _write_bom(file: Path, release: Mapping[str, str], components: list[Component]) -> Path:
    file.write_text(json.dumps(build_bom(release, components), indent=1) + "\n", "utf-8")
    return file
