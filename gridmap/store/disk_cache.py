"""A bounded place on disk for what can be made again, where every state of things has a folder of its own."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

EVICT_TO_SHARE = 0.75
"""Part of the bound that is left after clearing up, so that it is not done again at once."""
CHECKS_PER_FILL = 16
"""How often a process looks at the size while it fills the shelf once."""


class DiskCache:
    """Files that several processes put and take; what is older goes when there is too much.

    Parameters
    ----------
    folder : Path
        Made when the first file is put; only its owner may look into it.
    max_bytes : int
        Bytes. Each process notices with a delay that there are more: by a sixteenth at the most.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder, self.max_bytes, self.bytes_since_check = folder, max_bytes, 0

    def get(self, cache_key: str, name: str) -> bytes | None:
        """What was put, or None.

        Parameters
        ----------
        cache_key : str
            Letters and digits that stand for all that the content depends on, the rights of whoever asks among them:
            no content is found under another one.
        name : str
            Of the content.
        """
        try:
            return (self.folder / cache_key / name).read_bytes()
        except OSError:
            return None

    def put(self, cache_key: str, name: str, content: bytes) -> None:
        """Keep a content; what cannot be kept (a full disk) is made again the next time."""
        with suppress(OSError):
            self._write(self.folder / cache_key / name, content)
        self.bytes_since_check += len(content)
        if self.bytes_since_check * CHECKS_PER_FILL >= self.max_bytes:
            self.bytes_since_check = 0
            self.evict()

    def evict(self) -> None:
        """Remove the oldest files if there are too many bytes."""
        found = sorted(self._files())
        held = sum(size for _, size, _ in found)
        if held <= self.max_bytes:
            return
        for _, size, path in found:
            if held <= self.max_bytes * EVICT_TO_SHARE:
                break
            with suppress(OSError):  # another process was faster
                path.unlink()
            with suppress(OSError):  # not the last of its state
                path.parent.rmdir()
            held -= size

    def _write(self, path: Path, content: bytes) -> None:
        """Whole or not at all; the temporary file is one's own (0600) from the first byte on."""
        for folder in (self.folder, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                about = path.stat()
                yield about.st_mtime, about.st_size, path
