"""Names are found by their letters and by the initials of their pinyin, the better matches first."""

import pytest

from gridmap.core.search.names import find_best, make_name

NAMES = [
    make_name(key, name, detail)
    for key, (name, detail) in enumerate(
        [("锦绣花园", ""), ("锦绣花园3栋", "JX-3"), ("花园路12号", ""), ("Ｂ座", "tower"), ("银杏苑", "花园路1号")]
    )
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("锦绣花园", [0, 1]),
        ("jxhy", [0, 1]),
        ("JXHY3", [1]),
        ("花园", [2, 0, 1, 4]),
        ("hy", [2, 0, 1]),
        ("b座", [3]),
        ("bz", [3]),
        ("jx-3", [1]),
        ("TOWER", [3]),
        (" 锦 绣 ", [0, 1]),
        ("春", []),
        ("", []),
        ("  ", []),
        ("%", []),
    ],
)
def test_the_better_matches_come_first(query: str, expected: list[int]) -> None:
    found, total = find_best(query, NAMES, 9)
    assert [each.key for each in found] == expected
    assert total == len(expected)


def test_the_number_of_all_matches_is_told_beyond_the_limit() -> None:
    found, total = find_best("花园", NAMES, 1)
    assert ([each.key for each in found], total) == ([2], 4)
