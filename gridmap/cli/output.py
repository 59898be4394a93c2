"""Output of a command: sentences for people, one JSON object for machines, and an exit code for both."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import click

from gridmap import config
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.environment import read_variable
from gridmap.services.operations.error_log import escape_controls, fault_values, format_fault, log_unexpected
from gridmap.texts import LANGUAGES, normalise_language, translate

IMPLAUSIBLE = Message(N_("Not plausible, please check:"))


class ExitCode(IntEnum):
    """Exit code of a command; 2 and 130 are conventions of the shell, 70 is EX_SOFTWARE of sysexits."""

    OK = 0
    FAULTS = 1
    BAD_INPUT = 2
    OUT_OF_RANGE = 3
    INTERNAL = 70
    INTERRUPTED = 130


@dataclass(frozen=True)
class Output:
    """Output of a command.

    Parameters
    ----------
    language : str
        Language of all texts.
    is_json : bool
        Print one JSON object instead of texts.
    requested_language : str or None
        Language that --language names.
    """

    language: str
    is_json: bool
    requested_language: str | None = None

    @classmethod
    def from_arguments(cls, arguments: Sequence[str]) -> "Output":
        """Choose the output before the arguments are parsed, so that usage errors are printed in it, too."""
        tags = [value for name, value in pairwise(arguments) if name == "--language"]
        tags += [name.partition("=")[2] for name in arguments if name.startswith("--language=")]
        requested = normalise_language(tags[-1]) if tags else None
        return cls(requested or terminal_language(), "--json" in arguments, requested)

    def print_text(self, *messages: Message) -> None:
        """Print sentences for people; nothing with --json."""
        for message in () if self.is_json else messages:
            click.echo(escape_controls(translate(message, self.language)))

    def print_in_languages(self, message: Message) -> None:
        """Print a sentence in every language, or only in the requested one."""
        languages = [self.requested_language] if self.requested_language else LANGUAGES
        for line in () if self.is_json else dict.fromkeys(translate(message, language) for language in languages):
            click.echo(escape_controls(line))

    def print_json(self, values: Mapping[str, object]) -> None:
        """Print the JSON object with --json, in ASCII, which every terminal and encoding can show."""
        if self.is_json:
            click.echo(json.dumps(values, allow_nan=False))

    def print_faults(self, faults: Iterable[InputFault]) -> None:
        """Print faults that did not stop the command, a line each; nothing with --json."""
        for fault in () if self.is_json else faults:
            click.echo(format_fault(fault, self.language))

    def print_warnings_on_stderr(self, warnings: Iterable[InputFault]) -> None:
        """Print warnings of a command that runs on, on standard error, a line each; nothing with --json."""
        for warning in () if self.is_json else warnings:
            click.echo(format_fault(warning, self.language), err=True)

    def print_warnings(self, warnings: Sequence[InputFault]) -> None:
        """Print warnings about an input, those of what is not plausible under a heading; nothing with --json."""
        self.print_faults(warning for warning in warnings if not warning.is_implausible)
        if implausible := [warning for warning in warnings if warning.is_implausible]:
            self.print_text(IMPLAUSIBLE)
            self.print_faults(implausible)

    def print_error(self, message: Message, faults: Iterable[InputFault] = ()) -> None:
        """Print an error: on standard error for people, as the one object for machines."""
        sentence = escape_controls(translate(message, self.language))
        self.print_json({"error": sentence, "faults": [fault_values(fault, self.language) for fault in faults]})
        if not self.is_json:
            click.echo("\n".join([sentence, *(format_fault(fault, self.language) for fault in faults)]), err=True)

    def handle_error(self, error: BaseException) -> ExitCode:
        """Report the error that ended a command, and choose the exit code."""
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
                values = {"error_id": log_unexpected(error), "file": config.log_file()}
                self.print_error(Message(N_("Unexpected error in gridmap; logged as {error_id} in {file}."), values))
                return ExitCode.INTERNAL
        return ExitCode.BAD_INPUT

    def _print_usage_error(self, error: click.ClickException) -> None:
        if self.is_json:
            self.print_error(Message("{usage}", {"usage": error.format_message()}))
        else:
            error.show()


def terminal_language() -> str:
    """Return the language of ``GRIDMAP_LANGUAGE``, else of the locale, else English."""
    names = ("GRIDMAP_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    return next(filter(None, (normalise_language(read_variable(name) or "") for name in names)), "en")
