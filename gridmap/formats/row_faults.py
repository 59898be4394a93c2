"""Faults of files, layers, columns and rows, limited to a number that a person can read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gridmap.core.errors import N_, InputFault, Message

Placeholders = Mapping[str, object]
NO_PLACEHOLDERS: Placeholders = {}

MAX_LISTED_FAULTS = 20
MAX_VALUE_LETTERS = 60
MORE_FAULTS = N_("and {count} more in this layer: {problem}")


@dataclass(frozen=True)
class FaultTemplate:
    """Kind of a fault or warning: templates for the problem, the expectation and the advice."""

    problem: str
    expected: str = ""
    advice: str = ""
    is_implausible: bool = False


@dataclass(frozen=True)
class FaultLocation:
    """Location of a fault: a file and, where known, its layer, with the ids and numbers of its rows.

    Parameters
    ----------
    file, layer : str
    row_ids : sequence
        Id of each row.
    row_numbers : sequence of int
        Number of each row in the file, counted from 1, where rows of the file were united or left out.
    headers : mapping
        Columns whose header in the file is another word, with that header.
    """

    file: str
    layer: str = ""
    row_ids: Sequence[object] = field(default=())
    row_numbers: Sequence[int] = field(default=())
    headers: Mapping[str, str] = field(default_factory=dict)

    def row_number(self, row: int) -> int:
        """Return the number of a row in the file, counted from 1."""
        return int(self.row_numbers[row] if len(self.row_numbers) else row + 1)

    def select_rows(self, rows: Iterable[int]) -> "FaultLocation":
        """Return the location of a layer with some of the rows.

        Examples
        --------
        >>> location = FaultLocation("town.gpkg", "grids", ["a", "b", "c"]).select_rows([0, 2])
        >>> location.row_ids, location.row_number(1)
        (['a', 'c'], 3)
        """
        positions = list(rows)
        ids = [self.row_ids[row] for row in positions] if len(self.row_ids) else ()
        return replace(self, row_ids=ids, row_numbers=[self.row_number(row) for row in positions])

    def shown_column(self, column: str | None) -> str | None:
        """Return the name of a column to show, after its header in the file.

        >>> FaultLocation("a.csv", headers={"households": "户数"}).shown_column("households")
        '户数 (households)'
        """
        return f"{self.headers[column]} ({column})" if column and column in self.headers else column


def make_fault(
    location: FaultLocation,
    template: FaultTemplate,
    *,
    column: str | None = None,
    value: object = None,
    placeholders: Placeholders = NO_PLACEHOLDERS,
) -> InputFault:
    """Make one fault of a whole file, layer or column.

    Examples
    --------
    >>> template = FaultTemplate("no layer {layer}")
    >>> str(make_fault(FaultLocation("town.gpkg"), template, placeholders={"layer": "buildings"}).problem)
    'no layer buildings'
    """
    return InputFault(
        problem=Message(template.problem, placeholders),
        file=location.file,
        layer=location.layer,
        column=location.shown_column(column),
        value=None if value is None else format_value(value),
        expected=Message(template.expected, placeholders) if template.expected else None,
        advice=Message(template.advice, placeholders) if template.advice else None,
        is_implausible=template.is_implausible,
    )


def make_row_faults(
    location: FaultLocation,
    template: FaultTemplate,
    rows: ArrayLike,
    *,
    column: str | None = None,
    values: Sequence[object] | None = None,
    placeholders: Placeholders | Callable[[int], Placeholders] = NO_PLACEHOLDERS,
) -> list[InputFault]:
    """Make a fault for each of the first twenty rows, and one fault that counts the others.

    Parameters
    ----------
    location, template : FaultLocation, FaultTemplate
        Layer, and kind of the fault.
    rows : array of bool or of int
        A mask over the layer's rows, or positions counted from 0.
    column : str, optional
        Column of the fault.
    values : sequence, optional
        Values of all rows, to show the wrong ones.
    placeholders : mapping or callable
        Values for the templates, or a function that returns them for a row.
    """
    mask = np.asarray(rows)
    positions = np.flatnonzero(mask) if mask.dtype == bool else mask.astype(int)
    faults = [
        _make_row_fault(
            location, template, row, column, values, placeholders(row) if callable(placeholders) else placeholders
        )
        for row in positions[:MAX_LISTED_FAULTS].tolist()
    ]
    if len(positions) > MAX_LISTED_FAULTS:
        rest = {"count": len(positions) - MAX_LISTED_FAULTS, "problem": faults[0].problem}
        more = FaultTemplate(MORE_FAULTS, is_implausible=template.is_implausible)
        faults.append(make_fault(location, more, column=column, placeholders=rest))
    return faults


def _make_row_fault(
    location: FaultLocation,
    template: FaultTemplate,
    row: int,
    column: str | None,
    values: Sequence[object] | None,
    placeholders: Placeholders,
) -> InputFault:
    value = None if values is None else values[row]
    fault = make_fault(location, template, column=column, value=value, placeholders=placeholders)
    row_id = format_value(location.row_ids[row]) if len(location.row_ids) else ""
    return replace(fault, row=location.row_number(row), id=row_id or None)


def format_value(value: object) -> str:
    r"""Return a value as one short line, or an empty text for a missing value.

    >>> format_value(float("nan")), format_value("  two\nlines "), format_value(3.0)
    ('', 'two lines', '3')
    """
    if is_missing(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str(value)[: 4 * MAX_VALUE_LETTERS].split())
    return text if len(text) <= MAX_VALUE_LETTERS else text[: MAX_VALUE_LETTERS - 1] + "…"


def is_missing(value: Any) -> bool:  # as pandas types it
    """Return whether a value is none; an empty list is a value.

    >>> is_missing(float("nan")), is_missing([])
    (True, False)
    """
    return value is None or bool(pd.api.types.is_scalar(value) and pd.isna(value))
