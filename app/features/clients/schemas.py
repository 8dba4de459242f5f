"""Shapes of clients and their grants."""

from enum import StrEnum

from pydantic import Field, model_validator

from app.core.access import Grant
from app.core.types import ClientScope
from app.infra.problems import FaultError
from app.infra.schemas import Code, Instant, Name, Read, Schema, ShownInstant

MAX_GRANTS = 100


class ClientState(StrEnum):
    """Whether a key is taken."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class GrantWrite(Schema):
    """One scope: over everything, over a unit with all units below it, or over a group of units."""

    scope: ClientScope = Field(examples=["scores:self"])
    unit: Code | None = Field(default=None, examples=["22.so-noi-vu"])
    group: Code | None = Field(default=None, examples=[None])

    @model_validator(mode="after")
    def _refuse_two_bindings(self) -> "GrantWrite":
        if self.unit is not None and self.group is not None:
            raise FaultError("grant_bound_twice")
        return self

    def as_grant(self) -> Grant:
        """The grant of the core."""
        return Grant(self.scope, self.unit, self.group)


class ClientCreate(Schema):
    """A new client: who it is, what it may do, and until when."""

    code: Code = Field(examples=["so-noi-vu"])
    name: Name = Field(examples=["Phần mềm quản lý văn bản, Sở Nội vụ"])
    grants: list[GrantWrite] = Field(min_length=1, max_length=MAX_GRANTS)
    home_unit: Code | None = Field(default=None, examples=["22.so-noi-vu"])
    """The unit that it reports for, and therefore never appraises."""
    expires_at: Instant | None = Field(default=None, examples=["2030-01-01T00:00:00+07:00"])


class GrantRead(Read):
    """One scope, and what it is bound to."""

    scope: ClientScope = Field(examples=["scores:self"])
    unit: str | None = Field(examples=["22.so-noi-vu"])
    group: str | None = Field(examples=[None])


class ClientRead(Read):
    """A client, without its key."""

    code: str = Field(examples=["so-noi-vu"])
    name: str = Field(examples=["Phần mềm quản lý văn bản, Sở Nội vụ"])
    state: ClientState
    grants: list[GrantRead]
    home_unit: str | None = Field(examples=["22.so-noi-vu"])
    key_hint: str = Field(examples=["par_Zk3f"])
    """How its key begins."""
    expires_at: ShownInstant | None
    revoked_at: ShownInstant | None
    last_used_at: ShownInstant | None
    """To the minute."""
    recorded_at: ShownInstant
    recorded_by: str = Field(examples=["admin"])


class ClientCreated(ClientRead):
    """A new client with its key, which nobody can see again."""

    key: str | None = Field(examples=["par_Zk3f..."])
    """Null where the same request (Idempotency-Key) was answered before."""
