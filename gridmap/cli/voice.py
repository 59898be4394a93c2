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
from gridmap.core.errors import N_, BadInput, Fault, Message, Unable
from gridmap.services.trouble import fault_line, fault_values, noted, printable
from gridmap.texts import LANGUAGES, normalised, say


class Exit(IntEnum):
    """Exit codes; 2 and 130 are the shell's own, 70 is EX_SOFTWARE of sysexits."""

    FINE = 0
    FAULTS = 1
    BAD_INPUT = 2
    OUT_OF_RANGE = 3
    INTERNAL = 70
    INTERRUPTED = 130


@dataclass(frozen=True)
class Voice:
    """Whom a command speaks to: in which language, whether it is a machine, and which language it was told to use."""

    language: str
    json: bool
    told: str | None = None

    @classmethod
    def asked_for(cls, arguments: Sequence[str]) -> "Voice":
        """The voice that the arguments ask for, known before they are parsed, for the sake of usage errors."""
        given = [value for name, value in pairwise(arguments) if name == "--language"]
        given += [name.partition("=")[2] for name in arguments if name.startswith("--language=")]
        wish = given[-1] if given else ""
        told = normalised(wish)
        return cls(told or language_around(), "--json" in arguments, told)

    def tell(self, *sentences: Message) -> None:
        """Say something to a person; machines are told with `give`."""
        for sentence in () if self.json else sentences:
            click.echo(printable(say(sentence, self.language)))

    def tell_all(self, sentence: Message) -> None:
        """Say something to whoever may stand before the terminal: in every language, unless one was asked for."""
        spoken = [self.told] if self.told else LANGUAGES
        for line in () if self.json else dict.fromkeys(say(sentence, language) for language in spoken):
            click.echo(printable(line))

    def give(self, values: Mapping[str, Any]) -> None:
        """Give a machine its one object, in ASCII so that no terminal or encoding can be upset by it."""
        if self.json:
            click.echo(json.dumps(values, allow_nan=False))

    def refuse(self, sentence: Message, faults: Iterable[Fault] = ()) -> None:
        """Say what was wrong: on standard error for people, as the one object for machines."""
        said = printable(say(sentence, self.language))
        self.give({"error": said, "faults": [fault_values(fault, self.language) for fault in faults]})
        if not self.json:
            click.echo("\n".join([said, *(fault_line(fault, self.language) for fault in faults)]), err=True)

    def explain(self, error: BaseException) -> Exit:
        """Say what ended a command, and with which exit code."""
        match error:
            case KeyboardInterrupt() | click.Abort():
                return Exit.INTERRUPTED
            case BrokenPipeError():
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                return Exit.FINE
            case BadInput():
                self.refuse(Message(N_("Faults in the input: {count}"), {"count": len(error.faults)}), error.faults)
            case Unable():
                self.refuse(error.message)
            case click.ClickException():
                self._misused(error)
            case OSError(filename=str(file), strerror=str(reason)):
                self.refuse(Message(N_("{file}: {reason}"), {"file": file, "reason": reason}))
            case _:
                where = {"mark": noted(error), "file": config.log_file()}
                self.refuse(Message(N_("Something went wrong inside gridmap; noted as {mark} in {file}."), where))
                return Exit.INTERNAL
        return Exit.BAD_INPUT

    def _misused(self, error: click.ClickException) -> None:
        if self.json:
            self.refuse(Message("{words}", {"words": error.format_message()}))
        else:
            error.show()


def language_around() -> str:
    """Language of the terminal: ``GRIDMAP_LANGUAGE``, else the locale, else English."""
    names = ("GRIDMAP_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    return next(filter(None, (normalised(os.environ.get(name, "")) for name in names)), "en")
