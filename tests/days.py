"""The present day of the tests' towns, read when it is needed: a run may go on past midnight."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LOCAL_TIMEZONE = ZoneInfo("Asia/Shanghai")


def day_from_now(days: int = 0) -> date:
    """Return today in the towns of the tests, or the date some days before or after it."""
    return datetime.now(LOCAL_TIMEZONE).date() + timedelta(days)
