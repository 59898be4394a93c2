"""What a command answers: sentences for people, one JSON object for machines, and an exit code for both."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Any

import click

from gridmap import config
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.services.operations.error_log import escape_controls, fault_values, format_fault, log_unexpected
from gridmap.texts import LANGUAGES, normalise_language, translate


class ExitCode(IntEnum):
    """Exit codes; 2 and 130 are the shell's own, 70 is EX_SOFTWARE of sysexits."""

    OK = 0
    FAULTS = 1
    BAD_INPUT = 2
    OUT_OF_RANGE = 3
    INTERNAL = 70
    INTERRUPTED = 130


@dataclass(frozen=True)
class Output:
    """Whom a command speaks to: in which language, whether it is a machine, and which language it was told to use."""

    language: str
    is_json: bool
    requested_language: str | None = None

    @classmethod
    def from_arguments(cls, arguments: Sequence[str]) -> "Output":
        """The voice that the arguments ask for, known before they are parsed, for the sake of usage errors."""
        given = [value for name, value in pairwise(arguments) if name == "--language"]
        given += [name.partition("=")[2] for name in arguments if name.startswith("--language=")]
        wish = given[-1] if given else ""
        told = normalise_language(wish)
        return cls(told or terminal_language(), "--json" in arguments, told)

    def print_text(self, *messages: Message) -> None:
        """Say something to a person; machines are told with `give`."""
        for sentence in () if self.is_json else messages:
            click.echo(escape_controls(translate(sentence, self.language)))

    def print_in_languages(self, message: Message) -> None:
        """Say something to whoever may stand before the terminal: in every language, unless one was asked for."""
        spoken = [self.requested_language] if self.requested_language else LANGUAGES
        for line in () if self.is_json else dict.fromkeys(translate(message, language) for language in spoken):
            click.echo(escape_controls(line))

    def print_json(self, values: Mapping[str, Any]) -> None:
        """Give a machine its one object, in ASCII so that no terminal or encoding can be upset by it."""
        if self.is_json:
            click.echo(json.dumps(values, allow_nan=False))

    def print_error(self, message: Message, faults: Iterable[InputFault] = ()) -> None:
        """Say what was wrong: on standard error for people, as the one object for machines."""
        said = escape_controls(translate(message, self.language))
        self.print_json({"error": said, "faults": [fault_values(fault, self.language) for fault in faults]})
        if not self.is_json:
            click.echo("\n".join([said, *(format_fault(fault, self.language) for fault in faults)]), err=True)

    def handle_error(self, error: BaseException) -> ExitCode:
        """Say what ended a command, and with which exit code."""
        match error:
            case KeyboardInterrupt() | click.Abort():
                return ExitCode.INTERRUPTED
            case BrokenPipeError():
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                return ExitCode.OK
            case InvalidInput():
                self.print_error(
                    Message(N_("Faults in the input: {count}"), {"count": len(error.faults)}), error.faults
                )
            case NotPossible():
                self.print_error(error.message)
            case click.ClickException():
                self._print_usage_error(error)
            case OSError(filename=str(file), strerror=str(reason)):
                self.print_error(Message(N_("{file}: {reason}"), {"file": file, "reason": reason}))
            case _:
                where = {"mark": log_unexpected(error), "file": config.log_file()}
                self.print_error(Message(N_("Something went wrong inside gridmap; noted as {mark} in {file}."), where))
                return ExitCode.INTERNAL
        return ExitCode.BAD_INPUT

    def _print_usage_error(self, error: click.ClickException) -> None:
        if self.is_json:
            self.print_error(Message("{words}", {"words": error.format_message()}))
        else:
            error.show()


def terminal_language() -> str:
    """Language of the terminal: ``GRIDMAP_LANGUAGE``, else the locale, else English."""
    names = ("GRIDMAP_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    return next(filter(None, (normalise_language(os.environ.get(name, "")) for name in names)), "en")
