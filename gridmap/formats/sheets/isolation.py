"""A sheet read by a process of its own, which is stopped when it needs too much time or memory."""

import resource
from collections.abc import Callable
from datetime import date
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar, cast

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.intake.source_file import InputSource
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.limits import check_limits
from gridmap.formats.sheets.sheet_reader import SheetLayout, list_layouts, read_sheet_file
from gridmap.formats.sheets.sheet_rows import SheetRows

TIME_LIMIT_S = 120.0
"""300,000 residents take about 15 s; a busy machine takes several times as long."""
MEMORY_LIMIT_BYTES = 2 * 2**30
"""Data that the process may have; 300,000 residents need about 1 GB."""
SIMPLE_MEMORY_BYTES = 448 * 2**20
"""Data for a file of up to `SIMPLE_FILE_BYTES`, libraries included."""
SIMPLE_FILE_BYTES = 4 * 2**20

TOO_SLOW = FaultTemplate(N_("reading it takes too long"), advice=N_("divide the sheet, or save it as CSV"))
TOO_HEAVY = FaultTemplate(
    N_("reading it needs too much memory, or it is damaged"), advice=N_("divide the sheet, or save it as CSV")
)

ResultT = TypeVar("ResultT")


def read_isolated(
    source: InputSource, kind: SheetKind, today: date, sheet: str | None = None, time_limit_s: float = TIME_LIMIT_S
) -> SheetRows:
    """Read the rows of a kind from a file in a process of its own.

    Parameters
    ----------
    source : InputSource
    kind : SheetKind
    today : date
    sheet : str, optional
        Name of the sheet; by default the one that fits.
    time_limit_s : float
        Seconds after which the process is killed.

    Raises
    ------
    InvalidInput
        If the file cannot be read, or not within the limits.
    """
    return _run_isolated(source, read_sheet_file, (source, kind, today, sheet), time_limit_s)


def list_layouts_isolated(source: InputSource, time_limit_s: float = TIME_LIMIT_S) -> tuple[SheetLayout, ...]:
    """Return the sheets of a file with their headers, read by a process of its own.

    Raises
    ------
    InvalidInput
        If the file cannot be read, or not within the limits.
    """
    return _run_isolated(source, list_layouts, (source,), time_limit_s)


def _run_isolated(
    source: InputSource, function: Callable[..., ResultT], arguments: tuple[object, ...], time_limit_s: float
) -> ResultT:
    """Return what a function of a module answers in a process with limits of time and memory."""
    check_limits(source.path)
    is_simple = source.path.is_file() and source.path.stat().st_size <= SIMPLE_FILE_BYTES
    memory = SIMPLE_MEMORY_BYTES if is_simple else MEMORY_LIMIT_BYTES
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(sender, memory, function, arguments), daemon=True)
    child.start()
    sender.close()
    try:
        (is_result, answer), template = _await_answer(receiver, time_limit_s)
    finally:
        child.kill()
        child.join()
        receiver.close()
    if is_result:
        return cast("ResultT", answer)
    faults = cast("tuple[InputFault, ...] | None", answer)
    raise InvalidInput(faults or [make_fault(FaultLocation(source.name), template)])


def _await_answer(receiver: Connection, time_limit_s: float) -> tuple[tuple[bool, object], FaultTemplate]:
    """Return what the process says, and the fault that its silence means."""
    if not receiver.poll(time_limit_s):
        return (False, None), TOO_SLOW
    try:
        return receiver.recv(), TOO_HEAVY
    except EOFError:  # the process has ended without an answer
        return (False, None), TOO_HEAVY


def _work(sender: Connection, memory: int, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    """Call the function within the limit of memory, and send its result, the faults, or nothing."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sender.send((True, function(*arguments)))
    except InvalidInput as error:
        sender.send((False, error.faults))
    except (MemoryError, RecursionError, OverflowError):
        sender.send((False, None))
