"""Shapes of evidence."""

from typing import Annotated, Literal

from pydantic import Field

from app.core.types import Stage
from app.infra.schemas import Day, Name, Read, Schema, ShownInstant

Sha256 = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{64}$",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]
Flag = Literal["several_units", "several_periods"]


class Evidence(Schema):
    """Tài liệu kiểm chứng."""

    title: Name = Field(examples=["Báo cáo kết quả thực hiện kế hoạch CCHC năm 2021"])
    issued_by: Name | None = None
    number: Name | None = Field(default=None, examples=["123/BC-UBND"])
    issued_on: Day | None = None
    url: Annotated[str, Field(pattern=r"^https?://\S{1,500}$")] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Digest of the file: of one uploaded here, or of one kept elsewhere."""


class EvidenceFileRead(Read):
    """An uploaded file. Cite it by its `sha256`."""

    sha256: Sha256
    unit: str = Field(examples=["22.so-noi-vu"])
    name: str = Field(examples=["Báo cáo CCHC 2021.pdf"])
    """As its sender called it, for people alone."""
    media_type: str = Field(examples=["application/pdf"])
    """By its content."""
    size: int = Field(examples=[48213])
    """Bytes."""
    url: str = Field(examples=["/v1/evidence/files/9f86...0a08?unit=22.so-noi-vu"])
    recorded_at: ShownInstant


class EvidenceUse(Read):
    """A score that relies on a document."""

    round: str = Field(examples=["par-province-2021"])
    unit: str = Field(examples=["24"])
    period: str = Field(examples=["2021"])
    item: str = Field(examples=["appraisal"])
    stage: Stage
    revision: int = Field(examples=[1])
    """Of the sheet, when the score was written."""
    current: bool = Field(examples=[True])
    """False where a later score of the same item and stage replaced it."""


class EvidenceRead(Read):
    """A document, and the scores that rely on it: those that the caller may see, and no others."""

    code: str = Field(examples=["5f1d7a84db00d2fce00b31a7fc73224f"])
    title: str = Field(examples=["Báo cáo kết quả thực hiện kế hoạch CCHC năm 2021"])
    issued_by: str | None = Field(examples=["UBND tỉnh Bắc Giang"])
    number: str | None = Field(examples=["123/BC-UBND"])
    issued_on: Day | None
    url: str | None
    sha256: str | None
    stored: bool = Field(examples=[False])
    """Whether its file was uploaded here, by a unit that the caller may see."""
    uses: list[EvidenceUse]
    flags: list[Flag] = Field(examples=[[]])
    """The same file (without a digest: the same citation) serves several units, or several periods."""
