"""Turning what is wrong in many rows into a list of faults that a person can read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gridmap.core.errors import N_, NO_VALUES, InputFault, Message

Placeholders = Mapping[str, Any]

MAX_LISTED_FAULTS = 20
MAX_VALUE_LETTERS = 60
MORE_FAULTS = N_("and {count} more in this layer: {problem}")


@dataclass(frozen=True)
class FaultTemplate:
    """A kind of fault: templates of what is wrong, what was expected and what to do."""

    problem: str
    expected: str = ""
    advice: str = ""


@dataclass(frozen=True)
class FaultLocation:
    """Where a fault was found: a file, and if it has come to that, its layer and the ids of the layer's rows."""

    file: str
    layer: str = ""
    row_ids: Sequence[Any] = field(default=())


def make_fault(
    location: FaultLocation,
    template: FaultTemplate,
    *,
    column: str | None = None,
    value: object = None,
    placeholders: Placeholders = NO_VALUES,
) -> InputFault:
    """One fault of a whole file, layer or column.

    Examples
    --------
    >>> str(make_fault(FaultLocation("town.gpkg"), FaultTemplate("no layer {layer}"), named={"layer": "buildings"}).problem)
    'no layer buildings'
    """
    return InputFault(
        problem=Message(template.problem, placeholders),
        file=location.file,
        layer=location.layer,
        column=column,
        value=None if value is None else format_value(value),
        expected=Message(template.expected, placeholders) if template.expected else None,
        advice=Message(template.advice, placeholders) if template.advice else None,
    )


def make_row_faults(
    location: FaultLocation,
    template: FaultTemplate,
    rows: ArrayLike,
    *,
    column: str | None = None,
    values: Sequence[Any] | None = None,
    placeholders: Placeholders | Callable[[int], Placeholders] = NO_VALUES,
) -> list[InputFault]:
    """One fault for each row, the first twenty by name and the others as a count.

    Parameters
    ----------
    location, template : FaultLocation, FaultTemplate
        Where, and what is wrong.
    rows : array of bool or of int
        A mask over the layer's rows, or positions counted from 0.
    column : str, optional
        Column the fault is in.
    values : sequence, optional
        Values of all rows, to show the offending ones.
    placeholders : mapping or callable
        Values of the flaw's templates, or what gives them for a row.
    """
    found = np.asarray(rows)
    at = np.flatnonzero(found) if found.dtype == bool else found.astype(int)
    first = at[:MAX_LISTED_FAULTS].tolist()
    told = [placeholders(row) if callable(placeholders) else placeholders for row in first]
    faults = [
        _make_row_fault(location, template, row, column, values, names) for row, names in zip(first, told, strict=True)
    ]
    if len(at) > MAX_LISTED_FAULTS:
        more = {"count": len(at) - MAX_LISTED_FAULTS, "problem": faults[0].problem}
        faults.append(InputFault(Message(MORE_FAULTS, more), file=location.file, layer=location.layer, column=column))
    return faults


def _make_row_fault(
    location: FaultLocation,
    template: FaultTemplate,
    row: int,
    column: str | None,
    values: Sequence[Any] | None,
    placeholders: Placeholders,
) -> InputFault:
    value = None if values is None else values[row]
    whole = make_fault(location, template, column=column, value=value, placeholders=placeholders)
    identity = format_value(location.row_ids[row]) if len(location.row_ids) else ""
    return replace(whole, row=row + 1, id=identity or None)


def format_value(value: Any) -> str:
    r"""A value as one short line; nothing for what is missing.

    >>> format_value(float("nan")), format_value("  two\nlines "), format_value(3.0)
    ('', 'two lines', '3')
    """
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str(value)[: 4 * MAX_VALUE_LETTERS].split())
    return text if len(text) <= MAX_VALUE_LETTERS else text[: MAX_VALUE_LETTERS - 1] + "…"
