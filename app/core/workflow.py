"""The round as a state machine: which step may follow, and who may still write.

Source: the yearly procedure of the Ministry of Home Affairs (tự chấm, thẩm định, giải trình, thẩm định
lần 2, phê duyệt, công bố); a framework says whether giải trình and thẩm định lần 2 belong to its process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from app.core.errors import Fault
from app.core.framework import Framework, Process, unbounded_items
from app.core.scoring import WRITABLE_STAGES
from app.core.types import Need, ResultStatus, RoundState, SheetState, Stage

UNIT_STAGES = frozenset({Stage.SELF, Stage.EXPLANATION})
"""The stages that the scored unit writes itself: only these are locked by a deadline or a submission."""
UNIT_STATES = frozenset({RoundState.SELF_ASSESSMENT, RoundState.EXPLANATION})
"""The states in which the scored unit writes, submits, and gets its sheet back."""
PHASES = (
    RoundState.SELF_ASSESSMENT,
    RoundState.APPRAISAL,
    RoundState.EXPLANATION,
    RoundState.FINAL_APPRAISAL,
)
"""The states that may have a deadline, in the order of the process."""
SETTLED_STATES = frozenset({RoundState.APPROVED, RoundState.PUBLISHED})
"""Nobody may write."""
FINAL_STATES = SETTLED_STATES | {RoundState.CORRECTION}
"""The states after approval: results are public, and no longer moved by figures."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done next; `fault` says why it cannot be done now."""

    name: str
    to: RoundState | None = None
    deadline: datetime | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class SheetStanding:
    """Where the sheet of a unit stands. `open_until`: an extension, whatever the deadline."""

    state: SheetState = SheetState.OPEN
    open_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a round stands."""

    state: RoundState
    process: Process = field(default_factory=Process)
    deadlines: Mapping[RoundState, datetime] = field(default_factory=dict)

    @property
    def deadline(self) -> datetime | None:
        """The deadline of the phase that runs."""
        return self.deadlines.get(self.state)


def may_move(process: Process, current: RoundState, to: RoundState) -> bool:
    """Whether a round may go from one state to another."""
    match (current, to):
        case (
            (RoundState.DRAFT, RoundState.SELF_ASSESSMENT)
            | (RoundState.SELF_ASSESSMENT, RoundState.APPRAISAL)
            | (RoundState.FINAL_APPRAISAL, RoundState.APPROVED)
            | (RoundState.APPROVED, RoundState.PUBLISHED)
            | (RoundState.PUBLISHED, RoundState.CORRECTION)
            | (RoundState.CORRECTION, RoundState.PUBLISHED)
        ):
            legal = True
        case (RoundState.APPRAISAL, RoundState.EXPLANATION):
            legal = process.explanation is not Need.NONE
        case (RoundState.APPRAISAL, RoundState.FINAL_APPRAISAL):
            legal = process.explanation is not Need.REQUIRED and process.final_appraisal is not Need.NONE
        case (RoundState.APPRAISAL, RoundState.APPROVED):
            legal = Need.REQUIRED not in (process.explanation, process.final_appraisal)
        case (RoundState.EXPLANATION, RoundState.FINAL_APPRAISAL):
            legal = process.final_appraisal is not Need.NONE
        case (RoundState.EXPLANATION, RoundState.APPROVED):
            legal = process.final_appraisal is not Need.REQUIRED
        case _:
            legal = False
    return legal


def next_states(process: Process, current: RoundState) -> list[RoundState]:
    """Where a round may go from a state, in the order of the process."""
    return [to for to in RoundState if may_move(process, current, to)]


def refuse_move(standing: Standing, to: RoundState) -> Fault | None:
    """Why a round may not go to a state; None where it may."""
    if may_move(standing.process, standing.state, to):
        return None
    allowed = ", ".join(next_states(standing.process, standing.state)) or "-"
    return Fault("transition_not_allowed", "/to", {"state": standing.state, "allowed": allowed})


def refuse_opening(framework: Framework, published: bool, has_units: bool) -> Fault | None:
    """Why a draft cannot be opened yet; None where it can."""
    if not published:
        return Fault("framework_not_published", "", {"framework": framework.reference})
    items = unbounded_items(framework)
    if items:
        params = {"framework": framework.reference, "items": ", ".join(items)}
        return Fault("framework_items_unbounded", "", params)
    return None if has_units else Fault("round_without_units")


def status_of(state: RoundState, self_scores_only: bool = False) -> ResultStatus:
    """How far a result can be relied on; one that rests on self scores alone stays provisional."""
    if state not in FINAL_STATES or self_scores_only:
        return ResultStatus.PROVISIONAL
    return ResultStatus.APPROVED if state is RoundState.APPROVED else ResultStatus.PUBLISHED


def check_deadlines(deadlines: Mapping[RoundState, datetime | None]) -> list[Fault]:
    """What is wrong with deadlines: each phase ends after the one before; None is no deadline."""
    given = [(phase, at) for phase in PHASES if (at := deadlines.get(phase)) is not None]
    return [
        Fault("deadlines_not_ascending", f"/deadlines/{phase}", {"phase": phase, "before": earlier})
        for (earlier, previous), (phase, at) in pairwise(given)
        if at <= previous
    ]


def unit_deadline(standing: Standing, sheet: SheetStanding) -> datetime | None:
    """Until when the unit may write: the deadline of the phase, or its own extension where that is later."""
    if standing.deadline is None or sheet.open_until is None:
        return standing.deadline
    return max(standing.deadline, sheet.open_until)


def refuse_unit(standing: Standing, sheet: SheetStanding, now: datetime) -> Fault | None:
    """Why the unit may not write its side of the sheet now; None where it may."""
    if sheet.state is SheetState.SUBMITTED:
        return Fault("sheet_submitted", "", {"state": standing.state})
    deadline = unit_deadline(standing, sheet)
    if deadline is not None and now > deadline:
        return Fault("deadline_passed", "", {"state": standing.state, "deadline": deadline.isoformat()})
    return None


def refuse_return(
    standing: Standing, sheet: SheetStanding, until: datetime | None, now: datetime
) -> Fault | None:
    """Why a sheet cannot be given back to its unit; None where it can.

    A sheet goes back after it was submitted, or (to give one unit more time) after the deadline passed.
    """
    if standing.state not in UNIT_STATES:
        return Fault("sheet_not_in_units_hands", "", {"state": standing.state})
    if refuse_unit(standing, sheet, now) is None:
        return Fault("sheet_not_submitted", "", {})
    if until is not None and until <= now:
        return Fault("until_in_the_past", "/until", {})
    if until is None and standing.deadline is not None and now > standing.deadline:
        return Fault("until_needed", "/until", {"deadline": standing.deadline.isoformat()})
    return None


def round_actions(standing: Standing, blocks: Mapping[RoundState, Fault]) -> list[Action]:
    """The move to each other state: allowed, or why not. `blocks`: what stands against a legal move."""
    return [
        Action("move", to, standing.deadlines.get(to), refuse_move(standing, to) or blocks.get(to))
        for to in RoundState
        if to is not standing.state
    ]


def sheet_actions(standing: Standing, sheet: SheetStanding, now: datetime) -> list[Action]:
    """What can be done with the sheet of a unit: writing each stage, submitting, returning."""
    ours = refuse_unit(standing, sheet, now)
    deadline = unit_deadline(standing, sheet)
    actions = []
    for stage in Stage:
        if stage is Stage.STATISTIC:
            continue
        fault = refuse_stage(standing.state, stage) or (ours if stage in UNIT_STAGES else None)
        shown = None if fault and fault.code == "stage_closed" else deadline
        actions.append(Action(f"write_{stage}", None, shown, fault))
    closed = Fault("sheet_not_in_units_hands", "", {"state": standing.state})
    submit = ours if standing.state in UNIT_STATES else closed
    actions.append(Action("submit", None, deadline if submit is not closed else None, submit))
    back = refuse_return(standing, sheet, None, now)
    if back is not None and back.code == "until_needed":
        back = None
    return [*actions, Action("return", None, None, back)]


def refuse_stage(state: RoundState, stage: Stage) -> Fault | None:
    """Why no score of a stage is taken in a state; None where some are."""
    if stage in WRITABLE_STAGES[state]:
        return None
    states = ", ".join(s for s in RoundState if stage in WRITABLE_STAGES[s])
    return Fault("stage_closed", "", {"stage": stage, "state": state, "states": states})
