"""Writing of a bundle: the signed list of its files, then the files, in an archive that depends on nothing else."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gridmap.bundles.reader import FORMAT, MANIFEST, SIGNATURE, Manifest
from gridmap.bundles.signature import sign

Files = Mapping[str, Path]


def build_manifest(release: Mapping[str, str], system: dict[str, str], files: Files) -> Manifest:
    """Return the list of some files, with their checksums.

    Parameters
    ----------
    release : mapping
        Name of the bundle, version of gridmap and time of its revision.
    system : dict
        System that the packages are for.
    files : mapping
        File by its path in the bundle.
    """
    entries = {name: _describe_file(files[name]) for name in sorted(files)}
    return Manifest(release["name"], release["version"], release["created"], system, entries)


def _describe_file(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "size": path.stat().st_size, "executable": bool(path.stat().st_mode & 0o100)}


def write_bundle(manifest: Manifest, files: Files, key: Ed25519PrivateKey, output: Path, time: int) -> None:
    """Write a bundle; the same files, key and time give the same bytes.

    Parameters
    ----------
    manifest : Manifest
        List of the files.
    files : mapping
        File by its path in the bundle.
    key : Ed25519PrivateKey
        Key that signs the list.
    output : Path
        File to write; complete or not at all.
    time : int
        Time of all files in the archive, in seconds since 1970.
    """
    content = json.dumps({"format": FORMAT, **manifest._asdict()}, indent=1, sort_keys=True).encode() + b"\n"
    part = output.with_name(f".{output.name}.part")
    with tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in ((MANIFEST, content), (SIGNATURE, sign(content, key))):
            archive.addfile(_member(f"{manifest.name}/{name}", len(data), 0o644, time), io.BytesIO(data))
        for name, entry in manifest.files.items():
            mode = 0o755 if entry["executable"] else 0o644
            with files[name].open("rb") as file:
                archive.addfile(_member(f"{manifest.name}/{name}", entry["size"], mode, time), file)
    part.replace(output)


def _member(name: str, size: int, mode: int, time: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, mode, time
    return member
