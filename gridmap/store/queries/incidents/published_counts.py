"""Published counts of personal and sensitive incidents, and their publication."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import AccessClass
from gridmap.store.access import row_filter
from gridmap.store.schema import Grid, PublishedCount


@dataclass(frozen=True)
class PublishedCountRow:
    """Published count of a place.

    Parameters
    ----------
    access_class : AccessClass
    first_day, last_day : date
        Period in which the incidents were entered.
    community_id : int or None
        None for places in no community.
    grid_code : str or None
        None for the sum of the other places of the community.
    incidents : int or None
        None for one to four.
    """

    access_class: AccessClass
    first_day: date
    last_day: date
    community_id: int | None
    grid_code: str | None
    incidents: int | None


def publish_closed_counts(session: Session, subdistrict_id: int) -> None:
    """Publish the months and quarters of a subdistrict that have closed; those published already stay."""
    session.execute(select(func.publish_closed_counts(subdistrict_id)))


def list_counts(session: Session, caller: Caller, subdistrict_id: int, since: date) -> Sequence[PublishedCountRow]:
    """Return the published counts of periods from a day on, the newest first, by community and grid."""
    table = PublishedCount
    rows = (
        select(table.access_class, table.first_day, table.last_day, table.community_id, Grid.code, table.incidents)
        .outerjoin(Grid, Grid.id == table.grid_id)
        .where(table.subdistrict_id == subdistrict_id, table.first_day >= since, row_filter.visible(caller, table))
        .order_by(table.access_class, table.first_day.desc(), table.community_id, Grid.code)
    )
    return [PublishedCountRow(AccessClass(row[0]), *row[1:]) for row in session.execute(rows)]
