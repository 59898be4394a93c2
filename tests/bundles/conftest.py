"""A small bundle, and the key that signed it."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gridmap.bundles import reader
from gridmap.bundles.writer import build_manifest, write_bundle

RELEASE = {"name": "gridmap-9.8.7-20260401-abc1234", "version": "9.8.7", "created": "2026-04-01T00:00:00+00:00"}
TIME = 1_775_000_000


@dataclass(frozen=True)
class SmallBundle:
    """A bundle of two files."""

    file: Path
    sources: dict[str, Path]
    private_key: Ed25519PrivateKey
    manifest: reader.Manifest

    @property
    def key(self) -> bytes:
        return self.private_key.public_key().public_bytes_raw()

    def sign_again(self, manifest: reader.Manifest) -> "SmallBundle":
        """Write the bundle with another list of files, signed with the right key."""
        write_bundle(manifest, self.sources, self.private_key, self.file, TIME)
        return self


@pytest.fixture
def small_bundle(tmp_path: Path) -> SmallBundle:
    """Return a bundle of a script and a large file, for this system."""
    (tmp_path / "run").write_text("#!/bin/sh\n")
    (tmp_path / "run").chmod(0o700)
    (tmp_path / "wheel").write_bytes(bytes(range(256)) * 300)
    sources = {"scripts/run": tmp_path / "run", "bundle/wheels/town.whl": tmp_path / "wheel"}
    manifest = build_manifest(RELEASE, reader.describe_system(), sources)
    bundle = SmallBundle(tmp_path / "town.tar", sources, Ed25519PrivateKey.generate(), manifest)
    return bundle.sign_again(manifest)
