"""Queue of requests in which each account, or address without one, has a share."""

from collections import Counter, deque
from typing import Any, NamedTuple


class WaitingRequest(NamedTuple):
    """Request that waits for a thread.

    Parameters
    ----------
    owner : str
        Account or address that it counts for.
    number : int
        Place in the order of arrival.
    channel : object
        Connection of waitress.
    """

    owner: str
    number: int
    channel: Any


class FairQueue:
    """Queue that takes turns between owners, and lets none of them use all threads.

    It is no thread-safe container: the dispatcher holds its lock.

    Parameters
    ----------
    max_running : int
        Requests of one owner that may be answered at the same time.

    Examples
    --------
    >>> queue = FairQueue(max_running=1)
    >>> for owner, name in (("busy", "first"), ("busy", "second"), ("other", "third")):
    ...     queue.append(owner, name)
    >>> [queue.popleft().channel, queue.popleft().channel, bool(queue), len(queue)]
    ['first', 'third', False, 1]
    """

    def __init__(self, max_running: int) -> None:
        self.max_running = max_running
        self.waiting: dict[str, deque[WaitingRequest]] = {}
        self.running: Counter[str] = Counter()
        self.arrivals = 0

    def __len__(self) -> int:
        """Return the number of waiting requests."""
        return sum(map(len, self.waiting.values()))

    def __bool__(self) -> bool:
        """Return whether a request may be answered now."""
        return self._next_owner() is not None

    def append(self, owner: str, channel: Any) -> None:
        """Add the request of a channel behind those of its owner."""
        self.arrivals += 1
        self.waiting.setdefault(owner, deque()).append(WaitingRequest(owner, self.arrivals, channel))

    def popleft(self) -> WaitingRequest:
        """Return the oldest request of the owner whose turn it is, which then runs until `finish`.

        Raises
        ------
        IndexError
            If no request may be answered now.
        """
        owner = self._next_owner()
        if owner is None:
            raise IndexError("no request may be answered now")
        requests = self.waiting.pop(owner)
        taken = requests.popleft()
        if requests:
            self.waiting[owner] = requests  # behind the other owners
        self.running[owner] += 1
        return taken

    def finish(self, owner: str) -> None:
        """Note that a request of an owner has been answered."""
        self.running[owner] -= 1
        if self.running[owner] <= 0:
            del self.running[owner]

    def make_room(self, owner: str) -> WaitingRequest | None:
        """Remove the newest request of the owner with most of them, if the new request's owner has fewer; else None."""
        longest = max(self.waiting, key=lambda each: len(self.waiting[each]), default=owner)
        if len(self.waiting.get(owner, ())) + 1 >= len(self.waiting.get(longest, ())):
            return None
        return self.waiting[longest].pop()

    def oldest(self) -> int | None:
        """Return the number of the request that waits longest, or None."""
        return min((requests[0].number for requests in self.waiting.values()), default=None)

    def _next_owner(self) -> str | None:
        return next((owner for owner in self.waiting if self.running[owner] < self.max_running), None)
