"""Reason that a person writes for an action: the shortest one that counts."""

MIN_REASON_LETTERS = 4
"""Minimum number of letters, without spaces: 便于管理 and 上门核实 are reasons."""


def is_sufficient_reason(text: str) -> bool:
    """Return whether a text is long enough to be a reason; spaces do not count.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> [is_sufficient_reason(text) for text in ("上门核实", "a b c", "")]
    [True, False, False]
    """
    return len("".join(text.split())) >= MIN_REASON_LETTERS
