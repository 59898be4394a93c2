"""Errors, and messages that tell the reader how to correct them.

Messages are English templates with named values. They are translated where they are shown (`gridmap.texts`), so the
core needs no settings. `N_` marks a template for the catalogue without translating it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace


def N_(template: str) -> str:
    """Mark a template for translation and return it unchanged.

    >>> N_("no column {column}")
    'no column {column}'
    """
    return template


@dataclass(frozen=True)
class Message:
    """Sentence that is translated when it is shown.

    Parameters
    ----------
    template : str
        English sentence with ``{named}`` values; the key of the catalogues.
    values : mapping
        Value of each name.

    Examples
    --------
    >>> str(Message("{households} households, fewer than {minimum}", {"households": 120, "minimum": 300}))
    '120 households, fewer than 300'
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format_map(self.values)


@dataclass(frozen=True)
class InputFault:
    """Fault of an input: the problem, its location, the value found, the expected value and advice.

    Parameters
    ----------
    problem : Message
    file, layer, column : str
        Location of the fault, as far as known.
    row : int, optional
        Counted from 1, as in a spreadsheet.
    id : str, optional
        Identifier of the row.
    value : str, optional
        Offending value; shortened when shown.
    expected, advice : Message, optional
    is_implausible : bool
        Whether it is a warning of what can be true, but is more likely a mistake.
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
    is_implausible: bool = False

    def with_file(self, file: str) -> "InputFault":
        """Return the fault with the name of its file."""
        return replace(self, file=file)


@dataclass(eq=False)
class InvalidInput(Exception):
    """Input that cannot be used, with all faults found in it."""

    faults: tuple[InputFault, ...] = field(default=())

    def __init__(self, faults: Iterable[InputFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault.problem) for fault in self.faults))


class NotFound(LookupError):
    """An object that does not exist or that the caller may not see; the error does not tell which."""


class NotPossible(Exception):
    """A valid request that the present state of the system does not allow.

    Parameters
    ----------
    message : Message
        Reason, and advice.
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))
