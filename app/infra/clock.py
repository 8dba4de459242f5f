"""The time zone and the day where the service is used."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def today() -> date:
    """The day in Vietnam."""
    return datetime.now(VIETNAM).date()
