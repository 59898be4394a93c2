"""Loads: sums of columns of buildings that grids are partitioned by, where these are not households alone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_, InputFault, InvalidInput, Message

NO_LOAD = N_("this is no sum of columns")
EXPECTED = N_("names of columns with + between them, such as households+shops or households+0.5*shops")


@dataclass(frozen=True)
class LoadTerm:
    """One column of a load, and the weight of its numbers."""

    column: str
    weight: float = 1.0

    def __str__(self) -> str:
        return self.column if self.weight == 1 else f"{self.weight:g} × {self.column}"


@dataclass(frozen=True)
class Load:
    """Sum of columns of buildings.

    Parameters
    ----------
    terms : tuple of LoadTerm

    Examples
    --------
    >>> load = parse_load("households + 0.5*shops")
    >>> print(load, load.sum_columns(pd.DataFrame({"households": [10, 0], "shops": [3, 1]})))
    households + 0.5 × shops [12  1]
    """

    terms: tuple[LoadTerm, ...]

    def __str__(self) -> str:
        return " + ".join(map(str, self.terms))

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(term.column for term in self.terms)

    def rename(self, names: dict[str, str]) -> "Load":
        """Return the load with other names of columns."""
        return Load(tuple(replace(term, column=names.get(term.column, term.column)) for term in self.terms))

    def sum_columns(self, buildings: pd.DataFrame) -> IntArray:
        """Return the load of each building, halves rounded up."""
        total = sum(term.weight * buildings[term.column].to_numpy(dtype=np.float64) for term in self.terms)
        return np.floor(np.asarray(total) + 0.5 + 1e-9).astype(np.int64)


def parse_load(text: str) -> Load:
    """Return the load that a text names.

    Parameters
    ----------
    text : str
        Names of columns with ``+`` between them; a weight may stand before a name, as in ``0.5*shops``.

    Raises
    ------
    InvalidInput
        If a name is missing or a weight is no positive number.

    Examples
    --------
    >>> parse_load("户数+商户").columns
    ('户数', '商户')
    """
    terms = list(_parse_terms(text))
    if None in terms or not terms:
        raise InvalidInput([InputFault(Message(NO_LOAD), value=text, expected=Message(EXPECTED))])
    return Load(tuple(term for term in terms if term is not None))


def _parse_terms(text: str) -> Iterator[LoadTerm | None]:
    """Yield the terms of a load, None for one that cannot be read."""
    for part in text.split("+"):
        weight, _, column = part.rpartition("*")
        try:
            number = float(weight) if weight else 1.0
        except ValueError:
            number = 0.0
        is_term = bool(column.strip()) and 0 < number < math.inf
        yield LoadTerm(column.strip(), number) if is_term else None
