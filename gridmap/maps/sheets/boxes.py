"""Room on a sheet: boxes that are taken, found by squares, so that thousands are quick."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, millimetres."""
SQUARE_MM = 8.0
TOUCH_MM = 1e-6
"""Overlap of boxes that only touch, by rounding."""


class TakenRoom:
    """Boxes on a sheet that labels and symbols have taken.

    Examples
    --------
    >>> room = TakenRoom()
    >>> room.take((0, 0, 5, 2))
    >>> room.is_free([(4, 1, 9, 3)]), room.is_free([(5, 0, 9, 2)])
    (False, True)
    """

    def __init__(self) -> None:
        self._boxes: defaultdict[tuple[int, int], list[Box]] = defaultdict(list)

    def take(self, *boxes: Box) -> None:
        """Add boxes."""
        for box in boxes:
            for square in _squares(box):
                self._boxes[square].append(box)

    def is_free(self, boxes: Iterable[Box]) -> bool:
        """Return whether no box overlaps one that is taken; boxes may touch."""
        return not any(
            _overlap(box, other) for box in boxes for square in _squares(box) for other in self._boxes[square]
        )


def centred_box(x: float, y: float, width: float, height: float) -> Box:
    """Return the box around a point.

    >>> centred_box(5, 5, 4, 2)
    (3.0, 4.0, 7.0, 6.0)
    """
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _squares(box: Box) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = (int(edge // SQUARE_MM) for edge in box)
    yield from ((column, row) for column in range(left, right + 1) for row in range(top, bottom + 1))


def _overlap(a: Box, b: Box) -> bool:
    gaps = a[0] - b[2], b[0] - a[2], a[1] - b[3], b[1] - a[3]
    return max(gaps) < -TOUCH_MM
