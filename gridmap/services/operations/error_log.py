"""What went wrong, in words for the person who can mend it and in a log for the one who wrote the program."""

import logging
import secrets
import unicodedata
from collections.abc import Iterator
from threading import Lock
from typing import Any

from gridmap import config
from gridmap.core.errors import N_, InputFault, Message
from gridmap.texts import translate

UNPRINTABLE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
log = logging.getLogger("gridmap")
LOG_LOCK = Lock()


def escape_controls(text: str) -> str:
    r"""Text from a file, harmless on a terminal and in a log: what moves cursors or turns text round is spelled out.

    >>> escape_controls("Elm\x1b[2J Court")
    'Elm\\x1b[2J Court'
    """
    return "".join(
        ascii(letter)[1:-1] if unicodedata.category(letter) in UNPRINTABLE_CATEGORIES else letter for letter in text
    )


def format_fault(fault: InputFault, language: str) -> str:
    """A fault on one line: place, problem, what was found, what was expected, what to do.

    >>> print(format_fault(InputFault(Message("negative count"), layer="buildings", row=3, value="-4"), "en"))
    layer buildings · row 3: negative count; found -4
    """
    place = " · ".join(translate(part, language) for part in _place_messages(fault))
    colon, semicolon = ("：", "；") if language == "zh_CN" else (": ", "; ")
    words = semicolon.join(translate(part, language) for part in _problem_messages(fault))
    return escape_controls(f"{place}{colon}{words}" if place else words)


def fault_values(fault: InputFault, language: str) -> dict[str, Any]:
    """A fault for machines: the fields that are set, sentences in the language asked for."""
    fields = {name: value for name, value in vars(fault).items() if value not in (None, "")}
    return {name: translate(value, language) if isinstance(value, Message) else value for name, value in fields.items()}


def _place_messages(fault: InputFault) -> Iterator[Message]:
    if fault.file:
        yield Message("{file}", {"file": fault.file})
    if fault.layer:
        yield Message(N_("layer {layer}"), {"layer": fault.layer})
    if fault.row is not None:
        yield Message(N_("row {row}"), {"row": fault.row})
    if fault.id is not None:
        yield Message(N_("id {id}"), {"id": fault.id})
    if fault.column:
        yield Message(N_("column {column}"), {"column": fault.column})


def _problem_messages(fault: InputFault) -> Iterator[Message]:
    yield fault.problem
    if fault.value is not None:
        yield Message(N_("found {value}"), {"value": fault.value})
    if fault.expected:
        yield Message(N_("expected {expected}"), {"expected": fault.expected})
    if fault.advice:
        yield fault.advice


def log_unexpected(error: BaseException) -> str:
    """Write an unforeseen error with its stack to the log file and return the id it can be found by.

    A log that cannot be written must not hide the error itself: the id is given all the same.
    """
    mark = secrets.token_hex(4)
    with LOG_LOCK:
        try:
            config.log_file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            writer = logging.FileHandler(config.log_file(), encoding="utf-8", errors="backslashreplace")
        except OSError:
            return mark
        writer.setFormatter(RedactingFormatter("%(asctime)s %(message)s"))
        log.addHandler(writer)
        log.error("%s", mark, exc_info=error)
        log.removeHandler(writer)
        writer.close()
    return mark


class RedactingFormatter(logging.Formatter):
    """Stacks without the lines in which a database tells the values of rows: they may be of persons."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """The stack of an error, as far as it is the program's."""
        lines = super().formatException(ei).splitlines()
        return "\n".join(line for line in lines if not line.startswith(("DETAIL:", "CONTEXT:")))
