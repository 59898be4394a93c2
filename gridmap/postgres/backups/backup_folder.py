"""Backups of earlier versions: a folder with a dump in clear text, the keys, and a manifest with checksums."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmap.core.errors import N_, Message
from gridmap.postgres.backups.backup_file import OTHER_COPY_ADVICE
from gridmap.postgres.error_hints import error_with_hint
from gridmap.postgres.program_streams import CHUNK_BYTES, Send

DUMP_FILE, MANIFEST_FILE = "database.dump", "manifest.json"


@dataclass(frozen=True)
class BackupFolderReader:
    """A backup of an earlier version to read; the keys in it are not touched."""

    file: Path

    def read(self, send: Send) -> dict[str, Any]:
        """Read the whole dump, pass it on, and return the manifest.

        Raises
        ------
        InvalidInput
            If the folder is no backup, or its dump has changed.
        """
        try:
            manifest = json.loads((self.file / MANIFEST_FILE).read_text())
            expected, _ = manifest["files"][DUMP_FILE], dict(manifest["roles"])
            actual = self._send_dump(send)
        except (OSError, ValueError, KeyError, TypeError) as error:
            problem = Message(N_("{file} is no backup of gridmap"), {"file": self.file})
            raise error_with_hint(problem, str(error)) from error
        if actual != expected:
            problem = Message(N_("{file} has changed since the backup was made"), {"file": self.file / DUMP_FILE})
            raise error_with_hint(problem, advice=OTHER_COPY_ADVICE)
        return dict(manifest)

    def _send_dump(self, send: Send) -> str:
        """Pass the dump on and return its SHA-256, in hexadecimal."""
        digest = hashlib.sha256()
        with (self.file / DUMP_FILE).open("rb") as dump:
            while chunk := dump.read(CHUNK_BYTES):
                digest.update(chunk)
                send(chunk)
        return digest.hexdigest()
