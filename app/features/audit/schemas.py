"""Shapes of the audit log."""

from typing import Any

from pydantic import Field

from app.infra.schemas import Read, ShownInstant


class AuditEvent(Read):
    """One change: who, when, from where, what before, what after, and why."""

    jurisdiction: str = Field(examples=["22"])
    """The chain that it belongs to: a province, or VN."""
    sequence: int = Field(examples=[17])
    recorded_at: ShownInstant
    client: str = Field(examples=["so-noi-vu"])
    address: str | None = Field(examples=["10.1.2.3"])
    request_id: str | None = Field(examples=["0f8fad5bd9cb469f"])
    action: str = Field(examples=["scores.write"])
    subject: dict[str, str] = Field(examples=[{"round": "par-province-2021", "unit": "22"}])
    reason: str | None
    before: Any = Field(examples=[None])
    after: Any = Field(examples=[{"scores": 1, "revisions": {"22": 3}}])
    digests: dict[str, str]
    """Digests of the rows that the change added to histories."""
    previous_hash: str
    hash: str
    """SHA-256 over all of the above."""


class AuditChain(Read):
    """The newest link of a chain. Kept elsewhere, it proves later that nothing before it was changed."""

    jurisdiction: str = Field(examples=["VN"])
    sequence: int = Field(examples=[120])
    hash: str


class BrokenLink(Read):
    """The first place where a chain, or a history that it vouches for, is not what was written."""

    jurisdiction: str = Field(examples=["VN"])
    sequence: int | None = Field(examples=[17])
    place: str = Field(examples=["audit_event", "score_entry/par-province-2021/22/3"])
    fault: str = Field(examples=["content_differs"])


class AuditVerification(Read):
    """What was checked, and the first broken link of each chain."""

    intact: bool
    events: int = Field(examples=[1204])
    rows: int = Field(examples=[90214])
    chains: list[AuditChain]
    broken: list[BrokenLink]
