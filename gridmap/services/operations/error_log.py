"""Faults of input as sentences, and the log of unexpected errors."""

import logging
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from threading import Lock
from types import TracebackType

from gridmap import config
from gridmap.core.errors import N_, InputFault, Message
from gridmap.texts import translate

SHOWN_FIELDS = ("problem", "file", "layer", "row", "id", "column", "value", "expected", "advice")
UNPRINTABLE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
log = logging.getLogger("gridmap")
LOG_LOCK = Lock()


def escape_controls(text: str) -> str:
    r"""Escape the control characters of a text, which could move the cursor of a terminal or reverse its text.

    >>> escape_controls("Elm\x1b[2J Court")
    'Elm\\x1b[2J Court'
    """
    return "".join(
        ascii(letter)[1:-1] if unicodedata.category(letter) in UNPRINTABLE_CATEGORIES else letter for letter in text
    )


def format_fault(fault: InputFault, language: str) -> str:
    """Return a fault on one line: place, problem, value found, value expected, advice.

    >>> print(format_fault(InputFault(Message("negative count"), layer="buildings", row=3, value="-4"), "en"))
    layer buildings · row 3: negative count; found -4
    """
    place = " · ".join(translate(part, language) for part in _place_messages(fault))
    colon, semicolon = ("：", "；") if language == "zh_CN" else (": ", "; ")
    problem = semicolon.join(translate(part, language) for part in _problem_messages(fault))
    return escape_controls(f"{place}{colon}{problem}" if place else problem)


def warning_values(warnings: Iterable[InputFault], language: str) -> dict[str, list[dict[str, object]]]:
    """Return warnings for JSON: what was repaired or assumed as ``warnings``, what is not plausible by itself."""
    lists: dict[str, list[dict[str, object]]] = {"warnings": [], "implausible": []}
    for warning in warnings:
        lists["implausible" if warning.is_implausible else "warnings"].append(fault_values(warning, language))
    return lists


def fault_values(fault: InputFault, language: str) -> dict[str, object]:
    """Return the fields of a fault that are set, for JSON, with its sentences in a language."""
    fields = {name: value for name, value in vars(fault).items() if value not in (None, "") and name in SHOWN_FIELDS}
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
    """Write an unexpected error with its stack trace to the log file and return the id of the entry.

    The id is returned even if the log cannot be written: that must not hide the error itself.
    """
    error_id = secrets.token_hex(4)
    with LOG_LOCK:
        try:
            config.log_file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            writer = logging.FileHandler(config.log_file(), encoding="utf-8", errors="backslashreplace")
        except OSError:
            return error_id
        writer.setFormatter(RedactingFormatter("%(asctime)s %(message)s"))
        log.addHandler(writer)
        log.error("%s", error_id, exc_info=error)
        log.removeHandler(writer)
        writer.close()
    return error_id


class RedactingFormatter(logging.Formatter):
    """Formatter that omits lines in which a database reports values of rows, which may be personal data."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - name of the base class
        """Return the stack trace of an error without the lines of the database's details."""
        lines = super().formatException(ei).splitlines()
        return "\n".join(line for line in lines if not line.startswith(("DETAIL:", "CONTEXT:")))
