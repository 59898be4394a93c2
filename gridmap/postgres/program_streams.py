"""Programs whose output or input is a stream, so that neither memory nor disk has to hold all of it."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from gridmap.postgres.subprocesses import WORKING_FOLDER, ProgramError, program_variables

CHUNK_BYTES = 2**18
Send = Callable[[bytes], object]
"""Takes the next bytes of a stream."""


@dataclass(frozen=True)
class Program:
    """A program with its arguments, and variables in addition to the fixed environment."""

    arguments: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict, repr=False)


def read_output(program: Program) -> Iterator[bytes]:
    """Yield the output of a program, which is killed when the reader stops early.

    Raises
    ------
    ProgramError
        After the last bytes, if the program has failed: what it has written is then incomplete.
    """
    with tempfile.TemporaryFile() as errors, _start(program, stdout=subprocess.PIPE, stderr=errors) as process:
        assert process.stdout is not None
        try:
            while chunk := process.stdout.read(CHUNK_BYTES):
                yield chunk
        except BaseException:
            process.kill()
            raise
        _require_success(process, program, errors)


def feed_input(program: Program, feed: Callable[[Send], object]) -> str:
    """Run a program, feed its standard input and return its output.

    Parameters
    ----------
    program : Program
    feed : callable
        Calls its argument with the bytes, in order. They are ignored once the program has read enough. If it raises an
        error, the program is killed: it must not take what it has got for everything.

    Raises
    ------
    ProgramError
        If the program fails.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        with _start(program, stdin=subprocess.PIPE, stdout=output, stderr=errors) as process:
            stream = process.stdin
            assert stream is not None

            def send(chunk: bytes) -> None:
                with suppress(BrokenPipeError):
                    stream.write(chunk)

            try:
                feed(send)
            except BaseException:
                process.kill()
                raise
            with suppress(BrokenPipeError):
                stream.close()
            _require_success(process, program, errors)
        return _text_of(output)


def _start(
    program: Program, *, stdin: int = subprocess.DEVNULL, stdout: IO[bytes] | int, stderr: IO[bytes]
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 - argument lists of this package, no shell
            program.arguments,
            cwd=WORKING_FOLDER,
            env=program_variables(program.environment),
            bufsize=0,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )
    except OSError as error:
        raise ProgramError(program.arguments[0], str(error)) from error


def _require_success(process: "subprocess.Popen[bytes]", program: Program, errors: IO[bytes]) -> None:
    if process.wait():
        raise ProgramError(program.arguments[0], _text_of(errors))


def _text_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
