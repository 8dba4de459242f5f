"""Shapes of scores."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    with_config,
)
from typing_extensions import TypedDict

from app.core.errors import Fault
from app.features.evidence.schemas import Evidence
from app.features.rounds.schemas import NextAction
from app.infra.config import MAX_BATCH_ROWS
from app.infra.problems import FaultError, faults_of
from app.infra.schemas import Code, LongText, PointsValue, Read, Schema

WritableStage = Literal["self", "appraisal", "explanation", "final_appraisal", "survey", "final"]


class ScoreWrite(Schema):
    """One score of one item, without its place."""

    stage: WritableStage = Field(examples=["appraisal"])
    points: PointsValue | None = None
    """Null with `not_applicable`, and for an explanation, whose text is the reason; null with a reason alone
    withdraws the score."""
    not_applicable: bool = False
    """The item's maximum leaves the denominator."""
    reason: LongText | None = None
    evidence: list[Evidence] = Field(default=[], max_length=50)


@with_config(ConfigDict(extra="forbid", title="ScoreCreate", use_attribute_docstrings=True))
class ScoreCreate(TypedDict):
    """One score of one item of one unit. A dictionary, because batches are large."""

    unit: Annotated[Code, Field(examples=["22"])]
    item: Annotated[Code, Field(examples=["appraisal"])]
    stage: Annotated[WritableStage, Field(examples=["appraisal"])]
    points: NotRequired[PointsValue | None]
    not_applicable: NotRequired[bool]
    reason: NotRequired[LongText | None]
    evidence: NotRequired[Annotated[list[Evidence], Field(max_length=50)]]


class BadRows(list[Any]):
    """Rows of which some are malformed: None stands for each of these, and `faults` says why."""

    faults: list[Fault]


_row = TypeAdapter(ScoreCreate)


def _rows_or_faults(rows: object, handler: ValidatorFunctionWrapHandler) -> list[Any]:
    """All rows at once or, where one is malformed, row by row, so that every bad row is named together."""
    if isinstance(rows, list) and len(rows) > MAX_BATCH_ROWS:
        raise FaultError("too_many_rows", count=len(rows), limit=MAX_BATCH_ROWS)
    try:
        return list(handler(rows))
    except ValidationError:
        if not isinstance(rows, list):
            raise
    checked = BadRows()
    checked.faults = []
    for index, row in enumerate(rows):
        try:
            checked.append(_row.validate_python(row))
        except ValidationError as error:
            checked.append(None)
            checked.faults += faults_of(error, row, f"/scores/{index}")
    return checked


class ScoreBatch(BaseModel):
    """Scores of any units and items; all are taken or none."""

    model_config = ConfigDict(extra="forbid")

    scores: Annotated[list[ScoreCreate], WrapValidator(_rows_or_faults)]


class BatchResult(Read):
    """What a batch did."""

    accepted: int = Field(examples=[40])
    """Scores that were written."""
    unchanged: int = Field(examples=[0])
    """Scores that stood already as they were sent."""
    revisions: dict[str, int] = Field(examples=[{"22": 7}])
    """The sheet revision of each unit of the batch."""
    actions: list[NextAction]
    """What can be done next: with the sheet where the batch is of one unit, else with the round."""


class ScoreRead(Read):
    """One score as it stands."""

    round: str = Field(examples=["par-province-2020"])
    unit: str = Field(examples=["22"])
    item: str = Field(examples=["appraisal"])
    stage: str = Field(examples=["appraisal"])
    points: float | None = Field(examples=[57.66])
    not_applicable: bool
    reason: str | None
    evidence: list[Evidence]
    revision: int = Field(examples=[7])
    """The sheet revision after the write."""
    actions: list[NextAction]
    """What can be done next with the sheet."""
