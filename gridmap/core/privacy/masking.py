"""Masking of names and numbers of persons for display."""

MASK_CHARACTER = "*"
UNMASKED_DIGITS = 4
"""Digits of a number that stay visible: enough to distinguish two people of the same name."""


def mask_name(name: str) -> str:
    """Mask a name except its first character; the length of the name is masked too.

    >>> [mask_name(name) for name in ("张三", "欧阳娜娜", "")]
    ['张**', '欧**', '']
    """
    return name[:1] + 2 * MASK_CHARACTER if name else ""


def mask_number(number: str) -> str:
    """Mask a number except its last four digits, and a short number entirely.

    The masked part of an identity number contains the region and the date of birth.

    >>> [mask_number(number) for number in ("11010519491231002X", "13800138000", "123")]
    ['**************002X', '*******8000', '***']
    """
    visible = number[-UNMASKED_DIGITS:] if len(number) > 2 * UNMASKED_DIGITS else ""
    return MASK_CHARACTER * (len(number) - len(visible)) + visible
