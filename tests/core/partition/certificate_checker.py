"""Checker of certificates: reads what a report says, and shares no code with the search that wrote it.

A certificate claims that no grids within the range, connected and without a common atom, hold all atoms of its core.
The checker covers one atom of the core after the other by every set that it may be in, and looks whether one way
leads to the end.
"""

from collections.abc import Iterator
from typing import Any

Nodes = frozenset[int]


class CertificateChecker:
    """Checker of one certificate.

    Parameters
    ----------
    certificate : dict
        An entry of ``certificates`` in the report of a partition.
    """

    def __init__(self, certificate: dict[str, Any]) -> None:
        atoms = certificate["atoms"]
        self.minimum, self.maximum = certificate["minimum"], certificate["maximum"]
        self.households = [atom["households"] for atom in atoms]
        self.core = frozenset(number for number, atom in enumerate(atoms) if atom["in_core"])
        self.neighbours: list[set[int]] = [set() for _ in atoms]
        for one, two in certificate["links"]:
            self.neighbours[one].add(two)
            self.neighbours[two].add(one)
        self.grids = {node: list(self._list_grids(node)) for node in self.core}

    def is_proven(self) -> bool:
        """Return whether the core is not empty and cannot be covered."""
        return bool(self.core) and not self._can_cover(self.core, frozenset())

    def _can_cover(self, rest: Nodes, used: Nodes) -> bool:
        if not rest:
            return True
        hardest = min(rest, key=lambda node: (len(self.grids[node]), node))
        return any(self._can_cover(rest - grid, used | grid) for grid in self.grids[hardest] if used.isdisjoint(grid))

    def _list_grids(self, start: int) -> Iterator[Nodes]:
        """Yield the connected sets within the range that hold a node.

        A set that is large enough grows on only where an atom of the core may still join it: others would take land
        from the rest for nothing.
        """
        seen, stack = {frozenset([start])}, [frozenset([start])]
        while stack:
            members = stack.pop()
            total = sum(self.households[node] for node in members)
            if self.minimum <= total <= self.maximum:
                yield members
            room = self.maximum - total
            if total >= self.minimum and all(self.households[node] > room for node in self.core - members):
                continue
            for node in set().union(*(self.neighbours[node] for node in members)) - members:
                larger = members | {node}
                if self.households[node] <= room and larger not in seen:
                    seen.add(larger)
                    stack.append(larger)
