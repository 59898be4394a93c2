"""What can be wrong, said so that the reader can mend it.

Texts are English templates with named values. They are translated where they are shown (`gridmap.texts`), so the core
needs no settings. `N_` marks a template for the catalogue without translating it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

NO_VALUES: Mapping[str, Any] = MappingProxyType({})


def N_(template: str) -> str:
    """Mark a template for translation and return it unchanged.

    >>> N_("no column {column}")
    'no column {column}'
    """
    return template


@dataclass(frozen=True)
class Message:
    """A sentence that can still be translated.

    Parameters
    ----------
    template : str
        English sentence with ``{named}`` values; the key of the catalogues.
    values : mapping
        What the names stand for.

    Examples
    --------
    >>> str(Message("{households} households, fewer than {minimum}", {"households": 120, "minimum": 300}))
    '120 households, fewer than 300'
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=lambda: NO_VALUES)

    def __str__(self) -> str:
        return self.template.format_map(self.values)


@dataclass(frozen=True)
class InputFault:
    """One thing wrong with an input: what, where, what was found, what was expected, what to do.

    `row` counts from 1 as a spreadsheet does; `value` is shown shortened; `expected` and `advice` may be empty.
    """

    problem: Message
    file: str = ""
    layer: str = ""
    row: int | None = None
    id: str | None = None
    column: str | None = None
    value: str | None = None
    expected: Message | None = None
    advice: Message | None = None

    def with_file(self, file: str) -> "InputFault":
        """The same fault, with the file it was found in."""
        return replace(self, file=file)


@dataclass(eq=False)
class InvalidInput(Exception):
    """Input that cannot be used; carries every fault found, never just the first."""

    faults: tuple[InputFault, ...] = field(default=())

    def __init__(self, faults: Iterable[InputFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault.problem) for fault in self.faults))


class NotFound(LookupError):
    """What was asked for is not there, or not for whom it was asked: which of the two is not said."""


class NotPossible(Exception):
    """Nothing is wrong with the input, yet the machine as it is does not allow what was asked for; says what to do.

    Parameters
    ----------
    message : Message
        Why not, and what would help.
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))
