"""Bounded cache on disk, with a folder for each cache key.

A file begins with a checksum of its key, name and content. A power failure or a full disk may leave a file that is
empty, cut off or full of zeros; such a file must not be served as a map without buildings.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

EVICT_TO_SHARE = 0.75
"""Share of the maximum size that remains after an eviction, so that the next one is not due at once."""
CHECKSUM_BYTES = 32
CHECKS_PER_FILL = 16
"""Number of times a process checks the size while it writes as much as the maximum size."""


class DiskCache:
    """Cache of files that several processes share; the oldest files are evicted when it is full.

    Parameters
    ----------
    folder : Path
        Folder of the cache, which the first `put` creates; only its owner can read it.
    max_bytes : int
        Maximum size. A process checks it after writing a sixteenth of it.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder, self.max_bytes, self.bytes_since_check = folder, max_bytes, 0

    def get(self, cache_key: str, name: str) -> bytes | None:
        """Return a content, or None if it is not in the cache; a damaged file is removed.

        Parameters
        ----------
        cache_key : str
            Letters and digits that identify everything the content depends on, the rights of the account included:
            a content is found under its own key only.
        name : str
            Name of the content.
        """
        path = self.folder / cache_key / name
        try:
            stored = path.read_bytes()
        except OSError:
            return None
        content = stored[CHECKSUM_BYTES:]
        if stored[:CHECKSUM_BYTES] == _checksum(cache_key, name, content):
            return content
        with suppress(OSError):  # another process has removed it
            path.unlink()
        return None

    def put(self, cache_key: str, name: str, content: bytes) -> None:
        """Store a content; a failure, such as a full disk, is ignored, since the content can be made again."""
        with suppress(OSError):
            self._write(self.folder / cache_key / name, _checksum(cache_key, name, content) + content)
        self.bytes_since_check += len(content)
        if self.bytes_since_check * CHECKS_PER_FILL >= self.max_bytes:
            self.bytes_since_check = 0
            self.evict()

    def evict(self) -> None:
        """Remove the oldest files if the cache is larger than its maximum size."""
        files = sorted(self._files())
        total = sum(size for _, size, _ in files)
        if total <= self.max_bytes:
            return
        for _, size, path in files:
            if total <= self.max_bytes * EVICT_TO_SHARE:
                break
            with suppress(OSError):  # another process has removed it
                path.unlink()
            with suppress(OSError):  # the folder has other files
                path.parent.rmdir()
            total -= size

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file completely or not at all; the temporary file has mode 0600 from the start."""
        for folder in (self.folder, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            draft = Path(file.name)
            try:
                file.write(content)
                file.flush()
                draft.replace(path)
            except OSError:  # a draft that stays would fill a full disk further
                draft.unlink(missing_ok=True)
                raise

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """Yield time of change, size and path of each file."""
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                status = path.stat()
                yield status.st_mtime, status.st_size, path


def _checksum(cache_key: str, name: str, content: bytes) -> bytes:
    """Return the SHA-256 of a content and its place: a file moved to another key or name is damaged, too."""
    return hashlib.sha256(b"\0".join((cache_key.encode(), name.encode(), content))).digest()
