"""The instant, and the time zone and the day where the service is used."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The instant."""
    return datetime.now(UTC)


def today() -> date:
    """The day in Vietnam."""
    return datetime.now(VIETNAM).date()
