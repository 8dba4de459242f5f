"""Shapes of publications."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.infra.schemas import Code, Day, Instant, LongText, Name, Read, Schema, ShownInstant

Text = Annotated[str, Field(max_length=4000, examples=["Hải Phòng"])]
Number = Annotated[str, Field(pattern=r"^-?\d{1,40}(\.\d{1,20})?$", examples=["91.05"])]
"""A canonical decimal."""
Whole = Annotated[str, Field(pattern=r"^\d{1,60}$")]
Quotient = Annotated[str, Field(pattern=r"^-?\d{1,60}(/[1-9]\d{0,59})?$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Decision(Schema):
    """The decision that announces results."""

    number: Name = Field(examples=["754/QĐ-BNV"])
    issued_on: Day = Field(examples=["2021-06-24"])
    signer: Name = Field(examples=["Bộ trưởng Phạm Thị Thanh Trà"])


class Distinction(Schema):
    """An award that a unit gets with the results."""

    unit: Code
    title_vi: Name = Field(examples=["Đứng đầu cả nước về chỉ số cải cách hành chính"])


class PublicationCreate(Schema):
    """What is said with the results."""

    decision: Decision
    distinctions: list[Distinction] = Field(default=[], max_length=1000)
    release_at: Instant | None = Field(default=None, examples=["2021-06-24T08:00:00+07:00"])
    """Before it only `results:read_unpublished` sees the results; an instant of the past is now.
    Where left out, it is what was said with the approval."""
    reason: LongText | None = None
    """Why a publication supersedes the one before: a correction needs it."""


class Superseded(Schema):
    """The publication that another one takes the place of."""

    id: Text
    sha256: Sha256


class Correction(Schema):
    """What differs from the publication before, and why."""

    unit: Code
    item: Code | None
    """Null: a consequence for the whole index or the rank of the unit."""
    what: Literal["score", "index_percent", "rank"]
    old: Text | None
    new: Text | None
    reason: Text | None


class FrozenRound(Schema):
    """The round of a publication."""

    code: Code
    title_vi: Text
    period: Text
    period_start: Day
    period_end: Day
    previous_round: Code | None


class FrozenGroup(Schema):
    """Units that are ranked among themselves, or only assessed."""

    code: Code
    ranked: bool
    units: list[Code]


class FrozenUnit(Schema):
    """A unit as it was called at the end of the period."""

    name_vi: Text
    jurisdiction: Code


class FrozenInputs(Schema):
    """What the index of a unit rests on: of every item the stage that counts and its points (null: not
    applicable), and the figures that rules read."""

    scores: dict[Code, tuple[Text, Number | None]]
    rates: dict[Text, tuple[Whole, Whole]]
    figures: dict[Text, Quotient]


class PublicationDocument(Schema):
    """Everything that was published, and all that it rests on. RFC 8785 makes its bytes."""

    format: Literal["parindex-publication/1"]
    id: Text
    round: FrozenRound
    engine_version: Text
    decision: Decision
    distinctions: list[Distinction]
    release_at: datetime | None
    supersedes: Superseded | None
    reason: Text | None
    corrections: list[Correction]
    framework: dict[str, Any]
    groups: list[FrozenGroup]
    units: dict[Code, FrozenUnit]
    inputs: dict[Code, FrozenInputs]
    results: dict[Code, dict[str, Any]]
    rankings: dict[Code, dict[str, Any]]
    digests: dict[str, Any]


class PublicationRead(Read):
    """A publication, without its document."""

    id: str = Field(examples=["par-province-2020.1"])
    round: str = Field(examples=["par-province-2020"])
    number: int
    decision: Decision
    release_at: ShownInstant | None
    supersedes: str | None
    superseded_by: str | None
    sha256: str
    """Of the bytes of the document."""
    jws: str
    """Detached signature (RFC 7515, appendix F; RFC 7797) of these bytes as they are."""
    kid: str
    """The key, as /.well-known/jwks.json names it."""
    size: int
    recorded_at: ShownInstant
    recorded_by: str


class Difference(Read):
    """A place of a document that does not say what follows from the rest."""

    pointer: str = Field(examples=["/results/22/areas/1/points"])
    code: str
    message: str


class Verification(Read):
    """What checking a document says."""

    intact: bool
    """The signature is that of a known key, and every number follows from the document."""
    id: str
    sha256: str
    signature: Literal["valid", "invalid", "missing", "key_unknown"]
    kid: str | None
    is_published_here: bool
    """The same bytes were published by this service."""
    superseded_by: str | None
    differences: list[Difference]


class JwkSet(Read):
    """Public keys (RFC 7517)."""

    keys: list[dict[str, Any]] = Field(
        examples=[[{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]]
    )
