"""Months of ordinary incidents that are packed for counting."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, text

PACK = text("SELECT pack_incident_months(:subdistrict_id, :months)")
CHANGED_SUBDISTRICTS = text("SELECT DISTINCT subdistrict_id FROM incident_month_change ORDER BY 1")
DISCARD_OTHER_ZONES = text("""
    WITH discarded AS (
        DELETE FROM incident_month WHERE time_zone IS DISTINCT FROM (SELECT time_zone FROM installation)
        RETURNING subdistrict_id, month
    ), bounds AS (
        SELECT subdistrict_id, month + shift * interval '1 month' AS month FROM discarded, generate_series(-1, 1) shift
    )
    INSERT INTO incident_month_change (subdistrict_id, month)
    SELECT DISTINCT subdistrict_id, month::date FROM bounds
""")
DISCARD = text("""
    WITH discarded AS (DELETE FROM incident_month)
    INSERT INTO incident_month_change (subdistrict_id, month)
    SELECT DISTINCT subdistrict_id, date_trunc('month', occurred_at AT TIME ZONE
        coalesce((SELECT time_zone FROM installation), 'UTC'))::date
    FROM incident WHERE access_class = 'ordinary'
""")
DIFFERENT = text("""
    SELECT m.subdistrict_id, m.month FROM incident_month m
        CROSS JOIN LATERAL packed_incident_month(m.subdistrict_id, m.month) p
    WHERE NOT EXISTS (
        SELECT FROM incident_month_change c WHERE c.subdistrict_id = m.subdistrict_id AND c.month = m.month)
        AND (m.time_zone, m.categories, m.category_codes, m.days, m.closed_days, m.cell_ids, m.near_counts,
            m.near_cell_ids, m.street_ids, m.positions) IS DISTINCT FROM
            (p.time_zone, p.categories, p.category_codes, p.days, p.closed_days, p.cell_ids, p.near_counts,
            p.near_cell_ids, p.street_ids, p.positions)
    ORDER BY 1, 2
""")
MAX_MONTHS = 100_000


class SubdistrictMonth(NamedTuple):
    """A month of a subdistrict, by its first day."""

    subdistrict_id: int
    month: date


def pack_changed(connection: Connection) -> None:
    """Pack the months that have changed, of all subdistricts; also those packed for another time zone.

    Parameters
    ----------
    connection : Connection
        Of the owner; the calling function commits.
    """
    connection.execute(DISCARD_OTHER_ZONES)
    for subdistrict_id in connection.scalars(CHANGED_SUBDISTRICTS).all():
        connection.execute(PACK, {"subdistrict_id": subdistrict_id, "months": MAX_MONTHS})


def pack_all(connection: Connection) -> None:
    """Pack all months again from the rows of their incidents."""
    connection.execute(DISCARD)
    pack_changed(connection)


def list_differences(connection: Connection) -> Sequence[SubdistrictMonth]:
    """Return the packed months that are in use and do not hold what the rows of their incidents hold."""
    return [SubdistrictMonth(*row) for row in connection.execute(DIFFERENT)]
