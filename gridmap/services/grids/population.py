"""Residents of a grid with what they were counted by: the roster of persons, or counts of buildings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gridmap.core.privacy.disclosure import WITHHELD, DisclosedCount, exact_count
from gridmap.store.queries.grids.population import PopulationRow

BasisName = Literal["none", "roster", "counts", "both"]


@dataclass(frozen=True)
class PopulationBasis:
    """Basis of a number of residents.

    Parameters
    ----------
    by_roster, by_counts : bool
        Whether some residents were counted in the roster of persons, and some by counts of buildings.
    source : str or None
        Source of the newest count of a building that was used.
    as_of : date or None
        Its day.
    """

    by_roster: bool = False
    by_counts: bool = False
    source: str | None = None
    as_of: date | None = None

    @property
    def name(self) -> BasisName:
        """Name of the basis; ``none`` where nobody is recorded or counted.

        Examples
        --------
        >>> [PopulationBasis(*each).name for each in ((), (True,), (False, True), (True, True))]
        ['none', 'roster', 'counts', 'both']
        """
        if self.by_counts:
            return "both" if self.by_roster else "counts"
        return "roster" if self.by_roster else "none"


@dataclass(frozen=True)
class Population:
    """Residents of a grid.

    Parameters
    ----------
    residents : DisclosedCount
    residents_60 : int or None
        Those of 60 and older; None where the number is not disclosed, or not known everywhere in the grid.
    basis : PopulationBasis
    """

    residents: DisclosedCount
    residents_60: int | None
    basis: PopulationBasis


def to_population(row: PopulationRow) -> Population:
    """Return residents as the database discloses them: withheld where no statistical area belongs to the grid."""
    residents = WITHHELD if row.residents is None else exact_count(row.residents)
    basis = PopulationBasis(row.by_roster, row.by_counts, row.source, row.as_of)
    return Population(residents, row.residents_60 if basis.name != "none" else None, basis)


def merge_bases(bases: Iterable[PopulationBasis]) -> PopulationBasis:
    """Return the basis of a sum; of several counts it names the newest.

    Examples
    --------
    >>> early = PopulationBasis(by_counts=True, source="2025台账", as_of=date(2025, 6, 30))
    >>> late = PopulationBasis(by_counts=True, source="2026台账", as_of=date(2026, 6, 30))
    >>> merged = merge_bases([early, late, PopulationBasis(by_roster=True)])
    >>> merged.name, merged.source
    ('both', '2026台账')
    """
    rows = list(bases)
    newest = max((each for each in rows if each.as_of), key=lambda each: str(each.as_of), default=PopulationBasis())
    return PopulationBasis(
        any(each.by_roster for each in rows), any(each.by_counts for each in rows), newest.source, newest.as_of
    )
