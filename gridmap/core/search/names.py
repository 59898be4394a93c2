"""Ranking of names against what somebody typed: letters of any script, or the initials of pinyin."""

import heapq
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

MAX_REMEMBERED_NAMES = 100_000
"""Names whose initials a process keeps, about 20 MB: when one name changes, the others are not spelt again."""


class MatchRank(IntEnum):
    """Kind of a match, the best first."""

    WHOLE = 0
    BEGINNING = 1
    INITIALS_BEGINNING = 2
    PART = 3
    INITIALS_PART = 4
    DETAIL = 5


@dataclass(frozen=True)
class SearchName:
    """A name in the forms that are compared.

    Parameters
    ----------
    key : int
        Position of what it names.
    name, initials, detail : str
        Folded name, initials of its pinyin with digits and Latin letters, and folded further words (address, code).
    """

    key: int
    name: str
    initials: str
    detail: str = ""


def fold(text: str) -> str:
    """Return a text as it is compared: without spaces, width and case.

    >>> fold(" Ｂ座 １ 号 ")
    'b座1号'
    """
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(MAX_REMEMBERED_NAMES)
def pinyin_initials(text: str) -> str:
    """Return the initials of a name's pinyin; digits and Latin letters stay, and readings follow the words.

    >>> [pinyin_initials(text) for text in ("锦绣花园", "锦绣花园3栋", "重庆路B座", "")]
    ['jxhy', 'jxhy3d', 'cqlbz', '']
    """
    return fold("".join(lazy_pinyin(fold(text), style=Style.FIRST_LETTER)))


def make_name(key: int, name: str, detail: str = "") -> SearchName:
    """Return a name with the forms that are compared."""
    return SearchName(key, fold(name), pinyin_initials(name), fold(detail))


def rank_match(query: str, name: SearchName) -> MatchRank | None:
    """Return how a folded query matches a name, or None.

    >>> name = make_name(0, "锦绣花园3栋", "JX-3")
    >>> [rank_match(query, name) for query in ("锦绣", "jxhy", "hy3", "jx-3", "春")] == [
    ...     MatchRank.BEGINNING, MatchRank.INITIALS_BEGINNING, MatchRank.INITIALS_PART, MatchRank.DETAIL, None]
    True
    """
    if query in name.name:
        if name.name.startswith(query):
            return MatchRank.WHOLE if name.name == query else MatchRank.BEGINNING
        return MatchRank.PART
    if query in name.initials:
        return MatchRank.INITIALS_BEGINNING if name.initials.startswith(query) else MatchRank.INITIALS_PART
    return MatchRank.DETAIL if name.detail and query in name.detail else None


def find_best(query: str, names: Iterable[SearchName], limit: int) -> tuple[Sequence[SearchName], int]:
    """Return the best matches of a query, and the number of all matches.

    Parameters
    ----------
    query : str
        In any spelling; an empty one matches nothing.
    names : iterable of SearchName
    limit : int
        Matches to return at most: the better ones, then the shorter names.

    Examples
    --------
    >>> names = [make_name(key, text) for key, text in enumerate(("花园路3号", "锦绣花园", "花园"))]
    >>> [each.key for each in find_best("花园", names, 2)[0]], find_best("花园", names, 2)[1]
    ([2, 0], 3)
    """
    folded = fold(query)
    if not folded:
        return (), 0
    found = [(rank, name) for name in names if (rank := rank_match(folded, name)) is not None]
    best = heapq.nsmallest(limit, found, key=lambda pair: (pair[0], len(pair[1].name), pair[1].name, pair[1].key))
    return [name for _, name in best], len(found)
