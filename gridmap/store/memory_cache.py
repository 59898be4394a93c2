"""Bounded cache in the memory of a process."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock


class MemoryCache:
    """Cache that the threads of a process share; the value that was used longest ago is evicted when it is full.

    Parameters
    ----------
    max_entries : int
        Maximum number of values.

    Examples
    --------
    >>> cache = MemoryCache(2)
    >>> for key in "aba":
    ...     cache.put(key, key.upper())
    >>> cache.put("c", "C")
    >>> [cache.get(key) for key in "abc"]
    ['A', None, 'C']
    """

    def __init__(self, max_entries: int) -> None:
        self.max_entries = max_entries
        self._values: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> object:
        """Return a value, or None if it is not in the cache."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def put(self, key: Hashable, value: object) -> None:
        """Store a value, which nobody changes from then on."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self.max_entries:
                self._values.popitem(last=False)

    def clear(self) -> None:
        """Remove all values."""
        with self._lock:
            self._values.clear()
