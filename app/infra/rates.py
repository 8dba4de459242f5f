"""How often one client, or one address without a key, may call: counted in the memory of each worker."""

import math
import time
from typing import Any

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.infra.config import Settings
from app.infra.errors import TooManyRequestsError

_FAILURES = parse("30/minute")
"""Wrong keys from one address: guessing is slow, a misconfigured client is told."""
HEADERS = "parindex.rate"
"""Where the headers of a counted request wait for its answer."""


class RateLimits:
    """Counters of one worker."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._client = parse(settings.rate_limit) if settings.rate_limit else None
        self._anonymous = parse(settings.rate_limit_anonymous) if settings.rate_limit_anonymous else None

    def count(self, request: Request, client: str | None) -> None:
        """Count one request of a client, or of an address; refuses it over the limit."""
        if client is not None:
            self._hit(request, self._client, "client", client)
        else:
            self._hit(request, self._anonymous, "address", _address(request))

    def count_failure(self, request: Request) -> None:
        """Count one wrong key."""
        self._hit(request, _FAILURES, "failure", _address(request))

    def _hit(self, request: Request, limit: RateLimitItem | None, *names: str) -> None:
        if limit is None:
            return
        allowed = self._limiter.hit(limit, *names)
        reset_at, remaining = self._limiter.get_window_stats(limit, *names)
        seconds = max(1, math.ceil(reset_at - time.time()))
        headers: dict[str, Any] = {
            "RateLimit-Policy": f"{limit.amount};w={limit.get_expiry()}",
            "RateLimit-Limit": str(limit.amount),
            "RateLimit-Remaining": str(max(0, remaining)),
            "RateLimit-Reset": str(seconds),
        }
        if not allowed:
            headers["Retry-After"] = str(seconds)
        request.scope[HEADERS] = headers
        if not allowed:
            raise TooManyRequestsError("rate_limited", limit=str(limit), seconds=seconds)


def _address(request: Request) -> str:
    return request.client.host if request.client else "-"
