"""Start of the day of budgets: midnight of the office, whatever the session claims."""

import pytest
from sqlalchemy import Connection, text

AGREES = text(
    "SELECT reveal_day_start() = CAST(CAST(now() AT TIME ZONE :office AS date) AS timestamp) AT TIME ZONE :office"
)


@pytest.mark.parametrize("zone", ["Etc/GMT-12", "UTC", "Etc/GMT+12"])
def test_the_session_s_time_zone_begins_no_new_day(owner_connection: Connection, zone: str) -> None:
    owner_connection.execute(text(f"SET LOCAL timezone = '{zone}'"))
    assert owner_connection.scalar(AGREES, {"office": "Asia/Shanghai"})


def test_the_day_is_that_of_the_office_and_not_of_a_rehearsal(owner_connection: Connection) -> None:
    owner_connection.execute(text("UPDATE installation SET time_zone = 'Etc/GMT+9', rehearsal_date = '2031-01-01'"))
    assert owner_connection.scalar(AGREES, {"office": "Etc/GMT+9"})
