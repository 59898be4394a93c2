"""What is wrong in a subdistrict on a day: grids nobody answers for or out of range, and what is in no grid at all."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.small_counts import Told, exactly
from gridmap.services.grids import GridInForce
from gridmap.services.overview import Overview
from gridmap.store import orphans

SHOWN = 12
"""Names of one kind: who has more to mend begins with these."""


@dataclass(frozen=True)
class Orphans:
    """Things of a kind that are in no grid: how many, and the names of the first; incidents have none."""

    kind: str
    number: Told
    names: Sequence[str]

    @property
    def more(self) -> int:
        """How many are not named."""
        return (self.number.number or 0) - len(self.names) if self.names else 0


@dataclass(frozen=True)
class Wrong:
    """The list of a day; all of it empty where nothing is wrong."""

    vacant: Sequence[GridInForce]
    out_of_range: Sequence[GridInForce]
    orphans: Sequence[Orphans]

    def __bool__(self) -> bool:
        return bool(self.vacant or self.out_of_range or self.orphans)


def wrong(session: Session, found: Overview) -> Wrong:
    """What is wrong among the things of an overview, as far as the account may know it.

    Parameters
    ----------
    session : Session
    found : Overview
        Of the day that is asked for.
    """
    outside = [each for each in found.links if each.outside != exactly(0)]
    return Wrong(
        vacant=found.vacant,
        out_of_range=[grid for grid in found.grids if grid.state in ("under", "over")],
        orphans=[Orphans(each.kind, each.outside, _names(session, found, each.kind)) for each in outside],
    )


def _names(session: Session, found: Overview, kind: str) -> Sequence[str]:
    return () if kind == "incidents" else orphans.named(session, found.day, kind, SHOWN)
