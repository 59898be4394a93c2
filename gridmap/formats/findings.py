"""Turning what is wrong in many rows into a list of faults that a person can read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gridmap.core.errors import N_, NOTHING, Fault, Message

Named = Mapping[str, Any]

LISTED = 20
SHOWN = 60
MORE = N_("and {count} more in this layer: {problem}")


@dataclass(frozen=True)
class Flaw:
    """A kind of fault: templates of what is wrong, what was expected and what to do."""

    problem: str
    expected: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Spot:
    """Where a fault was found: a file, and if it has come to that, its layer and the ids of the layer's rows."""

    file: str
    layer: str = ""
    ids: Sequence[Any] = field(default=())


def fault(spot: Spot, flaw: Flaw, *, column: str | None = None, value: object = None, named: Named = NOTHING) -> Fault:
    """One fault of a whole file, layer or column.

    Examples
    --------
    >>> str(fault(Spot("town.gpkg"), Flaw("no layer {layer}"), named={"layer": "buildings"}).problem)
    'no layer buildings'
    """
    return Fault(
        problem=Message(flaw.problem, named),
        file=spot.file,
        layer=spot.layer,
        column=column,
        value=None if value is None else shown(value),
        expected=Message(flaw.expected, named) if flaw.expected else None,
        advice=Message(flaw.advice, named) if flaw.advice else None,
    )


def faults_at(
    spot: Spot,
    flaw: Flaw,
    rows: ArrayLike,
    *,
    column: str | None = None,
    values: Sequence[Any] | None = None,
    named: Named | Callable[[int], Named] = NOTHING,
) -> list[Fault]:
    """One fault for each row, the first twenty by name and the others as a count.

    Parameters
    ----------
    spot, flaw : Spot, Flaw
        Where, and what is wrong.
    rows : array of bool or of int
        A mask over the layer's rows, or positions counted from 0.
    column : str, optional
        Column the fault is in.
    values : sequence, optional
        Values of all rows, to show the offending ones.
    named : mapping or callable
        Values of the flaw's templates, or what gives them for a row.
    """
    found = np.asarray(rows)
    at = np.flatnonzero(found) if found.dtype == bool else found.astype(int)
    first = at[:LISTED].tolist()
    told = [named(row) if callable(named) else named for row in first]
    faults = [_fault_at(spot, flaw, row, column, values, names) for row, names in zip(first, told, strict=True)]
    if len(at) > LISTED:
        more = {"count": len(at) - LISTED, "problem": faults[0].problem}
        faults.append(Fault(Message(MORE, more), file=spot.file, layer=spot.layer, column=column))
    return faults


def _fault_at(
    spot: Spot, flaw: Flaw, row: int, column: str | None, values: Sequence[Any] | None, named: Named
) -> Fault:
    value = None if values is None else values[row]
    whole = fault(spot, flaw, column=column, value=value, named=named)
    identity = shown(spot.ids[row]) if len(spot.ids) else ""
    return replace(whole, row=row + 1, id=identity or None)


def shown(value: Any) -> str:
    r"""A value as one short line; nothing for what is missing.

    >>> shown(float("nan")), shown("  two\nlines "), shown(3.0)
    ('', 'two lines', '3')
    """
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str(value)[: 4 * SHOWN].split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
