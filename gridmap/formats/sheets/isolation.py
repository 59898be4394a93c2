"""A sheet read by a process of its own, which is stopped when it needs too much time or memory."""

import resource
from datetime import date
from multiprocessing import get_context
from multiprocessing.connection import Connection

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.intake.source_file import InputSource
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.limits import check_limits
from gridmap.formats.sheets.sheet_reader import SheetRows, read_sheet_file

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

Answer = SheetRows | tuple[InputFault, ...] | None


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
    check_limits(source.path)
    is_simple = source.path.is_file() and source.path.stat().st_size <= SIMPLE_FILE_BYTES
    memory = SIMPLE_MEMORY_BYTES if is_simple else MEMORY_LIMIT_BYTES
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(sender, memory, source, kind, today, sheet), daemon=True)
    child.start()
    sender.close()
    try:
        answer, template = _await_answer(receiver, time_limit_s)
    finally:
        child.kill()
        child.join()
        receiver.close()
    if isinstance(answer, SheetRows):
        return answer
    raise InvalidInput(answer or [make_fault(FaultLocation(source.name), template)])


def _await_answer(receiver: Connection, time_limit_s: float) -> tuple[Answer, FaultTemplate]:
    """Return what the process says, and the fault that its silence means."""
    if not receiver.poll(time_limit_s):
        return None, TOO_SLOW
    try:
        return receiver.recv(), TOO_HEAVY
    except EOFError:  # the process has ended without an answer
        return None, TOO_HEAVY


def _work(
    sender: Connection, memory: int, source: InputSource, kind: SheetKind, today: date, sheet: str | None
) -> None:
    """Read the sheet within the limit of memory, and send the rows, the faults, or nothing."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sender.send(read_sheet_file(source, kind, today, sheet))
    except InvalidInput as error:
        sender.send(error.faults)
    except (MemoryError, RecursionError, OverflowError):
        sender.send(None)
