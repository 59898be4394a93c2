"""Issues of a subdistrict on a day: vacant grids, grids out of range, and things in no grid."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.services.grids.in_force import GridInForce
from gridmap.services.grids.overview import Overview
from gridmap.store.queries.grids import unlinked_items

MAX_NAMES = 12
"""Maximum number of names of a kind: enough to begin with."""


@dataclass(frozen=True)
class UnlinkedItems:
    """Things of a kind that are in no grid, with the names of the first ones; incidents have no names."""

    kind: str
    count: int
    names: Sequence[str]

    @property
    def more_count(self) -> int:
        """Number of things that are not named."""
        return self.count - len(self.names) if self.names else 0


@dataclass(frozen=True)
class DayIssues:
    """Issues of a day; false if there are none."""

    vacant: Sequence[GridInForce]
    out_of_range: Sequence[GridInForce]
    unlinked: Sequence[UnlinkedItems]

    def __bool__(self) -> bool:
        return bool(self.vacant or self.out_of_range or self.unlinked)


def find_issues(session: Session, caller: Caller, overview: Overview) -> DayIssues:
    """Return the issues of an overview, as far as the caller may know them.

    Parameters
    ----------
    session : Session
    caller : Caller
    overview : Overview
        Of the day.
    """
    kinds = [each for each in overview.link_counts if each.unlinked]
    return DayIssues(
        vacant=overview.vacant,
        out_of_range=[grid for grid in overview.grids if grid.status in ("under", "over")],
        unlinked=[
            UnlinkedItems(each.kind, each.unlinked, _unlinked_names(session, caller, overview, each.kind))
            for each in kinds
        ],
    )


def _unlinked_names(session: Session, caller: Caller, overview: Overview, kind: str) -> Sequence[str]:
    if kind == "incidents":
        return ()
    return unlinked_items.list_unlinked_names(session, caller, overview.day, kind, MAX_NAMES)
