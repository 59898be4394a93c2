"""Encryption of many numbers, in several processes where that is faster."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from gridmap.store.key_ring import EncryptionKey, KeyRing

MIN_PARALLEL = 20_000
"""Numbers from which processes of their own are worth their start, which takes about half a second."""
CHUNK = 5_000


def encrypt_many(ring: KeyRing, numbers: Sequence[str | None]) -> list[bytes | None]:
    """Encrypt numbers with the first key of a ring; None stays None.

    Parameters
    ----------
    ring : KeyRing
    numbers : sequence of str or None
        In their normal form.
    """
    key, processes = ring.keys[0], len(os.sched_getaffinity(0))
    if len(numbers) < MIN_PARALLEL or processes < 2:
        return _encrypt(key, numbers)
    chunks = [numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return [value for part in pool.map(partial(_encrypt, key), chunks) for value in part]


def _encrypt(key: EncryptionKey, numbers: Sequence[str | None]) -> list[bytes | None]:
    return [None if number is None else key.encrypt(number) for number in numbers]
